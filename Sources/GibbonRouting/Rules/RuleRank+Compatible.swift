// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The 64-bit priorities of the traditional_compatible and expressions flavors
/// (layout: facts of proxy, section 2.3).
extension RuleRank {
  /// For an HTTP route whose paths are all regular expressions or all of one length.
  init(compatible route: RouteDefinition, paths: [String], id: EntityID) {
    let given: InlineArray<7, Bool> = [
      route.methods.isEmpty, route.hosts.isEmpty, route.headers.isEmpty, paths.isEmpty,
      route.snis.isEmpty, route.sources.isEmpty, route.destinations.isEmpty,
    ]
    var count: UInt64 = 0
    for index in given.indices where !given[index] { count += 1 }
    var priority = count << 61
    let hasWildcard = route.hosts.contains { $0.utf8.contains(UInt8(ascii: "*")) }
    if !route.hosts.isEmpty, !hasWildcard { priority |= 1 << 60 }
    priority |= UInt64(min(route.headers.count, 255)) << 52
    if let first = paths.first {
      if first.hasPrefix("~") {
        priority |= 1 << 51
        priority |= UInt64(UInt32(clamping: route.regexPriority)) << 19
      } else {
        priority |= UInt64(first.utf8.count & 0x7FFFF)
      }
    }
    self.init(primary: priority, secondary: 0, id: id)
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
