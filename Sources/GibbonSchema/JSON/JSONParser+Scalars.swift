// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

extension JSONParser {
  /// A string whose opening quote is the next byte.
  mutating func string() -> String? {
    let start = self.offset + 1
    var end = start
    while end < self.bytes.count {
      let byte = self.bytes[end]
      if byte == UInt8(ascii: "\"") {
        self.offset = end + 1
        guard let text = String(validating: self.bytes[start..<end], as: UTF8.self) else {
          self.offset = start
          self.fail("invalid UTF-8 in a string")
          return nil
        }
        return text
      }
      if byte == UInt8(ascii: "\\") { return self.escapedString(start: start, firstEscape: end) }
      if byte < 0x20 {
        self.offset = end
        self.fail("control character in a string")
        return nil
      }
      end &+= 1
    }
    self.offset = end
    self.fail("unterminated string")
    return nil
  }

  private mutating func escapedString(start: Int, firstEscape: Int) -> String? {
    var text = Array(self.bytes[start..<firstEscape])
    self.offset = firstEscape
    while self.offset < self.bytes.count {
      let byte = self.bytes[self.offset]
      switch byte {
      case UInt8(ascii: "\""):
        self.offset += 1
        guard let text = String(validating: text, as: UTF8.self) else {
          self.fail("invalid UTF-8 in a string")
          return nil
        }
        return text
      case UInt8(ascii: "\\"):
        guard self.escape(into: &text) else { return nil }
      case 0..<0x20:
        self.fail("control character in a string")
        return nil
      default:
        text.append(byte)
        self.offset += 1
      }
    }
    self.fail("unterminated string")
    return nil
  }

  private mutating func escape(into text: inout [UInt8]) -> Bool {
    guard self.offset + 1 < self.bytes.count else {
      self.fail("unterminated string")
      return false
    }
    let plain: UInt8
    switch self.bytes[self.offset + 1] {
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case let byte where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/"):
      plain = byte
    case UInt8(ascii: "u"):
      return self.unicodeEscape(into: &text)
    default:
      self.fail("unknown escape in a string")
      return false
    }
    text.append(plain)
    self.offset += 2
    return true
  }

  /// `\uXXXX`, or two of them that form a surrogate pair.
  private mutating func unicodeEscape(into text: inout [UInt8]) -> Bool {
    guard var code = self.hexadecimal(at: self.offset + 2) else {
      self.fail("malformed \\u escape in a string")
      return false
    }
    var length = 6
    if 0xD800..<0xDC00 ~= code, self.offset + 7 < self.bytes.count, self.bytes[self.offset + 6] == UInt8(ascii: "\\"),
      self.bytes[self.offset + 7] == UInt8(ascii: "u"), let low = self.hexadecimal(at: self.offset + 8),
      0xDC00..<0xE000 ~= low
    {
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      length = 12
    }
    guard let scalar = Unicode.Scalar(code) else {
      self.fail("unpaired surrogate in a string")
      return false
    }
    text.append(contentsOf: String(Character(scalar)).utf8)
    self.offset += length
    return true
  }

  private func hexadecimal(at start: Int) -> UInt32? {
    guard start + 4 <= self.bytes.count else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      guard let digit = self.bytes[index].hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  mutating func number() -> JSONValue? {
    let start = self.offset
    let negative = self.bytes[start] == UInt8(ascii: "-")
    if negative { self.offset += 1 }
    let digits = self.offset
    var magnitude: UInt64 = 0
    var fits = true
    while self.offset < self.bytes.count, self.bytes[self.offset].isASCIIDigit {
      let (shifted, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = shifted.addingReportingOverflow(UInt64(self.bytes[self.offset] &- 0x30))
      if overflowed || carried { fits = false }
      magnitude = sum
      self.offset &+= 1
    }
    guard self.offset > digits, self.offset == digits + 1 || self.bytes[digits] != UInt8(ascii: "0") else {
      self.offset = start
      self.fail("unexpected character")
      return nil
    }
    if self.offset < self.bytes.count,
      [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(
        self.bytes[self.offset])
    {
      guard self.fraction() else { return nil }
      fits = false
    }
    if fits, !negative, let value = Int64(exactly: magnitude) { return .int(value) }
    if fits, negative, magnitude <= UInt64(Int64.max) { return .int(-Int64(magnitude)) }
    let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      self.offset = start
      self.fail("number out of range")
      return nil
    }
    return .double(value)
  }

  /// Steps over a fraction and an exponent; each needs a digit.
  private mutating func fraction() -> Bool {
    if self.bytes[self.offset] == UInt8(ascii: ".") {
      self.offset += 1
      guard self.skipDigits() else { return false }
    }
    guard self.offset < self.bytes.count, self.bytes[self.offset] | 0x20 == UInt8(ascii: "e") else { return true }
    self.offset += 1
    if self.offset < self.bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(self.bytes[self.offset]) {
      self.offset += 1
    }
    return self.skipDigits()
  }

  private mutating func skipDigits() -> Bool {
    let start = self.offset
    while self.offset < self.bytes.count, self.bytes[self.offset].isASCIIDigit { self.offset += 1 }
    if self.offset == start { self.fail("malformed number") }
    return self.offset > start
  }
}
