// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

/// Base64 as nginx takes it, in both alphabets.
@Suite struct Base64Tests {
  private static func text(_ base64: Base64, _ digits: String) -> String? {
    base64.decoded(Array(digits.utf8)[...]).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The examples of RFC 4648 section 10.
  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
    ("Zm9vYmFy", "foobar"),
  ]) func theStandardsExamples(digits: String, text: String) {
    for base64 in [Base64.standard, .url, .either] {
      #expect(Self.text(base64, digits) == text)
      #expect(Self.text(base64, String(digits.prefix { $0 != "=" })) == text)
    }
  }

  @Test func whatIsWrittenIsRead() {
    for count in 0...32 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 251 &+ 193) }
      for base64 in [Base64.standard, .url, .either] {
        let padded = base64.encoded(bytes)
        #expect(padded.utf8.count == (count + 2) / 3 * 4 && base64.decoded(padded) == bytes)
        #expect(base64.encoded(bytes, isPadded: false) == padded.prefix { $0 != "=" })
      }
    }
    #expect(Base64.standard.encoded([0xFB, 0xFF]) == "+/8=" && Base64.url.encoded([0xFB, 0xFF]) == "-_8=")
  }

  @Test func eachAlphabetHasItsOwnLastDigits() {
    let bytes: [UInt8] = [0xFB, 0xFF]
    for (digits, alphabets) in [("+/8=", [Base64.standard, .either]), ("-_8=", [.url, .either])] {
      for base64 in alphabets { #expect(base64.decoded(Array(digits.utf8)[...]) == bytes) }
    }
    #expect(Base64.standard.decoded(Array("-_8=".utf8)[...]) == nil)
    #expect(Base64.url.decoded(Array("+/8=".utf8)[...]) == nil)
  }

  @Test(arguments: ["A", "AAAAA", "A=", "=A", "AA=A", "AA==A", "A A", "AA\n", "AA.A", "é", "AA\u{0}A"])
  func otherTextsAreNone(digits: String) {
    for base64 in [Base64.standard, .url, .either] { #expect(Self.text(base64, digits) == nil) }
  }

  @Test func everyByteIsADigitOrNot() {
    let digits = (UInt8.min...UInt8.max).filter { Base64.standard.decoded([$0, 0x41, 0x41, 0x41]) != nil }
    // With the equals sign, no digit comes first.
    #expect(digits.count == 64)
  }

  @Test func bitsBehindTheLastByteDoNotMatter() {
    #expect(Self.text(.standard, "Zh") == "f" && Self.text(.standard, "Zm9=") == "fo")
  }
}
