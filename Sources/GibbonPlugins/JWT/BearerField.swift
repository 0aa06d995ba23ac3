// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A field that carries a token (RFC 6750 section 2.1), read as generously as Kong reads it.
enum BearerField {
  /// What follows the word `Bearer` and spaces. The word may stand anywhere, and begin with a small letter.
  static func token(in value: Span<UInt8>) -> [UInt8]? {
    var index = 0
    while index + 7 < value.count {
      defer { index += 1 }
      guard value[index] | 0x20 == UInt8(ascii: "b"),
        value.extracting((index + 1)..<(index + 6)).equals("earer"), Self.isSpace(value[index + 6])
      else { continue }
      var start = index + 7
      while start < value.count, Self.isSpace(value[start]) { start += 1 }
      if start < value.count { return value.extracting(start...).array }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == .space || 0x09...0x0D ~= byte }
}
