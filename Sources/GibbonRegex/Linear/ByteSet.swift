// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A set of bytes: what one place of a pattern accepts.
struct ByteSet: Sendable, Hashable {
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0

  init() {}

  init(_ byte: UInt8) { self.insert(byte) }

  init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { self.insert(byte) }
  }

  init(where isMember: (UInt8) -> Bool) {
    for byte in UInt8.min...UInt8.max where isMember(byte) { self.insert(byte) }
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(byte & 63)
    switch byte &>> 6 {
    case 0: return self.first & bit != 0
    case 1: return self.second & bit != 0
    case 2: return self.third & bit != 0
    default: return self.fourth & bit != 0
    }
  }

  mutating func insert(_ byte: UInt8) {
    let bit: UInt64 = 1 &<< UInt64(byte & 63)
    switch byte &>> 6 {
    case 0: self.first |= bit
    case 1: self.second |= bit
    case 2: self.third |= bit
    default: self.fourth |= bit
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    self.first |= other.first
    self.second |= other.second
    self.third |= other.third
    self.fourth |= other.fourth
  }

  var inverted: ByteSet {
    var result = ByteSet()
    (result.first, result.second, result.third, result.fourth) = (~self.first, ~self.second, ~self.third, ~self.fourth)
    return result
  }

  /// With each ASCII letter in both cases.
  var caseless: ByteSet {
    var result = self
    for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
      let upper = letter & 0xDF
      if self.contains(letter) { result.insert(upper) }
      if self.contains(upper) { result.insert(letter) }
    }
    return result
  }
}

// MARK: - The sets that patterns name

extension ByteSet {
  static let digits = ByteSet { $0.isASCIIDigit }
  static let words = ByteSet { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
  static let spaces = ByteSet { $0 == .space || (0x09...0x0D).contains($0) }
  static let horizontalSpaces = ByteSet([0x09, 0x20, 0xA0] as [UInt8])
  static let verticalSpaces = ByteSet([0x0A, 0x0B, 0x0C, 0x0D, 0x85] as [UInt8])
  static let lineFeed = ByteSet(UInt8.lineFeed)
  static let all = ByteSet().inverted

  /// What `\d` and its like stand for; nil for other letters.
  init?(escape letter: UInt8) {
    let set: ByteSet
    switch letter | 0x20 {
    case UInt8(ascii: "d"): set = .digits
    case UInt8(ascii: "w"): set = .words
    case UInt8(ascii: "s"): set = .spaces
    case UInt8(ascii: "h"): set = .horizontalSpaces
    case UInt8(ascii: "v"): set = .verticalSpaces
    default: return nil
    }
    self = letter & 0x20 == 0 ? set.inverted : set
  }

  /// What `[:name:]` stands for; nil for other names.
  init?(named name: some StringProtocol) {
    switch name {
    case "alpha": self.init { $0.isASCIILetter }
    case "digit": self = .digits
    case "alnum": self.init { $0.isASCIILetter || $0.isASCIIDigit }
    case "upper": self.init { (0x41...0x5A).contains($0) }
    case "lower": self.init { (0x61...0x7A).contains($0) }
    case "space": self = .spaces
    case "blank": self.init([0x09, 0x20] as [UInt8])
    case "punct": self.init { (0x21...0x7E).contains($0) && !$0.isASCIILetter && !$0.isASCIIDigit }
    case "xdigit": self.init { $0.hexDigitValue != nil }
    case "word": self = .words
    case "cntrl": self.init { $0 < 0x20 || $0 == 0x7F }
    case "graph": self.init { (0x21...0x7E).contains($0) }
    case "print": self.init { (0x20...0x7E).contains($0) }
    case "ascii": self.init { $0 < 0x80 }
    default: return nil
    }
  }
}
