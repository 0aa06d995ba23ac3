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

  /// Bytes: what comes after a separator may join it to one character.
  public init(_ text: String) {
    var rest = Array(text.utf8)[...]
    rest = rest.prefix { $0 != UInt8(ascii: "#") }
    if let colon = rest.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(rest[..<colon]) {
      self.scheme = Self.text(rest[..<colon])
      rest = rest[(colon + 1)...]
    }
    if rest.starts(with: "//".utf8) {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex { "/?;".utf8.contains($0) } ?? rest.endIndex
      self.takeAuthority(rest[..<end])
      rest = rest[end...]
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      self.query = Self.text(rest[(mark + 1)...])
      rest = rest[..<mark]
    }
    if !rest.isEmpty { self.path = Self.text(rest) }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, first.isASCIILetter else { return false }
    return text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "+-.".utf8.contains($0) }
  }

  private mutating func takeAuthority(_ text: ArraySlice<UInt8>) {
    var authority = text
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) { authority = authority[(at + 1)...] }
    if let colon = authority.lastIndex(of: UInt8(ascii: ":")), !authority[colon...].contains(UInt8(ascii: "]")) {
      let digits = authority[(colon + 1)...]
      if !digits.isEmpty { self.port = Self.text(digits) }
      authority = authority[..<colon]
    }
    if authority.first == UInt8(ascii: "["), authority.count > 1, authority.last == UInt8(ascii: "]") {
      authority = authority.dropFirst().dropLast()
    }
    if !authority.isEmpty { self.host = Self.text(authority) }
  }
}
