// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The order of the traditional flavor as one number pair (facts of proxy, section 2.2).
///
/// Primary, from the top: attributes (3 bits), which ones (7), weight of hosts and path (3), a plain
/// host that names its port (1), headers (8), regex_priority (32). Secondary: plain path length (20),
/// then age, the older the greater (44).
///
/// Kong narrows a category by index before it looks at the order, so that there the sizes of unrelated
/// candidate lists can decide; here only the order does. Equal routes go to the larger id (Kong: by
/// chance). Over plain HTTP, routes with server names are tried only when no other matches.
extension RuleRank {
  init(traditional route: RouteDefinition, path: String?, position: Int) {
    let headers = route.headers.keys.count { HeaderCondition.normalised($0, flavor: .traditional) != "host" }
    var category: UInt64 = 0
    if !route.hosts.isEmpty { category |= 0x40 }
    if headers > 0 { category |= 0x20 }
    if path != nil { category |= 0x10 }
    if !route.methods.isEmpty { category |= 0x08 }
    if !route.snis.isEmpty { category |= 0x04 }
    if !route.sources.isEmpty { category |= 0x02 }
    if !route.destinations.isEmpty { category |= 0x01 }

    let isRegex = path?.utf8.first == UInt8(ascii: "~")
    var primary = UInt64(category.nonzeroBitCount) << 61 | category << 54
    primary |= Self.hostWeight(route.hosts) << 50
    if isRegex { primary |= 1 << 51 }
    primary |= UInt64(min(headers, 255)) << 42
    if isRegex {
      // Negative ones come after 0.
      let priority = UInt32(bitPattern: Int32(clamping: route.regexPriority)) ^ 1 << 31
      primary |= UInt64(priority) << 10
    }

    let length = isRegex ? 0 : min(path?.utf8.count ?? 0, 0xFFFFF)
    let newest = (1 << 44) - 1
    let age = newest - min(max(route.createdAt, 0), newest)
    let part = UInt16.max - UInt16(clamping: position)
    self.init(primary: primary, secondary: UInt64(length) << 44 | UInt64(age), id: route.id, part: part)
  }

  /// Bit 3: a wildcard host names a port; bit 2: hosts are given and none has a wildcard; bit 1 is the
  /// regular expression's; bit 0: a plain host names a port (asked for first when the request has one).
  private static func hostWeight(_ hosts: [String]) -> UInt64 {
    var weight: UInt64 = 0
    let patterns = hosts.map { ($0.contains("*"), HostPattern($0, wildcardIsFilled: true).port != nil) }
    if patterns.contains(where: { $0.0 && $0.1 }) { weight |= 8 }
    if !hosts.isEmpty, !patterns.contains(where: { $0.0 }) { weight |= 4 }
    if patterns.contains(where: { !$0.0 && $0.1 }) { weight |= 1 }
    return weight
  }
}
