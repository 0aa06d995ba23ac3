// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// A set of ASCII characters: one bit each, 0–63 in `low`, 64–127 in `high`. A value in registers,
/// where a table would be a load from memory for every byte.
struct ByteSet {
  let low: UInt64
  let high: UInt64

  /// Always inlined: the two words must become constants at the place of use.
  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte & 0x40 == 0 ? self.low : self.high
    return byte < 0x80 && (word &>> UInt64(byte & 0x3F)) & 1 != 0
  }

  /// `tchar` (RFC 9110, section 5.6.2).
  static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

  /// What nginx takes in a method: capital letters, `-` and `_`. Narrower than a token on purpose:
  /// nobody who works behind nginx or Kong can depend on more.
  static var method: ByteSet { ByteSet(low: 0x0000_2000_0000_0000, high: 0x0000_0000_87FF_FFFE) }

  /// Visible ASCII in a request target that needs no second look: all but `#`, `%` and `?`.
  static var plainTarget: ByteSet { ByteSet(low: 0x7FFF_FFD6_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }

  /// Unreserved characters and sub-delimiters: a registered name without percent-encoding (RFC 3986,
  /// section 3.2.2).
  static var registeredName: ByteSet { ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

  /// A URI scheme after its first letter.
  static var scheme: ByteSet { ByteSet(low: 0x03FF_6800_0000_0000, high: 0x07FF_FFFE_07FF_FFFE) }
}

extension UInt8 {
  /// SP or HTAB.
  @inline(__always)
  var isBlank: Bool { self == .space || self == .tab }

  /// Allowed in field values and reason phrases: visible ASCII, SP and obs-text. HTAB is allowed too
  /// but is left to the caller, who sees it rarely.
  @inline(__always)
  var isPlainText: Bool { self >= 0x20 && self != 0x7F }
}
