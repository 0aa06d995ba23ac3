// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Names and values of queries and forms (`application/x-www-form-urlencoded`).
public enum FormText {
  /// `+` becomes a space and `%XX` a byte; a `%` without two digits stays.
  public static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), bytes.endIndex - index > 2, let high = bytes[index + 1].hexDigitValue,
        let low = bytes[index + 2].hexDigitValue
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(byte == UInt8(ascii: "+") ? UInt8.space : byte)
        index += 1
      }
    }
    return output
  }
}

extension UInt8 {
  /// The hexadecimal digit, in upper case, of a value below 16.
  @inlinable public var upperHexDigit: UInt8 { self < 10 ? 0x30 &+ self : 0x37 &+ self }

  /// `%XX`, as RFC 3986 section 2.1 prefers it.
  public var percentEscape: [UInt8] { [UInt8(ascii: "%"), (self >> 4).upperHexDigit, (self & 15).upperHexDigit] }
}
