// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

/// Texts as bytes, where `String` has another opinion.
@Suite struct ByteTextTests {
  @Test(arguments: [
    ("", "", true), ("a", "a", true), ("a", "b", false), ("K", "\u{212A}", false), (";", "\u{37E}", false),
    ("\u{E9}", "e\u{301}", false), ("a\u{323}\u{307}", "a\u{307}\u{323}", false), ("\u{E9}", "\u{E9}", true),
  ]) func sameIsByteForByte(left: String, right: String, isSame: Bool) {
    #expect(left.isSame(as: right) == isSame && right[...].isSame(as: left) == isSame)
  }

  @Test(arguments: [
    ("Host", "hOST", true), ("host", "hos", false), ("k", "\u{212A}", false), ("\u{C9}", "\u{E9}", false),
    ("stra\u{DF}e", "STRASSE", false), ("i", "\u{130}", false),
  ]) func onlyASCIIHasCase(left: String, right: String, isSame: Bool) {
    #expect(left.isSame(ignoringCase: right) == isSame)
    #expect(left.asciiLowercased.isSame(as: right.asciiLowercased) == isSame)
  }

  @Test func beginningsAndEndsAreBytes() {
    #expect("SHA-256=\u{301}".starts(withBytesOf: "SHA-256=") && !"SHA".starts(withBytesOf: "SHA-"))
    #expect("a+json".ends(withBytesOf: "+json") && !"son".ends(withBytesOf: "+json") && "".ends(withBytesOf: ""))
    #expect("a\r\nb".ends(withBytesOf: "\nb"))
    #expect("X_Y-z".dashed == "X-Y-z")
  }
}
