// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The words and signs of a piece of Lua 5.1, one after the other.
struct LuaTokens {
  enum Token: Equatable {
    case name
    /// A keyword.
    case word(String)
    case number, string
    case sign(String)
    case end
    /// Something that no Lua has.
    case invalid
  }

  private static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not",
    "or", "repeat", "return", "then", "true", "until", "while",
  ]
  /// Longer ones first.
  private static let signs = [
    "...", "..", "==", "~=", "<=", ">=", "+", "-", "*", "/", "%", "^", "#", "<", ">", "=", "(", ")", "{", "}", "[", "]",
    ";", ":", ",", ".",
  ]

  private let bytes: [UInt8]
  private var offset = 0
  private(set) var current = Token.end
  /// The one after it.
  private(set) var following = Token.end

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    self.current = self.read()
    self.following = self.read()
  }

  mutating func advance() {
    self.current = self.following
    self.following = self.read()
  }

  private func byte(_ distance: Int = 0) -> UInt8 {
    self.offset + distance < self.bytes.count ? self.bytes[self.offset + distance] : 0
  }

  private mutating func read() -> Token {
    while self.byte() == .space || 0x09...0x0D ~= self.byte() { self.offset += 1 }
    guard self.offset < self.bytes.count else { return .end }
    let first = self.byte()
    if first.isASCIILetter || first == UInt8(ascii: "_") { return self.word() }
    if first.isASCIIDigit || (first == UInt8(ascii: ".") && self.byte(1).isASCIIDigit) { return self.number() }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return self.quoted(first) }
    if first == UInt8(ascii: "["), let long = self.long() { return long }
    if first == UInt8(ascii: "-"), self.byte(1) == first { return .invalid }
    for sign in Self.signs where self.bytes[self.offset...].starts(with: sign.utf8) {
      self.offset += sign.utf8.count
      return .sign(sign)
    }
    return .invalid
  }

  private mutating func word() -> Token {
    let start = self.offset
    while self.isNamePart(self.byte()) { self.offset += 1 }
    let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
    return Self.keywords.contains(text) ? .word(text) : .name
  }

  private func isNamePart(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_")
  }

  /// Decimal with a fraction and an exponent, or hexadecimal.
  private mutating func number() -> Token {
    if self.byte() == UInt8(ascii: "0"), self.byte(1) | 0x20 == UInt8(ascii: "x") {
      self.offset += 2
      guard self.byte().hexDigitValue != nil else { return .invalid }
      while self.byte().hexDigitValue != nil { self.offset += 1 }
    } else {
      while self.byte().isASCIIDigit { self.offset += 1 }
      if self.byte() == UInt8(ascii: "."), self.byte(1) != UInt8(ascii: ".") {
        self.offset += 1
        while self.byte().isASCIIDigit { self.offset += 1 }
      }
      if self.byte() | 0x20 == UInt8(ascii: "e") {
        self.offset += 1
        if self.byte() == UInt8(ascii: "+") || self.byte() == UInt8(ascii: "-") { self.offset += 1 }
        guard self.byte().isASCIIDigit else { return .invalid }
        while self.byte().isASCIIDigit { self.offset += 1 }
      }
    }
    return self.isNamePart(self.byte()) ? .invalid : .number
  }

  private mutating func quoted(_ quote: UInt8) -> Token {
    self.offset += 1
    while self.offset < self.bytes.count {
      let byte = self.byte()
      if byte == .lineFeed { return .invalid }
      self.offset += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == quote { return .string }
    }
    return .invalid
  }

  /// `[[…]]` or `[=[…]=]`; nil for a bracket that is only one.
  private mutating func long() -> Token? {
    var level = 0
    while self.byte(1 + level) == UInt8(ascii: "=") { level += 1 }
    guard self.byte(1 + level) == UInt8(ascii: "[") else { return level == 0 ? nil : .invalid }
    let bracket = UInt8(ascii: "]")
    let close = [bracket] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [bracket]
    self.offset += level + 2
    while self.offset < self.bytes.count {
      if self.byte() == bracket, self.bytes[self.offset...].starts(with: close) {
        self.offset += close.count
        return .string
      }
      self.offset += 1
    }
    return .invalid
  }
}
