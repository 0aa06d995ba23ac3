// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The Huffman code of RFC 7541, appendix B, as tables for both directions.
///
/// The code is canonical: codes of one length are consecutive in the order of their symbols, and a longer code is
/// greater than what a shorter one begins with. So the lengths say everything.
struct HuffmanCode: Sendable {
  /// Bits of each byte's code; the last one is of EOS, which is no byte.
  private static let lengths: [UInt8] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5,
    6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11,
    14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23,
    23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23,
    23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25,
    26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20,
    24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
  ]

  /// The symbol that ends nothing here: its code pads a string's last byte (RFC 7541, section 5.2).
  static let endOfString = 256
  /// Bits of the longest code.
  static let longest = 30
  /// Bits that the first look-up of a decoder takes: enough for nearly everything that fields are made of.
  static let shortBits = 10

  /// Bits of each symbol's code.
  let lengths = Self.lengths
  /// The code of each symbol, in its lowest bits.
  let codes: [UInt32]
  /// For the next `shortBits` bits: the symbol in the low byte, its code's length above; 0 if the code is longer.
  let short: [UInt16]
  /// All symbols in the order of their codes.
  let symbols: [UInt16]
  /// By length: where the codes of this length begin in `symbols`, and the first of them at the top of 32 bits.
  let ranks: [Int]
  let firsts: [UInt32]
  /// By length: beyond the last code of this length, at the top of 32 bits.
  let ends: [UInt64]

  static let shared = HuffmanCode()

  private init() {
    let lengths = Self.lengths.map(Int.init)
    let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var codes = [UInt32](repeating: 0, count: lengths.count)
    var ranks = [Int](repeating: 0, count: Self.longest + 1)
    var firsts = [UInt32](repeating: 0, count: Self.longest + 1)
    var ends = [UInt64](repeating: 0, count: Self.longest + 1)
    // The next code, at the top of 33 bits' worth of room.
    var next: UInt64 = 0
    for (rank, symbol) in order.enumerated() {
      let length = lengths[symbol]
      let code = UInt32(truncatingIfNeeded: next)
      if ends[length] == 0 {
        ranks[length] = rank
        firsts[length] = code
      }
      codes[symbol] = code >> UInt32(32 - length)
      next += 1 << UInt64(32 - length)
      ends[length] = next
    }
    var short = [UInt16](repeating: 0, count: 1 << Self.shortBits)
    for symbol in order where lengths[symbol] <= Self.shortBits {
      let spare = Self.shortBits - lengths[symbol]
      let start = Int(codes[symbol]) << spare
      for index in start..<start + (1 << spare) { short[index] = UInt16(lengths[symbol]) << 8 | UInt16(symbol) }
    }
    self.codes = codes
    self.short = short
    self.symbols = order.map { UInt16($0) }
    self.ranks = ranks
    self.firsts = firsts
    self.ends = ends
  }
}
