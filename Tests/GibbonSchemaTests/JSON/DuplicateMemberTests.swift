// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// Members given twice, which most parsers lose one of.
@Suite struct DuplicateMemberTests {
  private static let limits = JSONParser.Limits(allowsRepeatedKeys: false)

  @Test(arguments: [
    (#"{"a": 1, "a": 1}"#, "'a' is given twice, on line 1 and on line 1"),
    ("{\"a\": 1,\n\"b\": {\"c\": 1},\n\n\"a\": 2}", "'a' is given twice, on line 1 and on line 4"),
    ("[{\"a\": {\n\"x\": 1,\n\"x\": 2}}]", "'x' is given twice, on line 2 and on line 3"),
    (#"{"a": 1, "\u0061": 2}"#, "'a' is given twice, on line 1 and on line 1"),
  ])
  func areRefusedNamingBothLines(_ text: String, _ message: String) {
    guard case .failure(let error) = JSONParser.parse(text, limits: Self.limits) else {
      Issue.record("\(text) was read")
      return
    }
    #expect(error.message == message && error.isDuplicate)
    guard case .failure(let mapped) = JSONParser.parseMapped(Array(text.utf8), limits: Self.limits) else {
      Issue.record("\(text) was read")
      return
    }
    #expect(mapped == error)
  }

  @Test func manyMembersAreCompared() {
    let members = (0..<200).map { "\"k\($0)\": \($0)" }
    let good = "{" + members.joined(separator: ",\n") + "}"
    #expect((try? JSONParser.parse(good, limits: Self.limits).get().objectValue?.count) == 200)
    let bad = "{" + (members + [members[7]]).joined(separator: ",\n") + "}"
    guard case .failure(let error) = JSONParser.parse(bad, limits: Self.limits) else {
      Issue.record("it was read")
      return
    }
    #expect(error.message == "'k7' is given twice, on line 8 and on line 201")
  }

  @Test func theSameNameInDifferentObjectsIsFine() {
    #expect((try? JSONParser.parse(#"[{"a": {"a": 1}}, {"a": 2}]"#, limits: Self.limits).get()) != nil)
  }

  @Test func elsewhereTheLastOneCounts() throws {
    #expect(try JSONParser.parse(#"{"a": 1, "a": 2}"#).get() == ["a": 2])
  }
}
