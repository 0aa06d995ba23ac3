// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@Suite struct FormTextTests {
  @Test(
    arguments: [
      ("", ""), ("a+b", "a b"), ("%41%6a%2B", "Aj+"), ("%", "%"), ("%4", "%4"), ("%4g", "%4g"), ("100%", "100%"),
      ("%%41", "%A"), ("%C3%A9", "é"),
    ])
  func valuesAreDecoded(text: String, expected: String) {
    #expect(FormText.decoded(Array(text.utf8)[...]) == Array(expected.utf8))
    // A slice has its own bounds.
    #expect(FormText.decoded(Array("=\(text)".utf8)[1...]) == Array(expected.utf8))
  }

  @Test func whatFollowsTheSliceIsNotRead() { #expect(FormText.decoded(Array("%41".utf8)[0..<2]) == Array("%4".utf8)) }

  @Test func everyByteHasAnEscape() {
    for byte in UInt8.min...UInt8.max {
      #expect(byte.percentEscape.count == 3 && FormText.decoded(byte.percentEscape[...]) == [byte])
    }
    #expect(UInt8(0xAF).percentEscape == Array("%AF".utf8))
  }
}
