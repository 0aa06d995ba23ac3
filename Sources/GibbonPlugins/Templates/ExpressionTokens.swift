// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// The words, literals and signs of an expression, one after the other.
struct ExpressionTokens {
  enum Token {
    case word(String)
    case literal(JSONValue)
    case symbol(String)
    case end
  }

  private let bytes: [UInt8]
  private var offset = 0
  private(set) var current = Token.end

  init(_ bytes: [UInt8]) throws(TemplateError) {
    self.bytes = bytes
    try self.advance()
  }

  mutating func advance() throws(TemplateError) {
    while self.offset < self.bytes.count, Self.isSpace(self.bytes[self.offset]) { self.offset += 1 }
    guard self.offset < self.bytes.count else {
      self.current = .end
      return
    }
    let byte = self.bytes[self.offset]
    if Self.startsName(byte) {
      self.current = .word(self.run { Self.startsName($0) || $0.isASCIIDigit })
    } else if byte.isASCIIDigit {
      self.current = .literal(try self.number())
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      self.current = .literal(.string(try self.text(until: byte)))
    } else {
      self.current = .symbol(try self.sign(byte))
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == .space || (0x09...0x0D).contains(byte) }

  private static func startsName(_ byte: UInt8) -> Bool { byte.isASCIILetter || byte == UInt8(ascii: "_") }

  private mutating func run(while belongs: (UInt8) -> Bool) -> String {
    let start = self.offset
    while self.offset < self.bytes.count, belongs(self.bytes[self.offset]) { self.offset += 1 }
    return String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
  }

  /// Digits, and a fraction.
  private mutating func number() throws(TemplateError) -> JSONValue {
    var text = self.run(while: \.isASCIIDigit)
    let next = self.offset + 1
    let isFraction =
      next < self.bytes.count && self.bytes[self.offset] == UInt8(ascii: ".") && self.bytes[next].isASCIIDigit
    if isFraction {
      self.offset += 1
      text += "." + self.run(while: \.isASCIIDigit)
    }
    if self.offset < self.bytes.count, Self.startsName(self.bytes[self.offset]) {
      throw TemplateError("malformed number near '\(text)'")
    }
    if !isFraction, let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else { throw TemplateError("number out of range") }
    return .double(value)
  }

  private mutating func text(until quote: UInt8) throws(TemplateError) -> String {
    var output: [UInt8] = []
    self.offset += 1
    while self.offset < self.bytes.count {
      let byte = self.bytes[self.offset]
      self.offset += 1
      if byte == quote { return String(decoding: output, as: UTF8.self) }
      if byte == UInt8.lineFeed { break }
      output.append(byte == UInt8(ascii: "\\") ? try self.escaped() : byte)
    }
    throw TemplateError("unfinished string")
  }

  private mutating func escaped() throws(TemplateError) -> UInt8 {
    guard self.offset < self.bytes.count else { throw TemplateError("unfinished string") }
    let byte = self.bytes[self.offset]
    self.offset += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return byte
    default: throw TemplateError("unsupported escape in a string")
    }
  }

  private mutating func sign(_ byte: UInt8) throws(TemplateError) -> String {
    self.offset += 1
    let isDouble = self.offset < self.bytes.count && self.bytes[self.offset] == byte
    switch byte {
    case UInt8(ascii: ".") where isDouble:
      self.offset += 1
      return ".."
    // `[[` begins a long string.
    case UInt8(ascii: "[") where isDouble: throw TemplateError("unexpected '[['")
    case UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"):
      return String(Unicode.Scalar(byte))
    default:
      self.offset -= 1
      throw TemplateError("unexpected '\(String(decoding: self.bytes[self.offset...].prefix(1), as: UTF8.self))'")
    }
  }
}
