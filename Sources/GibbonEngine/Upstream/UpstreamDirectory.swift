// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO

/// Where requests of each service go, as one loop knows it: names resolved to peers, peers with their
/// pools. Peers outlive snapshots, so a reload keeps warm connections.
///
/// Confined to its loop.
final class UpstreamDirectory {
  private let loop: EventLoop
  private let resolver: Resolver
  var settings: UpstreamSettings
  private var services: [EndpointSet?] = []
  private var hosts: [UpstreamEndpoint: HostAddresses] = [:]
  private var peers: [SocketAddress: Peer] = [:]

  /// Hosts and peers remembered beyond those the services need, before unused ones are dropped.
  private static let spareEntries = 1024

  enum Pick {
    /// And the `Host` of that endpoint.
    case peer(Peer, host: [UInt8])
    /// The exchange is told by `hostResolved()`.
    case waiting
    case failed(GatewayError, reason: String)
  }

  init(loop: EventLoop, resolver: Resolver, settings: UpstreamSettings) {
    self.loop = loop
    self.resolver = resolver
    self.settings = settings
  }

  /// A new snapshot. What is known of services that it shares with the last one stays, turns included; a slot that
  /// means another service now is told by the service it was made for.
  func use(serviceSlots: Int) {
    self.changeServices { services in
      if serviceSlots < services.count {
        services.removeLast(services.count - serviceSlots)
      } else if serviceSlots > services.count {
        services.append(contentsOf: repeatElement(nil, count: serviceSlots - services.count))
      }
    }
    self.dropUnused()
  }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func changeServices(_ change: (inout [EndpointSet?]) -> Void) {
    var services: [EndpointSet?] = []
    swap(&services, &self.services)
    change(&services)
    swap(&services, &self.services)
  }

  private func dropUnused() {
    guard self.hosts.count + self.peers.count > UpstreamDirectory.spareEntries + 2 * self.services.count else { return }
    self.hosts = self.hosts.filter { $0.value.isWaitedFor }
    self.peers = self.peers.filter { $0.value.idleCount > 0 }
  }

  /// The next peer for a request of this service.
  func pick(_ service: ServiceRuntime, for exchange: Exchange) -> Pick {
    guard service.slot < self.services.count else {
      // The request began with an older snapshot.
      return self.pick(from: self.makeSet(service.endpoints), for: exchange)
    }
    if let known = self.services[service.slot], known.service === service {
      return self.pick(from: known, for: exchange)
    }
    let made = self.makeSet(service.endpoints)
    made.service = service
    self.changeServices { $0[service.slot] = made }
    return self.pick(from: made, for: exchange)
  }

  /// The next peer of one host, for a plugin that chose it.
  func pick(host: String, port: UInt16, for exchange: Exchange) -> Pick {
    // The name may come from a request: what is remembered of such names has a bound.
    self.dropUnused()
    return self.pick(from: self.makeSet([UpstreamEndpoint(host: host, port: port)]), for: exchange)
  }

  private func makeSet(_ endpoints: [UpstreamEndpoint]) -> EndpointSet {
    EndpointSet(
      endpoints.filter { $0.weight > 0 }.map { endpoint in
        let unweighted = UpstreamEndpoint(host: endpoint.host, port: endpoint.port, weight: 1)
        if let known = self.hosts[unweighted] { return (known, endpoint.weight) }
        let host = HostAddresses(host: endpoint.host, port: endpoint.port)
        self.hosts[unweighted] = host
        return (host, endpoint.weight)
      })
  }

  private func pick(from set: EndpointSet, for exchange: Exchange) -> Pick {
    guard let host = set.next() else { return .failed(.noPeer, reason: "no endpoint with a weight") }
    if let peer = self.peer(of: host) { return .peer(peer, host: host.hostHeader) }
    // One that was resolved before, in vain, must not hold up or fail its share: another one takes it.
    if !host.isResolving || !host.failure.isEmpty {
      for other in set.hosts where other !== host {
        if let peer = self.peer(of: other) { return .peer(peer, host: other.hostHeader) }
      }
    }
    guard let resolving = host.isResolving ? host : set.hosts.first(where: \.isResolving) else {
      return .failed(.nameResolution, reason: "\(host.host) could not be resolved: \(host.failure)")
    }
    resolving.waiting.append((exchange, exchange.generation))
    return .waiting
  }

  private func peer(of host: HostAddresses) -> Peer? {
    if host.mustResolve(now: self.loop.now) { self.resolve(host) }
    return host.nextPeer(now: self.loop.now, staleTime: UInt64(self.settings.staleAddressTime))
  }

  private func resolve(_ host: HostAddresses) {
    host.isResolving = true
    if let literal = IPAddress(host.host.filter { $0 != "[" && $0 != "]" }) {
      return self.finish(host, DNSAnswer(outcome: .addresses([literal]), expiresAt: .max))
    }
    // Safety: the host and this directory are touched on the loop only: either before `resolve`
    // returns, or in a job of the loop's own.
    nonisolated(unsafe) let confined = (directory: self, host: host)
    let handle = self.loop.handle
    let inline = InlineAnswer()
    self.resolver.resolve(host.host) { answer in
      if inline.deliver(answer) { return }
      handle.execute { _ in unsafe confined.directory.finish(confined.host, answer) }
    }
    if let answer = inline.close() { self.finish(host, answer) }
  }

  private func finish(_ host: HostAddresses, _ answer: DNSAnswer) {
    host.isResolving = false
    switch answer.outcome {
    case .addresses(let addresses):
      host.use(addresses.map { self.peer(at: .internet($0, port: host.port)) }, until: answer.expiresAt)
    case .failed(let reason):
      // Whoever waits for the answer must see it, also when it may not be remembered at all.
      host.failed(reason, until: max(answer.expiresAt, self.loop.now &+ 1000))
    }
    let waiting = host.waiting
    host.waiting = []
    for (exchange, generation) in waiting { exchange.hostResolved(generation: generation) }
  }

  private func peer(at address: SocketAddress) -> Peer {
    if let known = self.peers[address] { return known }
    let peer = Peer(address: address)
    self.peers[address] = peer
    return peer
  }
}
