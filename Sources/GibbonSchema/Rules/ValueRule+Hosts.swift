// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension ValueRule {
  /// A host name or IP address without a port.
  public static let host = ValueRule("host", text: Self.hostViolation)

  public static let hostWithOptionalPort = ValueRule(
    "host_with_optional_port", text: Self.hostWithOptionalPortViolation)

  /// A host name, not an address, without a port.
  public static let sni = ValueRule("sni", text: Self.sniViolation)

  /// Like `sni`, with at most one `*`, as the first or last character.
  public static let wildcardHost = ValueRule("wildcard_host") { text in
    let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
    guard stars > 0 else { return Self.sniViolation(of: text) }
    let atEdge = text.utf8.first == UInt8(ascii: "*") || text.hasSuffix("*")
    // Kong looks at the first star only for the place, then counts.
    if text.utf8.first != UInt8(ascii: "*"), !(atEdge && stars == 1) {
      return "wildcard must be leftmost or rightmost character"
    }
    if stars > 1 { return "only one wildcard must be specified" }
    return Self.sniViolation(of: text.replacingStars(by: "wildcard"))
  }

  /// A route's host: a wildcard label stands for a name.
  public static let routeHost = ValueRule("host_with_wildcards") { text in
    Self.hostWithOptionalPortViolation(of: text.replacingStars(by: "abc"))
  }

  public static let ip = ValueRule("ip") { text in
    IPRange.isAddress(text) ? nil : "not an ip address: \(text)"
  }

  public static let ipOrCIDR = ValueRule("ip_or_cidr") { text in
    IPRange.isAddress(text) || IPRange.isCIDR(text) ? nil : "invalid ip or cidr range: '\(text)'"
  }

  /// An upstream's name: a host name that a service can have.
  public static let upstreamName = ValueRule("upstream_name") { text in
    switch HostAddress.parse(text) {
    case .failure: "Invalid name ('\(text)'); must be a valid hostname"
    case .success(let address) where address.kind != .name: "Invalid name ('\(text)'); no ip addresses allowed"
    case .success(let address) where address.port != nil: "Invalid name ('\(text)'); no port allowed"
    case .success: nil
    }
  }

  /// A target: a host name or address, with an optional port.
  public static let target = ValueRule("target") { text in
    if case .success = HostAddress.parse(text) { return nil }
    return "Invalid target ('\(text)'); not a valid hostname or ip address"
  }

  private static func hostViolation(of text: String) -> String? {
    switch HostAddress.parse(text) {
    case .failure(.malformed): "invalid value: \(text)"
    case .failure(.invalidPort): "must not have a port"
    case .success(let address): address.port == nil ? nil : "must not have a port"
    }
  }

  private static func hostWithOptionalPortViolation(of text: String) -> String? {
    switch HostAddress.parse(text) {
    case .failure(.malformed(let message)): message
    case .failure(.invalidPort): "invalid port number"
    case .success: nil
    }
  }

  private static func sniViolation(of text: String) -> String? {
    switch HostAddress.parse(text) {
    case .failure(.malformed): "invalid value: \(text)"
    case .failure(.invalidPort): "must not have a port"
    case .success(let address) where address.kind != .name: "must not be an IP"
    case .success(let address): address.port == nil ? nil : "must not have a port"
    }
  }
}

extension String {
  fileprivate func replacingStars(by word: String) -> String {
    guard self.utf8.contains(UInt8(ascii: "*")) else { return self }
    return self.split(separator: "*", omittingEmptySubsequences: false).joined(separator: word)
  }
}

/// Texts that are IP addresses and ranges in CIDR form.
enum IPRange {
  static func isAddress(_ text: String) -> Bool {
    guard case .success(let address) = HostAddress.parse(text), address.port == nil else { return false }
    return address.kind != .name && text.utf8.first != UInt8(ascii: "[")
  }

  static func isCIDR(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let bits = Int(parts[1]), parts[1].utf8.allSatisfy(\.isASCIIDigit),
      case .success(let address) = HostAddress.parse(String(parts[0])), address.port == nil,
      parts[0].utf8.first != UInt8(ascii: "[")
    else { return false }
    switch address.kind {
    case .ipv4: return 0...32 ~= bits
    case .ipv6: return 0...128 ~= bits
    case .name: return false
    }
  }
}
