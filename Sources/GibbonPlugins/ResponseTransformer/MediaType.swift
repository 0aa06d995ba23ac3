// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Media types as a `Content-Type` has them.
enum MediaType {
  /// Whether one of the types is `application/json` or `application/…+json`. A type that is malformed counts as none.
  static func isJSON(_ contentType: String) -> Bool {
    contentType.utf8.split(separator: UInt8(ascii: ",")).contains { text in
      guard let subtype = Self.subtype(Array(text), of: "application") else { return false }
      return subtype.isSame(as: "json") || subtype.ends(withBytesOf: "+json")
    }
  }

  /// The subtype of a well-formed type, in lower case.
  private static func subtype(_ bytes: [UInt8], of type: String) -> String? {
    var index = 0
    Self.skipSpace(bytes, &index)
    guard let major = Self.token(bytes, &index), major.isSame(ignoringCase: type), index < bytes.count,
      bytes[index] == UInt8(ascii: "/")
    else { return nil }
    index += 1
    guard let minor = Self.token(bytes, &index) else { return nil }
    while true {
      Self.skipSpace(bytes, &index)
      guard index < bytes.count else { return minor.asciiLowercased }
      guard bytes[index] == UInt8(ascii: ";") else { return nil }
      index += 1
      Self.skipSpace(bytes, &index)
      guard Self.token(bytes, &index) != nil, index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return nil }
      index += 1
      guard Self.token(bytes, &index) != nil || Self.skipQuoted(bytes, &index) else { return nil }
    }
  }

  private static func skipSpace(_ bytes: [UInt8], _ index: inout Int) {
    while index < bytes.count, bytes[index] == .space || bytes[index] == .tab { index += 1 }
  }

  private static func token(_ bytes: [UInt8], _ index: inout Int) -> String? {
    let start = index
    while index < bytes.count, bytes[index] > 0x20, bytes[index] < 0x7F,
      !"()<>@,;:\\\"/[]?={}".utf8.contains(bytes[index])
    {
      index += 1
    }
    return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
  }

  private static func skipQuoted(_ bytes: [UInt8], _ index: inout Int) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return false }
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index += 1
    return index <= bytes.count
  }
}
