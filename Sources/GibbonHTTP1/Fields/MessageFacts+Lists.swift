// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension MessageFacts {
  /// Only the single coding `chunked` is understood. Another well-formed coding is unknown (501, as
  /// nginx answers); a second field, a repeated or parametrised `chunked`, or `chunked` that is not
  /// last is malformed, for then two readers can disagree about where the message ends.
  mutating func noteCoding(_ value: ByteRange, in input: Span<UInt8>) {
    if self.coding != .none {
      self.coding = .malformed
      return
    }
    var tokens = FieldTokens(value)
    var seen = Coding.malformed
    var wasChunked = false
    while let token = tokens.next(in: input) {
      let bytes = input.extracting(token.bounds)
      guard !wasChunked, Self.isCoding(bytes) else {
        seen = .malformed
        break
      }
      wasChunked = bytes.equalsIgnoringCase("chunked")
      seen = wasChunked && seen == .malformed ? .chunked : .unknown
    }
    // `chunked` with a stray comma is not the single coding, and nobody honest sends it.
    if seen == .chunked, Int(value.count) != 7 { seen = .malformed }
    self.coding = seen
  }

  /// A token, optionally with parameters (which `chunked` may not have).
  private static func isCoding(_ bytes: Span<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count, ByteSet.token.contains(bytes[index]) { index &+= 1 }
    if index == bytes.count { return index > 0 }
    let next = bytes[index]
    guard index > 0, next == UInt8(ascii: ";") || next.isBlank else { return false }
    while index < bytes.count, bytes[index].isBlank { index &+= 1 }
    return index < bytes.count && bytes[index] == UInt8(ascii: ";")
      && !bytes.extracting(0..<min(7, bytes.count)).equalsIgnoringCase("chunked")
  }

  mutating func noteConnection(_ value: ByteRange, in input: Span<UInt8>) {
    var tokens = FieldTokens(value)
    while let token = tokens.next(in: input) {
      let option = input.extracting(token.bounds)
      self.connectionOptions &+= 1
      if option.equalsIgnoringCase("keep-alive") {
        self.flags.insert(.connectionHasKeepAlive)
      } else if option.equalsIgnoringCase("close") {
        self.flags.insert(.connectionHasClose)
      } else if option.equalsIgnoringCase("upgrade") {
        self.flags.insert(.connectionHasUpgrade)
      } else {
        self.flags.insert(.connectionNamesFields)
      }
    }
  }

  mutating func noteUpgrade(_ value: ByteRange, in input: Span<UInt8>) {
    var tokens = FieldTokens(value)
    while let token = tokens.next(in: input) {
      if input.extracting(token.bounds).equalsIgnoringCase("websocket") { self.flags.insert(.upgradeNamesWebSocket) }
    }
  }

  mutating func noteTE(_ value: ByteRange, in input: Span<UInt8>) {
    var tokens = FieldTokens(value)
    while let token = tokens.next(in: input) {
      if input.extracting(token.bounds).equalsIgnoringCase("trailers") { self.flags.insert(.acceptsTrailers) }
    }
  }
}
