// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// What blocks are made of (RFC 7541, section 5). There must be room: see `HPACKFieldWriter.room`.
extension OutputSpan<UInt8> {
  /// An integer with a prefix of `bits` bits, below the bits of `pattern` (section 5.1).
  @inline(__always)
  mutating func append(integer value: Int, bits: UInt8, pattern: UInt8) {
    let most = UInt8(0xFF) &>> (8 &- bits)
    if value < Int(most) {
      self.append(pattern | UInt8(truncatingIfNeeded: value))
    } else {
      self.append(pattern | most)
      self.append(restOfInteger: value &- Int(most))
    }
  }

  private mutating func append(restOfInteger value: Int) {
    var rest = value
    while rest >= 0x80 {
      self.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Text with its capital letters in lower case.
  mutating func append(lowercasing text: Span<UInt8>) {
    for index in text.indices { self.append(text[index].asciiLowercased) }
  }
}
