// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A host or server name with a wildcard at one end, or none.
struct TextPattern: Sendable, Hashable {
  enum Kind: Sendable { case exact, prefix, suffix }

  let kind: Kind
  let bytes: [UInt8]

  /// `*rest` is a suffix, `rest*` a prefix, anything else exact.
  init(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "*") {
      self.kind = .suffix
      self.bytes = Array(bytes.dropFirst())
    } else if bytes.last == UInt8(ascii: "*") {
      self.kind = .prefix
      self.bytes = Array(bytes.dropLast())
    } else {
      self.kind = .exact
      self.bytes = bytes
    }
  }

  init(exact text: some StringProtocol) {
    self.kind = .exact
    self.bytes = Array(text.utf8)
  }

  init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  func matches(_ text: Span<UInt8>) -> Bool {
    let count = self.bytes.count
    guard text.count >= count else { return false }
    switch self.kind {
    case .exact: return text.equals(self.bytes.span)
    case .prefix: return text.extracting(0..<count).equals(self.bytes.span)
    case .suffix: return text.extracting((text.count &- count)..<text.count).equals(self.bytes.span)
    }
  }

  func matches(_ text: String) -> Bool {
    self.matches(text.utf8.span)
  }
}
