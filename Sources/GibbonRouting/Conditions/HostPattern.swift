// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// One of a route's `hosts`.
struct HostPattern: Sendable, Hashable {
  let name: TextPattern

  /// The port it asks for; nil for any.
  let port: Int?

  /// Whether a wildcard must stand for one byte at least (the traditional flavor's `.+`).
  let wildcardIsFilled: Bool

  init(_ text: String, wildcardIsFilled: Bool) {
    var name = Substring(text)
    var port: Int?
    if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
      let digits = text[text.index(after: colon)...]
      if !digits.isEmpty, digits.utf8.allSatisfy(\.isASCIIDigit), let number = Int(digits) {
        name = text[..<colon]
        port = number
      }
    }
    self.name = TextPattern(name)
    self.port = port
    self.wildcardIsFilled = wildcardIsFilled
  }

  /// Whether the index's answer for the name alone decides.
  var isDecidedByName: Bool { self.port == nil && (self.name.kind == .exact || !self.wildcardIsFilled) }

  func matches(_ host: Span<UInt8>, port: UInt16) -> Bool {
    guard !host.isEmpty, self.name.matches(host) else { return false }
    if self.wildcardIsFilled, self.name.kind != .exact, host.count == self.name.bytes.count { return false }
    return self.port.map { $0 == Int(port) } ?? true
  }
}
