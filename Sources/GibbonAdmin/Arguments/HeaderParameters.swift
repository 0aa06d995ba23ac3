// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The parameters after a field value's first semicolon: `form-data; name="a"` (RFC 9110, 5.6.6).
enum HeaderParameters {
  /// Parameters of one value that are looked at.
  static let maxCount = 32

  /// The first parameter of that name. A quoted value is given without its quotes and escapes.
  ///
  /// - Parameter name: in lower case.
  static func value(of name: String, in field: ArraySlice<UInt8>) -> [UInt8]? {
    var rest = field.drop { $0 != UInt8(ascii: ";") }.dropFirst()
    for _ in 0..<Self.maxCount where !rest.isEmpty {
      let key = Self.trimmed(rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") })
      rest = rest.drop { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
      var value: [UInt8] = []
      if rest.first == UInt8(ascii: "=") {
        rest = rest.dropFirst().drop { $0 == .space || $0 == .tab }
        value = rest.first == UInt8(ascii: "\"") ? Self.quoted(&rest) : Self.token(&rest)
      }
      if key.elementsEqual(name.utf8, by: { $0.asciiLowercased == $1 }) { return value }
      rest = rest.drop { $0 != UInt8(ascii: ";") }.dropFirst()
    }
    return nil
  }

  /// Reads past a value whose opening quote is the next byte. Without a closing quote all that follows is in it.
  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    var value: [UInt8] = []
    var index = rest.startIndex + 1
    while index < rest.endIndex, rest[index] != UInt8(ascii: "\"") {
      // Browsers do not escape backslashes, so that one stands for itself before other characters.
      if rest[index] == UInt8(ascii: "\\"), index + 1 < rest.endIndex,
        rest[index + 1] == UInt8(ascii: "\"") || rest[index + 1] == UInt8(ascii: "\\")
      {
        index += 1
      }
      value.append(rest[index])
      index += 1
    }
    rest = rest[Swift.min(index + 1, rest.endIndex)...]
    return value
  }

  private static func token(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    let value = rest.prefix { $0 != UInt8(ascii: ";") }
    rest = rest[value.endIndex...]
    return Array(Self.trimmed(value))
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 == .space || $0 == .tab }
    while let last = bytes.last, last == .space || last == .tab { bytes.removeLast() }
    return bytes
  }
}
