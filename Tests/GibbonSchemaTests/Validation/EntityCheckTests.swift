// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct EntityCheckTests {
  private func record(_ check: EntityCheck) -> RecordSchema {
    RecordSchema([.string("a", .referenceable), .string("b"), .record("r", [.string("c")])], checks: [check])
  }

  static let cases: [(String, EntityCheck, JSONValue, JSONValue, String)] = [
    (
      "at least one", .atLeastOneOf(["a", "r.c"]), ["r": ["c": "x"]], ["b": "x"],
      "at least one of these fields must be non-empty: 'a', 'r.c'"
    ),
    (
      "exactly one", .exactlyOneOf(["a", "b"]), ["a": "x"], ["a": "x", "b": "y"],
      "exactly one of these fields must be non-empty: 'a', 'b'"
    ),
    (
      "exactly one, none", .exactlyOneOf(["a", "b"]), ["b": "x"], [:],
      "exactly one of these fields must be non-empty: 'a', 'b'"
    ),
    (
      "only one", .onlyOneOf(["a", "b"]), [:], ["a": "x", "b": "y"],
      "only one or none of these fields must be set: 'a', 'b'"
    ),
    (
      "mutually required", .mutuallyRequired(["a", "b"]), ["a": "x", "b": "x"], ["a": "x"],
      "all or none of these fields must be set: 'a', 'b'"
    ),
    (
      "distinct", .distinct(["a", "b"]), ["a": "x", "b": "y"], ["a": "x", "b": "x"],
      "values of these fields must be distinct: 'a', 'b'"
    ),
    (
      "sets", .mutuallyExclusiveSets(["a"], ["b", "r.c"]), ["b": "x"], ["a": "x", "b": "x"],
      "these sets are mutually exclusive: ('a'), ('b')"
    ),
    (
      "conditional", .when("a", .equal(to: "redis"), require: "r.c", [.required]), ["a": "local"], ["a": "redis"],
      "failed conditional validation given value of field 'a'; r.c: required field missing"
    ),
    (
      "conditional value", .when("a", .oneOf("x"), require: "b", [.oneOf("y")]), ["a": "x", "b": "y"],
      ["a": "x", "b": "z"],
      "failed conditional validation given value of field 'a'; b: expected one of: y"
    ),
    (
      "conditional null", .when("a", .notOneOf("x"), require: "b", [.mustBeNull]), ["a": "x", "b": "y"],
      ["a": "z", "b": "y"], "failed conditional validation given value of field 'a'; b: value must be null"
    ),
    (
      "conditional at least one",
      .conditionalAtLeastOneOf(
        .init("a", [.equal(to: "p")], ["b", "r"], message: "p needs %s")), ["a": "q"], ["a": "p", "r": [:]],
      "p needs 'b', 'r'"
    ),
    (
      "custom",
      .custom(
        CustomCheck("c", fields: ["a"]) { $0["a"] == "bad" ? [CheckViolation("is bad", at: ["r", "c"])] : [] }),
      ["a": "good"], ["a": "bad"], "r.c: is bad"
    ),
  ]

  @Test(arguments: cases.indices)
  func acceptsTheValidAndNamesTheInvalid(index: Int) {
    var (name, check, valid, invalid, message) = Self.cases[index]
    if name == "conditional at least one" {
      // A record with nothing set still has its fields.
      invalid = ["a": "p"]
      message = "p needs 'b'"
      check = .conditionalAtLeastOneOf(.init("a", [.equal(to: "p")], ["b"], message: "p needs %s"))
      valid = ["a": "p", "b": "x"]
    }
    #expect(!outcome(self.record(check), valid).contains("violation"), "\(name)")
    #expect(outcome(self.record(check), invalid).contains("(\(message))"), "\(name)")
  }

  static let nulls: [(EntityCheck, JSONValue, Bool)] = [
    (.when("n", .equal(to: "x"), require: "b", [.required]), ["n": .null], true),
    (.when("n", .oneOf("x", "y"), require: "b", [.required]), ["n": .null], true),
    (.when("n", .matches("^x"), require: "b", [.required]), ["n": .null], true),
    (.when("i", .greater(than: 0), require: "b", [.required]), ["i": .null], true),
    (.when("i", .between(1, 2), require: "b", [.required]), [:], true),
    (.when("n", .notOneOf("x"), require: "b", [.required]), ["n": .null], false),
    (.when("n", .notEqual(to: "x"), require: "b", [.required]), ["n": .null], false),
    (.when("n", .mustBeNull, require: "b", [.required]), ["n": .null], false),
    (.conditionalAtLeastOneOf(.init("n", [.equal(to: "p")], ["b"], message: "%s")), ["n": .null], true),
    (.conditionalAtLeastOneOf(.init("n", [.oneOf("p")], ["b"], message: "%s")), ["n": .null], true),
  ]

  /// What is not set is none of the values that a condition names.
  @Test(arguments: nulls.indices) func conditionsOnANullField(index: Int) {
    let (check, input, isValid) = Self.nulls[index]
    let record = RecordSchema([.string("n"), .integer("i"), .string("b")], checks: [check])
    #expect(outcome(record, input).contains("violation") != isValid, "\(outcome(record, input))")
  }

  @Test func checksThatTouchAVaultReferenceAreSkipped() {
    let check = EntityCheck.exactlyOneOf(["a", "b"])
    #expect(!outcome(self.record(check), ["a": "{vault://env/x}", "b": "y"]).contains("violation"))
  }

  @Test func customChecksDoNotSeeInvalidFields() {
    let check = EntityCheck.custom(CustomCheck("c", fields: ["a"]) { _ in [CheckViolation("always")] })
    #expect(outcome(self.record(check), ["a": 1]) == "schema violation (a: expected a string)")
  }

  @Test func updatesSaySo() {
    let schema = EntitySchema("e", self.record(.atLeastOneOf(["a", "b"])))
    guard case .failure(let failure) = validator.validate([:], as: schema, for: .update) else {
      Issue.record("valid")
      return
    }
    #expect(
      failure.message == "schema violation (when updating, at least one of these fields must be non-empty: 'a', 'b')")
  }
}

@Suite struct ShorthandTests {
  private let record = RecordSchema(
    [.record("redis", [.host("host"), .port("port", .default(6379))]), .integer("n", .default(1))],
    shorthands: [
      .renamed(.string("redis_host"), to: ["redis", "host"]), .renamed(.integer("redis_port"), to: ["redis", "port"]),
      Shorthand(.integer("twice")) { ["n": .int(Int64(($0.intValue ?? 0) * 2))] },
    ])

  @Test func expandToTheFieldsTheyStandFor() {
    #expect(outcome(self.record, ["redis_host": "a", "twice": 4]) == #"{"redis":{"host":"a","port":6379},"n":8}"#)
    #expect(
      outcome(self.record, ["redis_host": "a", "redis": ["port": 1]]) == #"{"redis":{"host":"a","port":1},"n":1}"#)
  }

  @Test func beatFieldsGivenBesideUnlessDeprecated() {
    #expect(outcome(self.record, ["twice": 4, "n": 3]).contains(#""n":8"#))
    #expect(
      outcome(self.record, ["redis_host": "a", "redis": ["host": "b"]]) == """
        schema violation (redis_host: both deprecated and new field are used but their values mismatch: \
        redis_host = a vs redis.host = b)
        """)
    #expect(!outcome(self.record, ["redis_host": "a", "redis": ["host": "a"]]).contains("violation"))
  }

  @Test func areCheckedLikeFields() {
    #expect(outcome(self.record, ["twice": "x"]) == "schema violation (twice: expected an integer)")
    #expect(outcome(self.record, ["redis_host": .null]) == #"{"redis":{"host":null,"port":6379},"n":1}"#)
  }
}
