// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
public import GibbonCore
internal import GibbonModel

/// How an upstream is on this node, for people and for metrics.
public struct UpstreamHealth: Sendable {
  public enum Health: String, Sendable, CaseIterable {
    case healthy = "HEALTHY"
    case unhealthy = "UNHEALTHY"
    case healthchecksOff = "HEALTHCHECKS_OFF"
    case dnsError = "DNS_ERROR"
  }

  public struct Weight: Sendable, Hashable {
    public var total = 0
    public var unavailable = 0
    public var available: Int { self.total - self.unavailable }
  }

  public struct Address: Sendable {
    /// IPv6 in brackets.
    public let ip: String
    public let port: Int
    public let weight: Int
    public let health: Health
  }

  public struct Target: Sendable {
    public let id: EntityID
    public let text: String
    public let host: String
    public let port: Int
    /// As configured.
    public let nodeWeight: Int
    /// A kind of record, or why there is none.
    public let dns: String
    public let weight: Weight
    public let addresses: [Address]
    public let health: Health
    /// Why it gets requests or not, for people.
    public let reason: String
  }

  public let id: EntityID
  public let name: String
  public let algorithm: String
  public let hasHealthChecks: Bool
  /// Of the whole.
  public let isHealthy: Bool
  public let weight: Weight
  public let targets: [Target]
}

extension UpstreamHealth {
  init(_ view: BalancerView) {
    let upstream = view.runtime.entity
    self.id = upstream.id
    self.name = upstream.name
    self.algorithm = upstream.algorithm.rawValue
    self.hasHealthChecks = view.runtime.hasHealthChecks
    self.isHealthy = view.table.isHealthy
    self.weight = Weight(total: view.table.totalWeight, unavailable: view.table.unavailableWeight)
    self.targets = view.targets.map { Target($0, in: view) }
  }
}

extension UpstreamHealth.Target {
  fileprivate init(_ state: BalancerView.TargetState, in view: BalancerView) {
    self.id = state.target.id
    self.text = state.target.text
    self.host = state.target.host
    self.port = Int(state.target.port)
    self.nodeWeight = state.target.weight
    self.dns = state.dns
    self.reason = view.reason(state)
    var weight = UpstreamHealth.Weight()
    self.addresses = state.entries.map { index in
      let entry = view.table.entries[index]
      let isAvailable = entry.address.isAvailable
      weight.total += entry.weight
      if !isAvailable { weight.unavailable += entry.weight }
      let ip = entry.address.key.ip
      let health: UpstreamHealth.Health =
        !view.runtime.hasHealthChecks || entry.weight == 0 ? .healthchecksOff : isAvailable ? .healthy : .unhealthy
      return UpstreamHealth.Address(
        ip: ip.isV6 ? "[\(ip)]" : "\(ip)", port: Int(entry.address.key.port), weight: entry.weight, health: health)
    }
    self.weight = weight
    let all = Set(self.addresses.map(\.health))
    self.health =
      all.isEmpty
      ? .dnsError : all.contains(.healthy) ? .healthy : all.contains(.unhealthy) ? .unhealthy : .healthchecksOff
  }
}

/// What became of the wish to set a target's health.
public enum HealthSetting: Sendable, Hashable {
  case done
  case noUpstream
  case noTarget
  /// The upstream has no health checks.
  case noHealthChecks(upstream: String)
}

extension Engine {
  /// nil for an upstream that there is not.
  public func health(ofUpstream id: EntityID) -> UpstreamHealth? {
    self.upstreams.balancer(id).map { UpstreamHealth($0.view) }
  }

  /// Of all upstreams, in the order of their names.
  public var upstreamHealth: [UpstreamHealth] {
    self.upstreams.all.map { UpstreamHealth($0.view) }.sorted { $0.name < $1.name }
  }

  /// Sets the health of a target's addresses on this node.
  ///
  /// - Parameter address: one of them, `ip` or `ip:port`; all when it is nil or the target's own host.
  public func setHealth(
    ofUpstream id: EntityID, target text: String, address: String?, isHealthy: Bool
  ) -> HealthSetting {
    guard let balancer = self.upstreams.balancer(id) else { return .noUpstream }
    let view = balancer.view
    guard view.runtime.hasHealthChecks else { return .noHealthChecks(upstream: view.runtime.entity.name) }
    guard let state = view.targets.first(where: { $0.target.text == text }) else { return .noTarget }
    var addresses = state.entries.map { view.table.entries[$0].address }
    if let address, address != state.target.host, address != state.target.text {
      addresses.removeAll { !Self.names(address, $0) }
      if addresses.isEmpty { return .noTarget }
    }
    balancer.force(isHealthy ? .healthy : .unhealthy, of: addresses)
    return .done
  }

  private static func names(_ text: String, _ address: TargetAddress) -> Bool {
    let ip = address.key.ip
    let shown = ip.isV6 ? "[\(ip)]" : "\(ip)"
    if [shown, "\(shown):\(address.key.port)"].contains(text) { return true }
    let bare = text.utf8.filter { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }
    return IPAddress(String(decoding: bare, as: UTF8.self)) == ip
  }
}
