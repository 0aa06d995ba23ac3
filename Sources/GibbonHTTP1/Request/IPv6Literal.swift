// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The text of an IPv6 address between the brackets of a host.
enum IPv6Literal {
  /// Whether this is an IPv6 address (RFC 4291, section 2.2); zone identifiers have no place in HTTP.
  static func isValid(_ text: Span<UInt8>) -> Bool {
    var index = 0
    var groups = 0
    var compressed = false
    if text.count >= 2, text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return false }
      compressed = true
      index = 2
    }
    while index < text.count {
      let start = index
      while index < text.count, text[index].hexDigitValue != nil { index &+= 1 }
      if index < text.count, text[index] == UInt8(ascii: ".") {
        // The last 32 bits as IPv4: two groups, and nothing after them.
        groups &+= 2
        guard Self.isIPv4(text.extracting(start..<text.count)) else { return false }
        break
      }
      guard index > start, index &- start <= 4, groups < 8 else { return false }
      groups &+= 1
      if index == text.count { break }
      guard text[index] == UInt8(ascii: ":"), index &+ 1 < text.count else { return false }
      index &+= 1
      if text[index] == UInt8(ascii: ":") {
        if compressed { return false }
        compressed = true
        index &+= 1
      }
    }
    return compressed ? groups < 8 : groups == 8
  }

  private static func isIPv4(_ text: Span<UInt8>) -> Bool {
    var (parts, digits, value) = (1, 0, 0)
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: ".") {
        guard digits > 0, parts < 4 else { return false }
        (parts, digits, value) = (parts &+ 1, 0, 0)
      } else {
        guard byte.isASCIIDigit, digits < 3 else { return false }
        if digits > 0, value == 0 { return false }
        digits &+= 1
        value = value &* 10 &+ Int(byte &- 0x30)
        if value > 255 { return false }
      }
    }
    return parts == 4 && digits > 0
  }
}
