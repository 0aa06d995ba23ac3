// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// A piece of Lua that always gives the same value: `return "text"`, `return 123`, `return nil`.
enum LuaConstant: Sendable, Hashable {
  /// `nil`, and code that returns nothing.
  case nothing
  case value(JSONValue)

  /// - Returns: nil for any other code.
  init?(_ code: String) {
    var reader = LuaReader(code)
    reader.skipSpace()
    if reader.isAtEnd {
      self = .nothing
      return
    }
    let returns = reader.skip(word: "return")
    reader.skipSpace()
    if returns, reader.isAtEndOfStatement() {
      self = .nothing
      return
    }
    guard let constant = reader.constant(), reader.isAtEndOfStatement() else { return nil }
    self = constant
  }
}

/// Reads the few forms of Lua that are constants.
private struct LuaReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ code: String) { self.bytes = Array(code.utf8) }

  private var current: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }
  var isAtEnd: Bool { self.index >= self.bytes.count }

  private func has(_ text: String) -> Bool { self.bytes[self.index...].starts(with: text.utf8) }

  /// White space and comments.
  mutating func skipSpace() {
    while let byte = self.current {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        self.index += 1
      } else if self.has("--"), !self.has("--[") {
        while let byte = self.current, byte != 0x0A { _ = byte; self.index += 1 }
      } else {
        return
      }
    }
  }

  mutating func skip(word: String) -> Bool {
    guard self.has(word) else { return false }
    let end = self.index + word.utf8.count
    if end < self.bytes.count, Self.isNamePart(self.bytes[end]) { return false }
    self.index = end
    return true
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_")
  }

  /// Nothing but a semicolon follows.
  mutating func isAtEndOfStatement() -> Bool {
    self.skipSpace()
    if self.current == UInt8(ascii: ";") { self.index += 1 }
    self.skipSpace()
    return self.isAtEnd
  }

  mutating func constant() -> LuaConstant? {
    if self.skip(word: "nil") { return .nothing }
    if self.skip(word: "true") { return .value(true) }
    if self.skip(word: "false") { return .value(false) }
    switch self.current {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return self.quoted().map { .value(.string($0)) }
    case UInt8(ascii: "["): return self.longText().map { .value(.string($0)) }
    default: return self.number().map { .value($0) }
    }
  }

  // MARK: Numbers

  private mutating func number() -> JSONValue? {
    var isNegative = false
    if self.current == UInt8(ascii: "-") {
      isNegative = true
      self.index += 1
      self.skipSpace()
    }
    guard let first = self.current, first.isASCIIDigit || first == UInt8(ascii: ".") else { return nil }
    var text = ""
    while let byte = self.current {
      let isSign =
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && text.last?.lowercased() == "e"
        && !text.lowercased().hasPrefix("0x")
      guard Self.isNamePart(byte) || byte == UInt8(ascii: ".") || isSign else { break }
      text.unicodeScalars.append(Unicode.Scalar(byte))
      self.index += 1
    }
    guard let value = Self.value(of: text) else { return nil }
    let signed = isNegative ? -value : value
    return Int64(exactly: signed).map { .int($0) } ?? .double(signed)
  }

  private static func value(of text: String) -> Double? {
    if text.lowercased().hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { Double($0) } }
    // Swift also reads words such as infinity.
    guard text.utf8.allSatisfy({ $0.isASCIIDigit || ".eE+-".utf8.contains($0) }) else { return nil }
    let padded = text.hasSuffix(".") ? text + "0" : text
    return Double(padded.hasPrefix(".") ? "0" + padded : padded).flatMap { $0.isFinite ? $0 : nil }
  }

  // MARK: Texts

  private mutating func quoted() -> String? {
    guard let quote = self.current else { return nil }
    self.index += 1
    var text: [UInt8] = []
    while let byte = self.current {
      self.index += 1
      switch byte {
      case quote: return String(decoding: text, as: UTF8.self)
      case 0x0A, 0x0D: return nil
      case UInt8(ascii: "\\"):
        guard let escaped = self.escaped() else { return nil }
        text.append(escaped)
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> UInt8? {
    guard let byte = self.current else { return nil }
    self.index += 1
    switch byte {
    case UInt8(ascii: "n"), 0x0A: return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "v"): return 0x0B
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return byte
    case UInt8(ascii: "x"):
      guard let high = self.current?.hexDigitValue, self.index + 1 < self.bytes.count,
        let low = self.bytes[self.index + 1].hexDigitValue
      else { return nil }
      self.index += 2
      return high << 4 | low
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      var value = Int(byte) - 0x30
      for _ in 0..<2 {
        guard let digit = self.current, digit.isASCIIDigit else { break }
        value = value * 10 + Int(digit) - 0x30
        self.index += 1
      }
      return UInt8(exactly: value)
    default: return nil
    }
  }

  /// `[[text]]`, `[==[text]==]`.
  private mutating func longText() -> String? {
    var level = 0
    self.index += 1
    while self.current == UInt8(ascii: "=") {
      level += 1
      self.index += 1
    }
    guard self.current == UInt8(ascii: "[") else { return nil }
    self.index += 1
    if self.current == 0x0A { self.index += 1 }
    let end = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    let start = self.index
    while self.index + end.count <= self.bytes.count {
      if self.bytes[self.index...].starts(with: end) {
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        self.index += end.count
        return text
      }
      self.index += 1
    }
    return nil
  }
}
