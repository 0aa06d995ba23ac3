// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Which bytes a field may have (RFC 9113, section 8.2.1). Narrower where HTTP/1 is: control bytes other than HTAB are
/// in no value (RFC 9110, section 5.5), so what comes in over HTTP/2 can go out over HTTP/1.
enum HPACKFieldText {
  /// A token without capital letters, with a colon before it if it is a pseudo-field's.
  static func isName(_ name: Span<UInt8>) -> Bool {
    var index = name.count > 0 && name[0] == UInt8(ascii: ":") ? 1 : 0
    if index == name.count { return false }
    while index < name.count {
      if !Self.isNameByte(name[index]) { return false }
      index &+= 1
    }
    return true
  }

  /// Without control bytes other than HTAB, and without blanks at its ends.
  static func isValue(_ value: Span<UInt8>) -> Bool {
    let count = value.count
    if count == 0 { return true }
    if Self.isBlank(value[0]) || Self.isBlank(value[count &- 1]) { return false }
    var index = 0
    while count &- index >= 8 {
      if value.word(at: index).mayHaveControl, !Self.isText(value.extracting(index..<index &+ 8)) { return false }
      index &+= 8
    }
    return Self.isText(value.extracting(index..<count))
  }

  private static func isText(_ text: Span<UInt8>) -> Bool {
    for index in text.indices {
      let byte = text[index]
      if (byte < 0x20 && byte != .tab) || byte == 0x7F { return false }
    }
    return true
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == .space || byte == .tab }

  /// `tchar` (RFC 9110, section 5.6.2) but for capital letters: one bit each, in two words.
  @inline(__always)
  private static func isNameByte(_ byte: UInt8) -> Bool {
    let word: UInt64 = byte & 0x40 == 0 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C000_0000
    return byte < 0x80 && (word &>> UInt64(byte & 0x3F)) & 1 != 0
  }
}
