// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonStorePostgres

/// Texts that PostgreSQL cannot hold as they are.
@Suite struct ColumnTextTests {
  private static let texts = [
    "", "plain", "\u{0}", "\u{1}", "a\u{0}", "a\u{0}\u{1}\u{0}b", "\u{1}0", "\u{1}1", "0", "\u{2}", "ü\u{0}ü",
    "a\u{1}",
  ]

  @Test(arguments: texts) func aTextComesBack(text: String) {
    let encoded = ColumnText.encode(text)
    #expect(!encoded.utf8.contains(0))
    #expect(ColumnText.decode(encoded) == text)
  }

  @Test func textsStayApartAndInOrder() {
    #expect(Set(Self.texts.map(ColumnText.encode)).count == Self.texts.count)
    func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
    let inOrder = Self.texts.sorted(by: precedes)
    #expect(inOrder.map(ColumnText.encode) == Self.texts.map(ColumnText.encode).sorted(by: precedes))
  }

  @Test func namesAreQuoted() {
    #expect(SQLName.quoted("routes") == "\"routes\"")
    #expect(SQLName.quoted("a\"; DROP TABLE routes; --") == "\"a\"\"; DROP TABLE routes; --\"")
  }
}
