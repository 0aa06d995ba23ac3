// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The parts of a URL as a user writes it, taken apart as leniently as Kong's library does.
public struct URLParts: Sendable, Hashable {
  public private(set) var scheme: String?
  public private(set) var host: String?
  /// The port as written; it may be no number.
  public private(set) var port: String?
  public private(set) var path: String?
  public private(set) var query: String?

  public init(_ text: String) {
    var rest = text[...]
    if let mark = rest.firstIndex(of: "#") { rest = rest[..<mark] }
    if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
      self.scheme = String(rest[..<colon])
      rest = rest[rest.index(after: colon)...]
    }
    if rest.hasPrefix("//") {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == ";" } ?? rest.endIndex
      self.takeAuthority(rest[..<end])
      rest = rest[end...]
    }
    if let mark = rest.firstIndex(of: "?") {
      self.query = String(rest[rest.index(after: mark)...])
      rest = rest[..<mark]
    }
    if !rest.isEmpty { self.path = String(rest) }
  }

  private static func isScheme(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, first.isASCIILetter else { return false }
    return text.utf8.allSatisfy {
      $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: ".")
    }
  }

  private mutating func takeAuthority(_ text: Substring) {
    var authority = text
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      let digits = authority[authority.index(after: colon)...]
      if !digits.isEmpty { self.port = String(digits) }
      authority = authority[..<colon]
    }
    if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
    if !authority.isEmpty { self.host = String(authority) }
  }
}
