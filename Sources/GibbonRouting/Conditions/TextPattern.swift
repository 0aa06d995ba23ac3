// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A host or server name with a wildcard at one end, or none. Case does not count, and neither does the final dot of a
/// name that is written out in full (RFC 9110 section 4.2.3): `Example.com.` is `example.com`.
struct TextPattern: Sendable, Hashable {
  enum Kind: Sendable { case exact, prefix, suffix }

  let kind: Kind

  /// In lower case, without a final dot.
  let bytes: [UInt8]

  /// `*rest` is a suffix, `rest*` a prefix, anything else exact.
  init(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "*") {
      self.init(.suffix, Array(bytes.dropFirst()))
    } else if bytes.last == UInt8(ascii: "*") {
      self.init(.prefix, Array(bytes.dropLast()))
    } else {
      self.init(.exact, bytes)
    }
  }

  init(exact text: some StringProtocol) {
    self.init(.exact, Array(text.utf8))
  }

  init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = Self.folded(bytes, keepsDot: kind == .prefix)
  }

  /// A name as it is compared. The dot at the end of a beginning, as of `api.*`, is one between labels.
  static func folded(_ name: [UInt8], keepsDot: Bool = false) -> [UInt8] {
    var folded = name.map(\.asciiLowercased)
    if !keepsDot, folded.count > 1, folded.last == UInt8(ascii: ".") { folded.removeLast() }
    return folded
  }

  /// Whether a name without its final dot is meant.
  func matches(_ name: Span<UInt8>) -> Bool {
    let count = self.bytes.count
    guard name.count >= count else { return false }
    switch self.kind {
    case .exact: return name.equalsIgnoringCase(self.bytes.span)
    case .prefix: return name.extracting(0..<count).equalsIgnoringCase(self.bytes.span)
    case .suffix: return name.extracting((name.count &- count)..<name.count).equalsIgnoringCase(self.bytes.span)
    }
  }

  func matches(_ name: String) -> Bool {
    self.matches(name.utf8.span.withoutFinalDot)
  }
}

extension Span<UInt8> {
  /// A host's name less the dot at its end, of which it has one when it is written out in full.
  var withoutFinalDot: Span<UInt8> {
    @_lifetime(copy self)
    get {
      guard self.count > 0, self[self.count &- 1] == UInt8(ascii: ".") else { return self }
      return self.extracting(droppingLast: 1)
    }
  }
}
