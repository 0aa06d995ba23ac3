// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The 64-bit priorities of the traditional_compatible and expressions flavors (facts of proxy, section 2.3).
///
/// Kong shifts most terms as 32-bit numbers, and a sign fills the upper half: a term that reaches bit 31 outranks
/// everything that does not. Traffic that migrates rests on the order that comes of it, not on the one that was meant.
extension RuleRank {
  /// For an HTTP route whose paths are all regular expressions or all of one length.
  init(compatible route: RouteDefinition, paths: [String], id: EntityID) {
    var priority = Self.shifted(Self.fieldCount(route, hasPaths: !paths.isEmpty), by: 29)
    let hasWildcard = route.hosts.contains { $0.utf8.contains(UInt8(ascii: "*")) }
    if !route.hosts.isEmpty, !hasWildcard { priority |= Self.plainHosts }
    priority |= Self.shifted(min(route.headers.count, 255), by: 20)
    if let first = paths.first {
      if first.utf8.first == UInt8(ascii: "~") {
        priority |= Self.regexPath
        priority |= Self.shifted(route.regexPriority, by: 19)
      } else {
        priority |= UInt64(first.utf8.count & 0x7FFFF)
      }
    }
    self.init(primary: priority, secondary: 0, id: id)
  }

  /// How many kinds of fields a route asks for.
  static func fieldCount(_ route: RouteDefinition, hasPaths: Bool) -> Int {
    let given: InlineArray<7, Bool> = [
      !route.methods.isEmpty, !route.hosts.isEmpty, !route.headers.isEmpty, hasPaths,
      !route.snis.isEmpty, !route.sources.isEmpty, !route.destinations.isEmpty,
    ]
    var count = 0
    for index in given.indices where given[index] { count += 1 }
    return count
  }

  /// Hosts are given and none has a wildcard.
  static let plainHosts: UInt64 = 1 << 60
  /// The paths are regular expressions.
  static let regexPath: UInt64 = 1 << 51

  /// A shift of 32 bits whose sign fills the upper half.
  static func shifted(_ value: Int, by bits: Int) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value &<< bits)))
  }

  /// For a route of the stream subsystem: server names, then how exact its networks are.
  init(compatibleStream route: RouteDefinition) {
    var priority: UInt64 = 0
    let hasNetworks = !route.sources.isEmpty && !route.destinations.isEmpty
    if !route.snis.isEmpty || hasNetworks { priority = 1 << 61 }
    priority |= Self.weight(route.sources) << 4 | Self.weight(route.destinations)
    self.init(primary: priority, secondary: 0, id: route.id)
  }

  /// For a route with an expression.
  init(expression route: RouteDefinition) {
    self.init(primary: 0xFF << 56 | route.priority, secondary: 0, id: route.id)
  }

  private static func weight(_ networks: [RouteNetwork]) -> UInt64 {
    networks.reduce(0) { weight, network in
      var weight = weight
      if let ip = network.ip { weight |= ip.contains("/") ? 1 : 8 }
      if network.port != nil { weight |= 4 }
      return weight
    }
  }
}
