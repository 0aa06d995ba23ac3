// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
public import GibbonCore
public import GibbonModel

/// One target of an upstream, as it is configured.
public struct UpstreamTarget: Sendable, Hashable {
  public let id: EntityID
  /// `host:port`
  public let text: String
  /// A name or an address, IPv6 in brackets.
  public let host: String
  public let port: UInt16
  /// 0 gets nothing.
  public let weight: Int
  /// The address, where the host is one.
  let literal: IPAddress?

  /// - Returns: nil for a text that names no port that there is.
  public init?(id: EntityID, text: String, weight: Int) {
    let bytes = Array(text.utf8)
    var host = text
    var port = UInt16(Target.defaultPort)
    let closing = bytes.lastIndex(of: UInt8(ascii: "]"))
    if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), closing.map({ colon > $0 }) ?? true {
      guard let number = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self)) else { return nil }
      host = String(decoding: bytes[..<colon], as: UTF8.self)
      port = number
    }
    self.id = id
    self.text = text
    self.host = host
    self.port = port
    self.weight = weight
    let isBracketed = host.utf8.first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
    self.literal = IPAddress(isBracketed ? host.dropFirst().dropLast() : Substring(host))
  }
}

/// An upstream and its targets, as they are configured. Immutable.
public final class UpstreamRuntime: Sendable {
  public let entity: Upstream
  /// By host and port, as Kong places them on the ring.
  public let targets: [UpstreamTarget]
  let active: HealthRules
  let passive: HealthRules
  /// Health is learnt, one way or another.
  let hasHealthChecks: Bool

  public init(entity: Upstream, targets: [UpstreamTarget]) {
    self.entity = entity
    self.targets = targets.sorted { left, right in
      let (first, second) = (Array(left.host.utf8), Array(right.host.utf8))
      return first == second ? left.port < right.port : first.lexicographicallyPrecedes(second)
    }
    let checks = entity.healthchecks
    self.active = HealthRules(checks.active.healthy, checks.active.unhealthy)
    self.passive = HealthRules(checks.passive.healthy, checks.passive.unhealthy)
    self.hasHealthChecks =
      checks.active.healthy.interval > 0 || checks.active.unhealthy.interval > 0 || self.passive.tcpFailures > 0
      || self.passive.timeouts > 0 || self.passive.httpFailures > 0
  }

  /// Whether addresses are probed.
  var hasActiveChecks: Bool {
    let checks = self.entity.healthchecks.active
    return checks.healthy.interval > 0 || checks.unhealthy.interval > 0
  }

  /// Whether another one would balance in the same way.
  func isSame(as other: UpstreamRuntime) -> Bool {
    self === other || (self.entity == other.entity && self.targets == other.targets)
  }
}

extension HealthRules {
  init(_ healthy: Healthchecks.Healthy, _ unhealthy: Healthchecks.Unhealthy) {
    self.init(
      healthyStatuses: StatusSet(healthy.statuses), unhealthyStatuses: StatusSet(unhealthy.statuses),
      successes: UInt8(clamping: healthy.successes), httpFailures: UInt8(clamping: unhealthy.httpFailures),
      tcpFailures: UInt8(clamping: unhealthy.tcpFailures), timeouts: UInt8(clamping: unhealthy.timeouts))
  }
}

/// The upstreams of a snapshot by their places, in pages: a change copies one page, and what did not change is told by
/// comparing pages.
public struct UpstreamSet: Sendable {
  final class Page: Sendable {
    let upstreams: [UpstreamRuntime?]
    init(_ upstreams: [UpstreamRuntime?]) { self.upstreams = upstreams }
  }

  private static let pageSize = 256

  private(set) var pages: [Page] = []

  public init() {}

  /// The upstream with that id; looks at all.
  public func first(_ id: EntityID) -> UpstreamRuntime? {
    for page in self.pages {
      if let found = page.upstreams.first(where: { $0?.entity.id == id }) { return found }
    }
    return nil
  }

  /// nil empties a place.
  public mutating func set(_ changes: [(place: Int, upstream: UpstreamRuntime?)]) {
    let byPage = Dictionary(grouping: changes.filter { $0.place >= 0 }) { $0.place / Self.pageSize }
    guard let last = byPage.keys.max() else { return }
    while self.pages.count <= last { self.pages.append(Page(Array(repeating: nil, count: Self.pageSize))) }
    for (number, changes) in byPage {
      var upstreams = self.pages[number].upstreams
      for change in changes { upstreams[change.place % Self.pageSize] = change.upstream }
      self.pages[number] = Page(upstreams)
    }
  }

  /// What is there now in place of what: nil for nothing.
  func changes(since old: UpstreamSet) -> [(old: UpstreamRuntime?, new: UpstreamRuntime?)] {
    var changes: [(old: UpstreamRuntime?, new: UpstreamRuntime?)] = []
    for number in 0..<max(self.pages.count, old.pages.count) {
      let before = number < old.pages.count ? old.pages[number] : nil
      let after = number < self.pages.count ? self.pages[number] : nil
      if before === after { continue }
      for index in 0..<Self.pageSize {
        let (left, right) = (before?.upstreams[index], after?.upstreams[index])
        if (left ?? nil) !== (right ?? nil) { changes.append((left ?? nil, right ?? nil)) }
      }
    }
    return changes
  }
}
