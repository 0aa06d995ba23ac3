// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonHTTP2

/// The code of strings (RFC 7541, section 5.2 and appendix B).
@Suite struct HuffmanTests {
  static func coded(_ text: [UInt8]) -> [UInt8] {
    var output = ByteBuffer()
    let count = HuffmanCode.shared.encodedCount(text.span)
    output.append(upTo: count) { HuffmanCode.shared.encode(text.span, to: &$0) }
    #expect(output.count == count)
    return output.takeBytes()
  }

  /// nil: it is none.
  static func decoded(_ coded: [UInt8]) -> [UInt8]? {
    var output = ByteBuffer()
    return HuffmanCode.shared.decode(coded.span, into: &output) ? output.takeBytes() : nil
  }

  @Test(arguments: UInt8.min...UInt8.max) func everyByteGoesBothWays(_ byte: UInt8) {
    // At each offset in a byte: the code of "0" has five bits, and that of "X" eight.
    for before in 0..<8 {
      for text in [
        [UInt8](repeating: 0x30, count: before) + [byte], [UInt8](repeating: 0x58, count: before) + [byte, byte],
      ] {
        #expect(Self.decoded(Self.coded(text)) == text)
      }
    }
  }

  @Test(arguments: [
    ("0", "07"), ("a", "1f"), (":", "b9"), ("X", "fc"), ("!", "fe3f"), ("|", "ff9f"), ("#", "ffaf"), ("$", "ffcf"),
    ("^", "fff3"), ("<", "fff9"), ("\\", "fffe1f"), ("no-cache", "a8eb10649cbf"), ("302", "6402"), ("", ""),
  ]) func knownCodes(_ text: String, hex: String) {
    #expect(Self.coded(Array(text.utf8)) == bytes(hex))
    #expect(Self.decoded(bytes(hex)) == Array(text.utf8))
  }

  @Test func theCodeIsComplete() {
    let lengths = HuffmanCode.shared.lengths
    #expect(lengths.count == 257)
    #expect(lengths.reduce(UInt64(0)) { $0 + 1 << (30 - UInt64($1)) } == 1 << 30)
    #expect(HuffmanCode.shared.codes[256] == 0x3FFF_FFFF)
    #expect(HuffmanCode.shared.codes[0] == 0x1FF8)
    #expect(HuffmanCode.shared.codes[10] == 0x3FFF_FFFC)
    #expect(HuffmanCode.shared.codes[255] == 0x3FF_FFEE)
  }

  @Test(arguments: [
    "ffff fffc", "ffff fffc 07", "1fff ffff ff",  // EOS, and at another offset
    "1fff", "ff", "ffff", "b9ff",  // eight bits of padding or more
    "00", "18", "1e", "b8ff fe",  // padding with a zero
    "ffff ff", "ffff fff0", "fe",  // the end amid a code
  ]) func isNoText(_ hex: String) {
    #expect(Self.decoded(bytes(hex)) == nil)
  }

  @Test func longTextsGoBothWays() {
    var random = SplitMix64(state: 7)
    for _ in 0..<500 {
      let text = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      #expect(Self.decoded(Self.coded(text)) == text)
    }
  }

  /// What is decoded to something is the code of just that, or padded otherwise: no two texts have one code.
  @Test func whatIsDecodedIsCodedAlike() {
    var random = SplitMix64(state: 11)
    var valid = 0
    for _ in 0..<50_000 {
      let input = (0..<Int.random(in: 1...3, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random)
      }
      guard let text = Self.decoded(input) else { continue }
      valid += 1
      #expect(Self.coded(text) == input)
    }
    #expect(valid > 1000)
  }
}
