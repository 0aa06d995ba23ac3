// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonDNS
internal import GibbonModel

/// Makes a view of an upstream from its configuration and the answers for its names.
struct ViewBuilder {
  private let runtime: UpstreamRuntime
  private let answers: [String: DNSAnswer]
  private var entries: [AddressTable.Entry] = []
  private var hostFields: [[UInt8]] = []
  private var targets: [BalancerView.TargetState] = []

  /// Addresses of one target at most: an answer cannot fill the table.
  private static let addressLimit = 1024

  init(_ runtime: UpstreamRuntime, _ answers: [String: DNSAnswer]) {
    self.runtime = runtime
    self.answers = answers
  }

  /// - Parameter address: the address with that key.
  mutating func build(
    seed: UInt64, now: UInt64, address: (TargetAddress.Key) -> TargetAddress
  ) -> BalancerView {
    for target in self.runtime.targets { self.add(target, address) }
    var plan = AddressTable.Plan()
    let upstream = self.runtime.entity
    plan.algorithm = BalancingAlgorithm(rawValue: upstream.algorithm.rawValue) ?? .roundRobin
    plan.slots = upstream.slots
    plan.threshold = upstream.healthchecks.threshold
    plan.targetCount = self.runtime.targets.count
    plan.seed = seed
    plan.now = now
    return BalancerView(
      self.runtime, AddressTable(self.entries, plan), hostFields: self.hostFields, targets: self.targets)
  }

  private mutating func add(_ target: UpstreamTarget, _ address: (TargetAddress.Key) -> TargetAddress) {
    let start = self.entries.count
    var dns = "A"
    var isResolving = false
    if let literal = target.literal {
      self.add(DNSEndpoint(literal), text: target.host, of: target, address)
      if literal.isV6 { dns = "AAAA" }
    } else if let answer = self.answers[target.host] {
      switch answer.outcome {
      case .failed(let reason): dns = reason
      case .found(let endpoints, let kind):
        dns = kind.rawValue
        for (text, endpoint) in Self.sorted(endpoints, port: target.port).prefix(Self.addressLimit) {
          self.add(endpoint, text: text, of: target, address)
        }
      }
    } else {
      dns = "unknown"
      isResolving = true
    }
    self.targets.append(
      BalancerView.TargetState(
        target: target, dns: dns, isResolving: isResolving, entries: start..<self.entries.count))
  }

  /// In Kong's order, and as Kong writes addresses: IPv6 in brackets, an address of an SRV record by its name.
  private static func sorted(_ endpoints: [DNSEndpoint], port: UInt16) -> [(text: String, endpoint: DNSEndpoint)] {
    var names: [String: Int] = [:]
    for case let name? in endpoints.map(\.name) { names[name, default: 0] += 1 }
    var seen: Set<DNSEndpoint> = []
    let texts = endpoints.filter { seen.insert($0).inserted }.map { endpoint in
      let text = endpoint.address.isV6 ? "[\(endpoint.address)]" : "\(endpoint.address)"
      let name = endpoint.name.flatMap { names[$0] == 1 ? $0 : nil }
      return (text: name ?? text, endpoint: endpoint)
    }
    func key(_ entry: (text: String, endpoint: DNSEndpoint)) -> [UInt8] {
      Array("\(entry.text):\(entry.endpoint.port ?? port)".utf8)
    }
    return texts.sorted { key($0).lexicographicallyPrecedes(key($1)) }
  }

  private mutating func add(
    _ endpoint: DNSEndpoint, text: String, of target: UpstreamTarget,
    _ address: (TargetAddress.Key) -> TargetAddress
  ) {
    let port = endpoint.port ?? target.port
    let known = address(TargetAddress.Key(host: target.host, ip: endpoint.address, port: port))
    let weight = target.weight == 0 ? 0 : endpoint.weight ?? target.weight
    self.entries.append(AddressTable.Entry(known, weight: weight, text: text))
    self.hostFields.append(self.hostField(endpoint, port: port, of: target))
  }

  private func hostField(_ endpoint: DNSEndpoint, port: UInt16, of target: UpstreamTarget) -> [UInt8] {
    let upstream = self.runtime.entity
    if let header = upstream.hostHeader {
      return Array((HostText.hasPort(header) ? header : Self.authority(header, port)).utf8)
    }
    let name = upstream.useSRVName ? endpoint.name : nil
    return Array(Self.authority(name ?? target.host, port).utf8)
  }

  private static func authority(_ host: String, _ port: UInt16) -> String {
    HostText.authority(host, port: port, isEncrypted: false)
  }
}
