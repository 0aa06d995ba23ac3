// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A word of a `.proto` file.
enum ProtoToken: Hashable, Sendable {
  /// A name without dots, or a keyword: in this language keywords may be names.
  case identifier(String)
  case integer(UInt64)
  case float(Double)
  case string([UInt8])
  case symbol(UInt8)
  case end

  static func symbol(_ scalar: Unicode.Scalar) -> ProtoToken { .symbol(UInt8(ascii: scalar)) }

  /// How messages show it.
  var shown: String {
    switch self {
    case .identifier(let name): "'\(name.prefix(60))'"
    case .integer(let value): "'\(value)'"
    case .float(let value): "'\(value)'"
    case .string: "a string"
    case .symbol(let byte): "'\(Unicode.Scalar(byte))'"
    case .end: "the end of the file"
    }
  }
}

/// Cuts the text of a `.proto` file into tokens; comments and space fall away.
struct ProtoTokenizer {
  private let bytes: [UInt8]
  private let file: String
  private var offset = 0
  /// Of the byte at `offset`, from 1.
  private(set) var line = 1

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.offset = 3 }
  }

  private var byte: UInt8? { self.peek(0) }

  private func peek(_ distance: Int) -> UInt8? {
    self.offset + distance < self.bytes.count ? self.bytes[self.offset + distance] : nil
  }

  private func error(_ message: String) -> ProtoError { ProtoError(file: self.file, line: self.line, message) }

  private mutating func advance() {
    if self.byte == .lineFeed { self.line += 1 }
    self.offset += 1
  }

  mutating func next() throws(ProtoError) -> ProtoToken {
    try self.skipSpace()
    guard let byte else { return .end }
    if byte.isASCIILetter || byte == UInt8(ascii: "_") { return .identifier(self.word()) }
    if byte.isASCIIDigit || (byte == UInt8(ascii: ".") && self.peek(1)?.isASCIIDigit == true) {
      return try self.number()
    }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return .string(try self.string(closing: byte)) }
    guard "{}[]()<>=;,.:-+/".utf8.contains(byte) else {
      throw self.error("unexpected character \(byte < 0x7F && byte > 0x20 ? "'\(Unicode.Scalar(byte))'" : "\(byte)")")
    }
    self.advance()
    return .symbol(byte)
  }

  private mutating func skipSpace() throws(ProtoError) {
    while let byte {
      switch byte {
      case .space, .tab, .carriageReturn, .lineFeed, 0x0B, 0x0C: self.advance()
      case UInt8(ascii: "/") where self.peek(1) == UInt8(ascii: "/"):
        while let byte = self.byte, byte != .lineFeed { self.advance() }
      case UInt8(ascii: "/") where self.peek(1) == UInt8(ascii: "*"): try self.skipComment()
      default: return
      }
    }
  }

  private mutating func skipComment() throws(ProtoError) {
    let start = self.line
    self.offset += 2
    while let byte {
      if byte == UInt8(ascii: "*"), self.peek(1) == UInt8(ascii: "/") {
        self.offset += 2
        return
      }
      self.advance()
    }
    throw ProtoError(file: self.file, line: start, "expected '*/' at the end of this comment")
  }

  private mutating func word() -> String {
    let start = self.offset
    while let byte, byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") { self.offset += 1 }
    return String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
  }

  /// Decimal, octal, hexadecimal, or a fraction with an exponent.
  private mutating func number() throws(ProtoError) -> ProtoToken {
    let start = self.offset
    var isFloat = false
    while let byte {
      if byte == UInt8(ascii: ".") { isFloat = true }
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      let previous = self.offset > start ? self.bytes[self.offset - 1] | 0x20 : 0
      let isHexadecimal = self.offset > start + 1 && self.bytes[start + 1] | 0x20 == UInt8(ascii: "x")
      if isSign, previous != UInt8(ascii: "e") || isHexadecimal { break }
      guard isSign || byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: ".") else { break }
      self.offset += 1
    }
    let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
    if !isFloat, let value = Self.integer(text) { return .integer(value) }
    let isPlain = text.utf8.allSatisfy { $0.isASCIIDigit || ".eE+-".utf8.contains($0) }
    guard isPlain, let value = Double(text) else { throw self.error("expected a number, found '\(text.prefix(60))'") }
    return .float(value)
  }

  private static func integer(_ text: String) -> UInt64? {
    let digits = text.utf8
    guard digits.first == UInt8(ascii: "0"), digits.count > 1 else { return UInt64(text) }
    if digits.dropFirst().first.map({ $0 | 0x20 }) == UInt8(ascii: "x") {
      let hexadecimal = digits.dropFirst(2)
      guard hexadecimal.allSatisfy({ $0.hexDigitValue != nil }) else { return nil }
      return UInt64(String(decoding: hexadecimal, as: UTF8.self), radix: 16)
    }
    return digits.allSatisfy(\.isASCIIDigit) ? UInt64(text, radix: 8) : nil
  }

  private mutating func string(closing quote: UInt8) throws(ProtoError) -> [UInt8] {
    self.offset += 1
    var text: [UInt8] = []
    while let byte, byte != .lineFeed {
      self.offset += 1
      if byte == quote { return text }
      if byte == UInt8(ascii: "\\") { try self.escape(into: &text) } else { text.append(byte) }
    }
    throw self.error("expected a closing quote on the same line")
  }

  private mutating func escape(into text: inout [UInt8]) throws(ProtoError) {
    guard let byte else { throw self.error("expected a closing quote on the same line") }
    self.offset += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "a"): text.append(0x07)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "v"): text.append(0x0B)
    case UInt8(ascii: "x"), UInt8(ascii: "X"): text.append(UInt8(truncatingIfNeeded: try self.digits(1...2, radix: 16)))
    case UInt8(ascii: "u"): try self.appendScalar(try self.digits(4...4, radix: 16), to: &text)
    case UInt8(ascii: "U"): try self.appendScalar(try self.digits(8...8, radix: 16), to: &text)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      self.offset -= 1
      text.append(UInt8(truncatingIfNeeded: try self.digits(1...3, radix: 8)))
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "?"): text.append(byte)
    default: throw self.error("unknown escape in a string")
    }
  }

  private mutating func digits(_ counts: ClosedRange<Int>, radix: UInt32) throws(ProtoError) -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < counts.upperBound, let digit = self.byte?.hexDigitValue, UInt32(digit) < radix {
      value = value &* radix &+ UInt32(digit)
      count += 1
      self.offset += 1
    }
    guard count >= counts.lowerBound else { throw self.error("expected \(counts.lowerBound) digits in an escape") }
    return value
  }

  private func appendScalar(_ value: UInt32, to text: inout [UInt8]) throws(ProtoError) {
    guard let scalar = Unicode.Scalar(value) else { throw self.error("expected a Unicode character in an escape") }
    text += Array(String(String.UnicodeScalarView([scalar])).utf8)
  }
}
