// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO
internal import GibbonModel

/// Where requests of each service go, as one loop knows it: names resolved to peers, peers with their
/// pools. Peers outlive snapshots, so a reload keeps warm connections.
///
/// Confined to its loop.
final class UpstreamDirectory {
  /// Where a service's requests go.
  private final class Place {
    let service: ServiceRuntime
    let host: HostAddresses?
    let balanced: LoopBalancer?

    init(_ service: ServiceRuntime, host: HostAddresses?, balanced: LoopBalancer?) {
      self.service = service
      self.host = host
      self.balanced = balanced
    }
  }

  private let loop: EventLoop
  private let resolver: Resolver
  private let registry: UpstreamRegistry
  var settings: UpstreamSettings
  private var places: [Place?] = []
  private var hosts: [UpstreamEndpoint: HostAddresses] = [:]
  private var peers: [SocketAddress: Peer] = [:]
  private var random = RandomSource()

  /// Hosts and peers remembered beyond those the services need, before unused ones are dropped.
  private static let spareEntries = 1024

  enum Pick {
    /// And the `Host` of that endpoint.
    case peer(Peer, host: [UInt8])
    /// The exchange is told by `hostResolved()`.
    case waiting
    case failed(GatewayError, reason: String)
  }

  init(loop: EventLoop, resolver: Resolver, registry: UpstreamRegistry, settings: UpstreamSettings) {
    self.loop = loop
    self.resolver = resolver
    self.registry = registry
    self.settings = settings
  }

  /// A new snapshot. What is known of services that it shares with the last one stays, turns included; a slot that
  /// means another service now is told by the service it was made for.
  func use(serviceSlots: Int) {
    self.changePlaces { places in
      if serviceSlots < places.count {
        places.removeLast(places.count - serviceSlots)
      } else if serviceSlots > places.count {
        places.append(contentsOf: repeatElement(nil, count: serviceSlots - places.count))
      }
    }
    self.dropUnused()
  }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func changePlaces(_ change: (inout [Place?]) -> Void) {
    var places: [Place?] = []
    swap(&places, &self.places)
    change(&places)
    swap(&places, &self.places)
  }

  private func dropUnused() {
    guard self.hosts.count + self.peers.count > UpstreamDirectory.spareEntries + 2 * self.places.count else { return }
    self.hosts = self.hosts.filter { $0.value.isWaitedFor }
    self.peers = self.peers.filter { !$0.value.isUnused }
  }

  /// The next peer for a request of this service.
  func pick(_ service: ServiceRuntime, for exchange: Exchange) -> Pick {
    let place = self.place(of: service)
    if let balanced = place.balanced { return self.pick(from: balanced, for: exchange) }
    guard let host = place.host else { return .failed(.noPeer, reason: "upstream of '\(service.entity.host)' is gone") }
    return self.pick(from: host, for: exchange)
  }

  private func place(of service: ServiceRuntime) -> Place {
    if service.slot < self.places.count, let known = self.places[service.slot], known.service === service {
      return known
    }
    let made: Place
    if let id = service.upstream {
      made = Place(service, host: nil, balanced: self.registry.balancer(id).map(LoopBalancer.init))
    } else {
      made = Place(service, host: service.endpoints.first.map(self.host), balanced: nil)
    }
    // Not for a request that began with an older snapshot, nor for an upstream that is not there any more.
    if service.slot < self.places.count, made.host != nil || made.balanced != nil {
      self.changePlaces { $0[service.slot] = made }
    }
    return made
  }

  // MARK: Upstreams

  private func pick(from balanced: LoopBalancer, for exchange: Exchange) -> Pick {
    balanced.refresh()
    let view = balanced.view
    let upstream = view.runtime.entity
    let hash = upstream.algorithm == .consistentHashing ? exchange.balancingHash(for: upstream) : 0
    let entry = view.table.pick(
      hash: hash, avoiding: exchange.attempt.balancing.tried, now: self.loop.now, random: &self.random)
    if let entry {
      exchange.attempt.balancing.begin(view.table.entries[entry].address, balanced.balancer, view, now: self.loop.now)
      return .peer(balanced.peer(entry, self.peer), host: view.hostFields[entry])
    }
    if view.isWorthWaitingFor {
      self.wait(for: balanced, exchange)
      return .waiting
    }
    return .failed(.noPeer, reason: "upstream '\(upstream.name)' has no peer: \(view.reasons)")
  }

  private func wait(for balanced: LoopBalancer, _ exchange: Exchange) {
    balanced.waiting.append((exchange, exchange.generation))
    guard !balanced.isAsking else { return }
    balanced.isAsking = true
    // Safety: touched again only in a job of this loop.
    nonisolated(unsafe) let confined = balanced
    let handle = self.loop.handle
    balanced.balancer.wait(after: balanced.view) {
      handle.execute { _ in
        let balanced = unsafe confined
        balanced.isAsking = false
        let waiting = balanced.waiting
        balanced.waiting = []
        for (exchange, generation) in waiting { exchange.hostResolved(generation: generation) }
      }
    }
  }

  // MARK: Hosts

  /// The next peer of one host, for a plugin that chose it.
  func pick(host: String, port: UInt16, for exchange: Exchange) -> Pick {
    // The name may come from a request: what is remembered of such names has a bound.
    self.dropUnused()
    return self.pick(from: self.host(UpstreamEndpoint(host: host, port: port)), for: exchange)
  }

  private func host(_ endpoint: UpstreamEndpoint) -> HostAddresses {
    let unweighted = UpstreamEndpoint(host: endpoint.host, port: endpoint.port, weight: 1)
    if let known = self.hosts[unweighted] { return known }
    let host = HostAddresses(host: endpoint.host, port: endpoint.port)
    self.hosts[unweighted] = host
    return host
  }

  private func pick(from host: HostAddresses, for exchange: Exchange) -> Pick {
    if host.mustResolve(now: self.loop.now) { self.resolve(host) }
    if let next = host.next(now: self.loop.now) { return .peer(next.peer, host: next.hostField) }
    if host.isResolving {
      host.waiting.append((exchange, exchange.generation))
      return .waiting
    }
    return .failed(.nameResolution, reason: "\(host.host) could not be resolved: \(host.failure)")
  }

  private func resolve(_ host: HostAddresses) {
    host.isResolving = true
    if let literal = IPAddress(host.host.filter { $0 != "[" && $0 != "]" }) {
      return self.finish(host, DNSAnswer(outcome: .found([DNSEndpoint(literal)], .a), expiresAt: .max))
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
    case .found(let endpoints, _):
      host.use(endpoints, from: answer, peer: self.peer)
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
