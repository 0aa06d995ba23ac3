// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonHTTP2

/// Blocks that no encoder makes: the connection ends with them.
@Suite struct HPACKErrorTests {
  static let cases: [(String, HPACKError, [UInt8])] = [
    ("index 0", .invalidIndex, [0x80]),
    ("an index beyond the static table, the other being empty", .invalidIndex, [0xBE]),
    ("the same for a name that is inserted", .invalidIndex, [0x7E] + string("v")),
    ("the same for a name that is not", .invalidIndex, [0x0F, 47] + string("v")),
    ("an index beyond the entries", .invalidIndex, literal("a", "b", first: 0x40) + [0xBE, 0xBF]),
    ("the greatest index", .invalidIndex, [0xFF, 0x80, 0xFF, 0xFF, 0xFF, 0x07]),
    ("an integer beyond 31 bits", .invalidInteger, [0xFF, 0x81, 0xFF, 0xFF, 0xFF, 0x07]),
    ("an integer of many bits", .invalidInteger, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
    ("an integer of six bytes of zeros", .invalidInteger, [0xFF, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
    ("an index without its end", .truncated, [0xFF]),
    ("an index amid its bytes", .truncated, [0xFF, 0x80]),
    ("a literal without a name", .truncated, [0x40]),
    ("a name that is cut", .truncated, [0x40, 5, 0x61]),
    ("a literal without a value", .truncated, [0x40, 1, 0x61]),
    ("a value that is cut", .truncated, [0x40, 1, 0x61, 2, 0x62]),
    ("a value said to be huge", .truncated, [0x41, 0x7F, 0x80, 0xFF, 0xFF, 0xFF, 0x07]),
    ("a name in bad Huffman code", .invalidHuffman, [0x00, 0x81, 0x00] + string("v")),
    ("a value with EOS", .invalidHuffman, [0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("a value with eight bits of padding", .invalidHuffman, [0x04, 0x82, 0x1F, 0xFF]),
    ("a value that is not inserted, in bad Huffman code", .invalidHuffman, [0x14, 0x81, 0x18]),
    ("a size update after a field", .misplacedSizeUpdate, [0x82, 0x20]),
    ("three size updates", .misplacedSizeUpdate, [0x20, 0x21, 0x22, 0x82]),
    ("a size update beyond the limit", .sizeUpdateBeyondLimit, integer(4097, bits: 5, pattern: 0x20)),
    ("the second one beyond the limit", .sizeUpdateBeyondLimit, [0x20] + integer(4097, bits: 5, pattern: 0x20)),
  ]

  @Test(arguments: cases.indices) func isRefused(_ index: Int) {
    let (name, error, block) = Self.cases[index]
    var reader = BlockReader()
    #expect(reader.error(block) == error, "\(name)")
  }

  @Test func theNeighboursOfThoseAreTaken() {
    let blocks: [[UInt8]] = [
      [0x81], [0xBD], literal("a", "b", first: 0x40) + [0xBE], [0x0F, 46] + string("v"),
      [0x20, 0x3F, 0xE1, 0x1F, 0x82], integer(4096, bits: 5, pattern: 0x20), [], [0x04, 0x81, 0x1F],
      [0x82 | 0, 0x0F, 0x80, 0x80, 0x80, 0x80, 0x00] + string("v"),
    ]
    for block in blocks {
      var reader = BlockReader()
      #expect(reader.error(block) == nil, "\(block)")
    }
  }

  /// Whatever a block's bytes are, it is decoded or refused, and no place lies outside of the bytes.
  @Test func randomBlocksAreDecodedOrRefused() {
    var random = SplitMix64(state: 3)
    var decoded = 0
    for _ in 0..<20_000 {
      var reader = BlockReader(limits: HPACKLimits(fieldCount: 5, listBytes: 300))
      for _ in 0..<3 {
        let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in
          UInt8.random(in: .min ... .max, using: &random)
        }
        if reader.error(bytes) != nil { break }
        decoded += 1
      }
    }
    #expect(decoded > 800)
  }
}
