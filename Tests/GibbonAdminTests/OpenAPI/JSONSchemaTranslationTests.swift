// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct JSONSchemaTranslationTests {
  private static func translated(
    _ field: Field, for purpose: JSONSchemaTranslation.Purpose = .answer
  ) -> JSONObject {
    JSONSchemaTranslation(EntityRegistry(), for: purpose).field(field)
  }

  @Test(
    arguments: [
      (.string("f", .required, .oneOf("a", "b")), ["type": "string", "enum": ["a", "b"]]),
      (.string("f", .oneOf("a")), ["type": ["string", "null"], "enum": ["a", .null]]),
      (.string("f", .equal(to: "a")), ["type": ["string", "null"], "enum": ["a", .null]]),
      (.string("f", .required, .notOneOf("a")), ["type": "string", "not": ["enum": ["a"]]]),
      (.integer("f", .required, .between(1, 5)), ["type": "integer", "minimum": 1, "maximum": 5]),
      (.number("f", .required, .between(0, 0.5)), ["type": "number", "minimum": 0, "maximum": 0.5]),
      (.number("f", .required, .greater(than: 2)), ["type": "number", "exclusiveMinimum": 2]),
      (.createdAt, ["type": "integer", "exclusiveMinimum": 0]),
      (.id, ["type": "string", "format": "uuid"]),
      (.string("f", .required, .length(3)), ["type": "string", "minLength": 3, "maxLength": 3]),
      (.string("f", .required, .starts(with: "a.b")), ["type": "string", "pattern": #"^a\.b"#]),
      (.boolean("f", .deprecated("old")), ["type": ["boolean", "null"], "description": "old", "deprecated": true]),
      (.json("f"), [:]), (.string("f", .mustBeNull), ["type": "null"]),
      // A reference into a vault is no name of letters.
      (.string("f", .required, .referenceable, .oneOf("a")), ["type": "string"]),
    ] as [(Field, JSONObject)])
  func fieldsOfAnswers(field: Field, schema: JSONObject) {
    #expect(Self.translated(field) == schema)
  }

  @Test(
    arguments: [
      (
        .array("f", of: .integer(), .required, .minLength(1)),
        ["type": "array", "items": ["type": "integer"], "minItems": 1]
      ),
      (
        .set("f", of: .string(), .required, .maxLength(2)),
        ["type": "array", "uniqueItems": true, "items": ["type": "string"], "maxItems": 2]
      ),
      (
        .map("f", keys: .string(), values: .number(), .required, .minLength(1)),
        ["type": "object", "additionalProperties": ["type": "number"], "minProperties": 1]
      ),
      (
        .record("f", [.boolean("a", .required)]),
        ["type": "object", "properties": ["a": ["type": "boolean"]], "required": ["a"]]
      ),
      (.record("f", [], .optional, .abstract), ["type": ["object", "null"]]),
    ] as [(Field, JSONObject)])
  func whatHoldsOthers(field: Field, schema: JSONObject) {
    #expect(Self.translated(field) == schema)
  }

  @Test func textsOfInputsAreNotEmpty() {
    #expect(Self.translated(.string("f", .required), for: .input) == ["type": "string", "minLength": 1])
    #expect(Self.translated(.string("f", .required, .minLength(0)), for: .input) == ["type": "string", "minLength": 0])
    #expect(
      Self.translated(.string("f", .required, .encrypted), for: .input)["format"] == "password")
  }

  @Test func patchesRequireNothingButInArrays() {
    let inner: Field = .record("inner", [.string("a", .required, .minLength(0))])
    #expect(Self.translated(inner, for: .input)["required"] == ["a"])
    #expect(Self.translated(inner, for: .patch)["required"] == nil)
    let list: Field = .array("f", of: .record(RecordSchema([.string("a", .required)])))
    #expect(Self.translated(list, for: .patch)["items"]?["required"] == ["a"])
  }
}
