// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Text looked at eight bytes at a time, as a number whose lowest byte is the first.
extension Span<UInt8> {
  /// Eight bytes from `index` on. The compiler makes one load and one check of it.
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    let eight = self.extracting(index..<index &+ 8)
    let low = UInt64(eight[0]) | UInt64(eight[1]) << 8 | UInt64(eight[2]) << 16 | UInt64(eight[3]) << 24
    let high = UInt64(eight[4]) << 32 | UInt64(eight[5]) << 40 | UInt64(eight[6]) << 48 | UInt64(eight[7]) << 56
    return low | high
  }

  /// Up to eight bytes from `index` on; where the text has no more, the word has zeros.
  @inline(__always)
  func lastWord(at index: Int) -> UInt64 {
    self.count &- index >= 8 ? self.word(at: index) : self.shortWord(at: index)
  }

  @inline(never)
  private func shortWord(at index: Int) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for place in Swift.min(index, self.count)..<self.count {
      word |= UInt64(self[place]) &<< shift
      shift &+= 8
    }
    return word
  }

  /// Four bytes from `index` on.
  @inline(__always)
  private func halfWord(at index: Int) -> UInt32 {
    let four = self.extracting(index..<index &+ 4)
    return UInt32(four[0]) | UInt32(four[1]) << 8 | UInt32(four[2]) << 16 | UInt32(four[3]) << 24
  }

  /// Whether these bytes are the other's. The last word overlaps the one before it, so that nothing is left over.
  @inline(__always)
  func equalsWords(_ other: Span<UInt8>) -> Bool { self.equals(other, lowercasing: false) }

  /// Whether these bytes are the other's, letters compared without case. The other's are lower case.
  @inline(__always)
  func equals(lowercased other: Span<UInt8>) -> Bool { self.equals(other, lowercasing: true) }

  @inline(__always)
  private func equals(_ other: Span<UInt8>, lowercasing: Bool) -> Bool {
    guard self.count == other.count else { return false }
    if self.count >= 8 {
      let last = self.count &- 8
      var index = 0
      while index < last {
        let word = self.word(at: index)
        if (lowercasing ? word.asciiLowercased : word) != other.word(at: index) { return false }
        index &+= 8
      }
      let word = self.word(at: last)
      return (lowercasing ? word.asciiLowercased : word) == other.word(at: last)
    }
    if self.count >= 4 {
      let last = self.count &- 4
      let word = UInt64(self.halfWord(at: 0)) | UInt64(self.halfWord(at: last)) << 32
      let otherWord = UInt64(other.halfWord(at: 0)) | UInt64(other.halfWord(at: last)) << 32
      return (lowercasing ? word.asciiLowercased : word) == otherWord
    }
    for index in self.indices {
      if (lowercasing ? self[index].asciiLowercased : self[index]) != other[index] { return false }
    }
    return true
  }
}

extension UInt64 {
  /// The byte in all eight places.
  @inline(__always)
  static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

  /// The word with `A`–`Z` as `a`–`z`, and every other byte as it is.
  var asciiLowercased: UInt64 {
    @inline(__always) get {
      let low = self & .repeating(0x7F)
      let fromA = low &+ .repeating(0x80 - 0x41)
      let beyondZ = low &+ .repeating(0x80 - 0x5B)
      return self | ((fromA & ~beyondZ & ~self & .repeating(0x80)) >> 2)
    }
  }

  /// Where the byte first is, from 0 to 7; 8 if it is not in the word.
  @inline(__always)
  func firstPlace(of byte: UInt8) -> Int {
    let other = self ^ .repeating(byte)
    return ((other &- .repeating(1)) & ~other & .repeating(0x80)).trailingZeroBitCount / 8
  }

  /// Whether a byte is a control byte, HTAB among them.
  var mayHaveControl: Bool {
    @inline(__always) get {
      let deleted = self ^ .repeating(0x7F)
      let below = (self &- .repeating(0x20)) & ~self
      return (below | ((deleted &- .repeating(1)) & ~deleted)) & .repeating(0x80) != 0
    }
  }

  /// The lowest `count` bytes of the word, fewer than eight; the others as zeros.
  @inline(__always)
  func first(_ count: Int) -> UInt64 {
    self & ((1 &<< UInt64(8 &* count)) &- 1)
  }
}
