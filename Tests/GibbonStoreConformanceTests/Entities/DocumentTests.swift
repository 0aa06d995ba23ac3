// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// Documents come back as they were given.
  @Suite struct Documents {
    private static let objects: [JSONObject] = [
      ["username": "日本語 — ñandú 🙈👩‍👩‍👧 \u{0}\u{1F}\u{7F}\u{2028}"],
      ["username": #"'; DROP TABLE consumers; -- "quoted" \ /"#],
      ["username": "a", "meta": ["null": .null, "list": [.null, [.null], [:], [["a": .null]]]]],
      ["username": "a", "numbers": [9_223_372_036_854_775_807, -9_223_372_036_854_775_807, 9_007_199_254_740_993, 0]],
      ["username": "a", "numbers": [0.1, -1.5e300, 2.5e-308, 1e15]],
      ["username": "a", "": "", "empty": "", "flags": [true, false]],
    ]

    @Test(arguments: StoreUnderTest.allCases, objects)
    func aDocumentIsKept(kind: StoreUnderTest, fields: JSONObject) async throws {
      try await Fixture.with(kind) { fixture in
        let entity = Sample.entity(1, fields)
        try await fixture.insert(Schemas.consumers, entity)
        let found = try #require(try await fixture.find(Schemas.consumers, 1))
        #expect(found.object == entity.object)
        // Equality takes 1 for 1.0 and one form of a letter for the other; the text does not.
        #expect(JSONValue.object(found.object).serialized() == JSONValue.object(entity.object).serialized())
        let name = fields["username"]?.stringValue ?? ""
        #expect(try await fixture.find(Schemas.consumers, "username", name) == found)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aLargeDocumentIsKept(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let text = String(repeating: "ä\"\\", count: 300_000)
        let entity = Sample.entity(1, ["username": "a", "text": .string(text)])
        try await fixture.insert(Schemas.consumers, entity)
        #expect(try await fixture.find(Schemas.consumers, 1)?.object["text"] == .string(text))
      }
    }
  }
}
