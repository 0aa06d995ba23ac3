// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HuffmanCode {
  /// Bits read from a string and not yet used, at the top of the word.
  private struct Window {
    var bits: UInt64 = 0
    var count = 0
    var position = 0

    /// Fills up to more than 32 bits, while the string has them.
    @inline(__always)
    mutating func fill(_ text: Span<UInt8>) {
      if text.count &- self.position >= 4 {
        let four = text.extracting(self.position..<self.position &+ 4)
        let word = UInt64(four[0]) << 24 | UInt64(four[1]) << 16 | UInt64(four[2]) << 8 | UInt64(four[3])
        self.bits |= word &<< UInt64(32 &- self.count)
        self.count &+= 32
        self.position &+= 4
        return
      }
      while self.count <= 32, self.position < text.count {
        self.bits |= UInt64(text[self.position]) &<< UInt64(56 &- self.count)
        self.count &+= 8
        self.position &+= 1
      }
    }

    @inline(__always)
    mutating func drop(_ length: Int) {
      self.bits &<<= UInt64(length)
      self.count &-= length
    }
  }

  /// Appends the bytes that a Huffman-coded string stands for. False, with some of them appended, when it is none: it
  /// has EOS in it, ends amid a code, or is padded by more than seven bits or by other bits than ones.
  func decode(_ text: Span<UInt8>, into output: inout ByteBuffer) -> Bool {
    var isValid = false
    // The shortest codes have 5 bits.
    output.append(upTo: text.count &* 8 / 5 &+ 1) { isValid = self.decode(text, to: &$0) }
    return isValid
  }

  private func decode(_ text: Span<UInt8>, to output: inout OutputSpan<UInt8>) -> Bool {
    let short = self.short.span
    var window = Window()
    while true {
      if window.count <= 32 { window.fill(text) }
      let entry = short[Int(truncatingIfNeeded: window.bits &>> UInt64(64 &- Self.shortBits))]
      var length = Int(entry >> 8)
      var byte = UInt8(truncatingIfNeeded: entry)
      if length == 0 || length > window.count {
        // The end, where the padding is what would begin EOS.
        if window.count < 8, Self.isPadding(window.bits, window.count) { return true }
        let symbol = self.longSymbol(UInt32(truncatingIfNeeded: window.bits &>> 32))
        guard symbol.length <= window.count, symbol.symbol < Self.endOfString else { return false }
        (byte, length) = (UInt8(truncatingIfNeeded: symbol.symbol), symbol.length)
      }
      output.append(byte)
      window.drop(length)
    }
  }

  /// Whether the remaining bits are all ones, as none are.
  private static func isPadding(_ bits: UInt64, _ count: Int) -> Bool {
    (~bits &>> UInt64(63 &- count)) >> 1 == 0
  }

  /// The symbol whose code the bits begin with.
  private func longSymbol(_ bits: UInt32) -> (symbol: Int, length: Int) {
    for length in 5...Self.longest where UInt64(bits) < self.ends[length] {
      let offset = Int((bits &- self.firsts[length]) &>> UInt32(32 &- length))
      return (Int(self.symbols[self.ranks[length] &+ offset]), length)
    }
    return (Self.endOfString, Self.longest)
  }
}
