// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A field that an expression may ask for.
enum ExpressionField: Sendable, Hashable {
  case scheme, sni
  case method, host, path

  /// One segment of the path, or several joined by `/`, counted from 0.
  case segments(Int, Int)
  case segmentCount
  case header(String)
  case query(String)
  case sourcePort, destinationPort
  case sourceAddress, destinationAddress

  /// Names of hosts: case and a final dot do not count.
  var isHostName: Bool { self == .host || self == .sni }

  enum Kind: Sendable { case text, number, address }

  var kind: Kind {
    switch self {
    case .segmentCount, .sourcePort, .destinationPort: .number
    case .sourceAddress, .destinationAddress: .address
    default: .text
    }
  }

  /// Reads a field's name; connections have only `net.` and `tls.` fields.
  init(_ name: Substring, isStream: Bool) throws(RuleFault) {
    let unknown = RuleFault(String(name), "unknown field '\(name)'")
    switch name {
    case "net.protocol": self = .scheme
    case "tls.sni": self = .sni
    case "net.src.ip": self = .sourceAddress
    case "net.dst.ip": self = .destinationAddress
    case "net.src.port": self = .sourcePort
    // The last is an old name that Kong still rewrites.
    case "net.dst.port", "net.port": self = .destinationPort
    case _ where isStream: throw unknown
    case "http.method": self = .method
    case "http.host": self = .host
    case "http.path": self = .path
    case "http.path.segments.len": self = .segmentCount
    default:
      if let rest = Self.rest(of: name, after: "http.headers.") {
        self = .header(HeaderCondition.normalised(rest, flavor: .expressions))
      } else if let rest = Self.rest(of: name, after: "http.queries.") {
        self = .query(String(rest))
      } else if name.hasPrefix("http.path.segments.") {
        guard let range = Self.segments(name.dropFirst(19)) else {
          throw RuleFault(String(name), "ill-formed segment in '\(name)': expected a number or a range such as 0_2")
        }
        self = .segments(range.0, range.1)
      } else {
        throw unknown
      }
    }
  }

  private static func rest(of name: Substring, after prefix: String) -> Substring? {
    guard name.hasPrefix(prefix) else { return nil }
    let rest = name.dropFirst(prefix.count)
    return rest.isEmpty || rest.contains(".") ? nil : rest
  }

  /// `2`, or `0_2` with the first below the last; no leading zeros.
  private static func segments(_ text: Substring) -> (Int, Int)? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    var numbers: [Int] = []
    for part in parts {
      guard (1...9).contains(part.count), part.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
      guard part.count == 1 || part.first != "0", let number = Int(part) else { return nil }
      numbers.append(number)
    }
    guard parts.count == 2 else { return (numbers[0], numbers[0]) }
    return numbers[0] < numbers[1] ? (numbers[0], numbers[1]) : nil
  }
}
