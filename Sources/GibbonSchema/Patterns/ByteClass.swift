// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A set of bytes, as 256 bits.
struct ByteClass: Sendable, Hashable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}

  init(_ predicate: (UInt8) -> Bool) {
    for byte in UInt8.min...UInt8.max where predicate(byte) { self.insert(byte) }
  }

  func contains(_ byte: UInt8) -> Bool {
    let word: UInt64
    switch byte >> 6 {
    case 0: word = self.words.0
    case 1: word = self.words.1
    case 2: word = self.words.2
    default: word = self.words.3
    }
    return word >> UInt64(byte & 63) & 1 == 1
  }

  mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: self.words.0 |= bit
    case 1: self.words.1 |= bit
    case 2: self.words.2 |= bit
    default: self.words.3 |= bit
    }
  }

  mutating func formUnion(_ other: ByteClass) {
    for byte in UInt8.min...UInt8.max where other.contains(byte) { self.insert(byte) }
  }

  var inverted: ByteClass { ByteClass { !self.contains($0) } }

  static func == (left: ByteClass, right: ByteClass) -> Bool { left.words == right.words }

  func hash(into hasher: inout Hasher) {
    hasher.combine(self.words.0)
    hasher.combine(self.words.1)
    hasher.combine(self.words.2)
    hasher.combine(self.words.3)
  }
}

extension ByteClass {
  /// The next character class of a Lua pattern: `.`, `%a`, `[a-z_]`, or a plain character.
  init(consuming rest: inout ArraySlice<UInt8>) {
    guard let byte = rest.popFirst() else {
      self.init()
      return
    }
    switch byte {
    case UInt8(ascii: "."): self.init { _ in true }
    case UInt8(ascii: "%"):
      self.init(escaped: rest.popFirst() ?? UInt8(ascii: "%"))
    case UInt8(ascii: "["):
      self.init(setAfterBracket: &rest)
    default: self.init { $0 == byte }
    }
  }

  /// `%a` and its kin; a capital letter is the complement; any other character stands for itself.
  private init(escaped letter: UInt8) {
    let members: ((UInt8) -> Bool)?
    switch letter.asciiLowercased {
    case UInt8(ascii: "a"): members = { $0.isASCIILetter }
    case UInt8(ascii: "d"): members = { $0.isASCIIDigit }
    case UInt8(ascii: "l"): members = { 0x61...0x7A ~= $0 }
    case UInt8(ascii: "u"): members = { 0x41...0x5A ~= $0 }
    case UInt8(ascii: "w"): members = { $0.isASCIILetter || $0.isASCIIDigit }
    case UInt8(ascii: "x"): members = { $0.hexDigitValue != nil }
    case UInt8(ascii: "s"): members = { $0 == 0x20 || 0x09...0x0D ~= $0 }
    case UInt8(ascii: "c"): members = { $0 < 0x20 || $0 == 0x7F }
    case UInt8(ascii: "p"):
      members = { 0x21...0x7E ~= $0 && !$0.isASCIILetter && !$0.isASCIIDigit }
    default: members = nil
    }
    guard let members else {
      self.init { $0 == letter }
      return
    }
    let isComplement = 0x41...0x5A ~= letter
    self.init { members($0) != isComplement }
  }

  private init(setAfterBracket rest: inout ArraySlice<UInt8>) {
    self.init()
    let isComplement = rest.first == UInt8(ascii: "^")
    if isComplement { rest.removeFirst() }
    var isFirst = true
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "]"), !isFirst { break }
      isFirst = false
      if byte == UInt8(ascii: "%"), let letter = rest.popFirst() {
        self.formUnion(ByteClass(escaped: letter))
        continue
      }
      let tail = Array(rest.prefix(2))
      if tail.count == 2, tail[0] == UInt8(ascii: "-"), tail[1] != UInt8(ascii: "]") {
        rest = rest.dropFirst(2)
        if byte <= tail[1] {
          for member in byte...tail[1] { self.insert(member) }
        }
      } else {
        self.insert(byte)
      }
    }
    if isComplement { self = self.inverted }
  }
}
