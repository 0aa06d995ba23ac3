// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Hashes that an encoder finds fields by. Whoever prepares texts of one hash makes their look-ups miss, no more: only
/// a few candidates are looked at.
enum HPACKHash {
  /// The hash of a field line, from its length, its first and its last eight bytes: enough to find the one candidate
  /// that is then compared in full. Letters count without case.
  @inline(__always)
  static func line(_ line: Span<UInt8>) -> UInt32 {
    let first = line.lastWord(at: 0).asciiLowercased
    let last = line.count >= 8 ? line.word(at: line.count &- 8).asciiLowercased : 0
    let hash = Self.mix(first ^ Self.start, last ^ UInt64(truncatingIfNeeded: line.count) &* Self.factor)
    return UInt32(truncatingIfNeeded: hash)
  }

  /// The hash of all of a text, going on from that of another if there is one.
  static func text(_ text: Span<UInt8>, lowercasing: Bool, after other: UInt64 = Self.start) -> UInt64 {
    var hash = other
    var index = 0
    while true {
      let word = text.lastWord(at: index)
      hash = Self.mix(hash ^ (lowercasing ? word.asciiLowercased : word), Self.factor)
      if text.count &- index < 8 { return hash }
      index &+= 8
    }
  }

  @inline(__always)
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  static var start: UInt64 { 0x9E37_79B9_7F4A_7C15 }
  private static var factor: UInt64 { 0xD6E8_FEB8_6659_FD93 }
}
