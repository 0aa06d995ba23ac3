// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A host name or IP address with an optional port, as a user writes it: `name`, `name:80`, `1.2.3.4`,
/// `1.2.3.4:80`, `::1`, `[::1]:80`.
public struct HostAddress: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case ipv4, ipv6, name
  }

  public enum ParseError: Error, Sendable, Hashable {
    /// Neither a host name nor an address; the text says which it looked like.
    case malformed(String)
    case invalidPort
  }

  public let kind: Kind
  /// The name as given, or the address in one normal form: IPv4 without leading zeros, IPv6 in full lower
  /// case without brackets.
  public let host: String
  public let port: Int?

  public static func parse(_ text: String) -> Result<HostAddress, ParseError> {
    let bytes = Array(text.utf8)
    let colons = bytes.count { $0 == UInt8(ascii: ":") }
    if colons > 1 { return Self.parseIPv6(text, bytes) }
    let looksNumeric =
      !bytes.isEmpty && bytes.allSatisfy { $0.isASCIIDigit || $0 == 0x2E || $0 == 0x3A }
      && bytes.contains { $0 != 0x3A }
    return looksNumeric ? Self.parseIPv4(text, bytes) : Self.parseName(text, bytes)
  }

  /// The host and port as one text, IPv6 in brackets.
  public func text(defaultPort: Int) -> String {
    let host = self.kind == .ipv6 ? "[\(self.host)]" : self.host
    return "\(host):\(self.port ?? defaultPort)"
  }

  private static func parseIPv4(_ text: String, _ bytes: [UInt8]) -> Result<HostAddress, ParseError> {
    let error = ParseError.malformed("invalid ipv4 address: \(text)")
    let halves = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
    let labels = halves[0].split(separator: 0x2E, omittingEmptySubsequences: false)
    let octets = labels.compactMap { $0.count <= 3 ? Self.decimal($0) : nil }
    guard labels.count == 4, octets.count == 4, octets.allSatisfy({ $0 <= 255 }) else { return .failure(error) }
    var port: Int?
    if halves.count == 2 {
      guard !halves[1].isEmpty else { return .failure(error) }
      guard let number = Self.decimal(halves[1]), number <= 65535 else { return .failure(.invalidPort) }
      port = number
    }
    let host = octets.map(String.init).joined(separator: ".")
    return .success(HostAddress(kind: .ipv4, host: host, port: port))
  }

  private static func parseIPv6(_ text: String, _ bytes: [UInt8]) -> Result<HostAddress, ParseError> {
    let error = ParseError.malformed("invalid ipv6 address: \(text)")
    var address = bytes[...]
    var port: Int?
    if bytes.first == UInt8(ascii: "[") {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return .failure(error) }
      address = bytes[1..<end]
      let rest = bytes[(end + 1)...]
      if let first = rest.first {
        guard first == 0x3A, rest.dropFirst().allSatisfy(\.isASCIIDigit), rest.count > 1 else {
          return .failure(.malformed("invalid ipv6 address"))
        }
        guard let number = Self.decimal(rest.dropFirst()), number <= 65535 else { return .failure(.invalidPort) }
        port = number
      }
    }
    guard let groups = Self.groups(address) else { return .failure(error) }
    let host = groups.map { group in
      let text = String(group, radix: 16)
      return String(repeating: "0", count: 4 - text.count) + text
    }
    return .success(HostAddress(kind: .ipv6, host: host.joined(separator: ":"), port: port))
  }

  /// The eight groups of an IPv6 address, of which one run of zeros may be written `::`.
  private static func groups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
    var parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count >= 3 else { return nil }
    // A colon at an end is only right as half of `::`.
    if parts[0].isEmpty {
      guard parts[1].isEmpty else { return nil }
      parts.removeFirst()
    }
    if let last = parts.last, last.isEmpty, parts.count >= 2, parts[parts.count - 2].isEmpty { parts.removeLast() }
    let gaps = parts.count(where: \.isEmpty)
    guard gaps <= 1, gaps == 1 ? parts.count <= 8 : parts.count == 8 else { return nil }
    var groups: [UInt16] = []
    for part in parts {
      if part.isEmpty {
        groups.append(contentsOf: Array(repeating: 0, count: 9 - parts.count))
        continue
      }
      guard part.count <= 4, let group = Self.hexadecimal(part) else { return nil }
      groups.append(group)
    }
    return groups.count == 8 ? groups : nil
  }

  private static func parseName(_ text: String, _ bytes: [UInt8]) -> Result<HostAddress, ParseError> {
    let error = ParseError.malformed("invalid hostname: \(text)")
    var name = bytes[...]
    var port: Int?
    if let colon = bytes.lastIndex(of: 0x3A), colon + 1 < bytes.count,
      bytes[(colon + 1)...].allSatisfy(\.isASCIIDigit)
    {
      guard let number = Self.decimal(bytes[(colon + 1)...]), number <= 65535 else { return .failure(.invalidPort) }
      port = number
      name = bytes[..<colon]
    }
    let isPlain = name.allSatisfy {
      $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") || $0 == 0x2E || $0 == UInt8(ascii: "_")
    }
    guard !name.isEmpty, isPlain else { return .failure(error) }
    let labels = name.split(separator: 0x2E, omittingEmptySubsequences: false)
    for (index, label) in labels.enumerated() {
      // A trailing dot is that of a fully qualified name.
      if label.last == UInt8(ascii: "-") || (label.isEmpty && index != labels.count - 1) { return .failure(error) }
    }
    return .success(HostAddress(kind: .name, host: String(decoding: name, as: UTF8.self), port: port))
  }

  /// Digits as a number; nil beyond nine of them.
  private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 9, digits.allSatisfy(\.isASCIIDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
    var value: UInt16 = 0
    for byte in digits {
      guard let digit = byte.hexDigitValue else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
