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

  @Test(
    arguments: [
      ("", []), ("a=1", ["a=1"]), ("a&b=&=c&&d=e=f", ["a", "b=", "d=e=f"]), ("%61=%31+2", ["a=1 2"]), ("&", []),
      ("a=1;b=2", ["a=1;b=2"]), ("\u{301}&=\u{301}", ["\u{301}"]), ("a=1&\u{600}&b", ["a=1", "\u{600}", "b"]),
    ] as [(String, [String])])
  func argumentsAreCutAtTheirBytes(text: String, expected: [String]) {
    let found = FormText.arguments(Array(text.utf8)).map { argument in
      argument.name + (argument.value.map { [UInt8(ascii: "=")] + $0 } ?? [])
    }
    #expect(found == expected.map { Array($0.utf8) })
  }

  @Test(
    arguments: [
      ("a=1&k=x&b=2", "a=1&b=2"), ("k=x", ""), ("k", ""), ("a=%31&k=x&b", "a=1&b="), ("%6b=x&a=b+c%20d", "a=b+c+d"),
      ("a=%2F%7e*-._&K=1", "a=%2F%7E*-._&K=1"), ("a=b=c", "a=b%3Dc"), ("&&a&", "a="), ("=x", "=x"),
      ("a=%zz", "a=%25zz"),
      ("a=%FF", "a=%FF"), ("", ""), ("\u{212A}=1&k=2", "%E2%84%AA=1"),
    ])
  func whatIsLeftIsWrittenAgain(text: String, expected: String) {
    #expect(String(decoding: FormText.removing("k", from: Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test func inAPathAPlusIsItself() {
    #expect(FormText.unescaped("a+b%2B%2f".utf8) == Array("a+b+/".utf8))
  }

  @Test func whatFollowsTheSliceIsNotRead() { #expect(FormText.decoded(Array("%41".utf8)[0..<2]) == Array("%4".utf8)) }

  @Test func everyByteHasAnEscape() {
    for byte in UInt8.min...UInt8.max {
      #expect(byte.percentEscape.count == 3 && FormText.decoded(byte.percentEscape[...]) == [byte])
    }
    #expect(UInt8(0xAF).percentEscape == Array("%AF".utf8))
  }
}
