// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct ConstraintTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let field: Field
    let valid: JSONValue
    let invalid: JSONValue
    let message: String

    init(_ field: Field, _ valid: JSONValue, not invalid: JSONValue, _ message: String) {
      self.field = field
      self.valid = valid
      self.invalid = invalid
      self.message = message
    }

    var testDescription: String { self.message }
  }

  static let cases: [Case] = [
    // Types
    Case(.string("f"), "x", not: 1, "expected a string"),
    Case(.integer("f"), 1, not: 1.5, "expected an integer"),
    Case(.integer("f"), 2, not: "2", "expected an integer"),
    Case(.number("f"), 1.5, not: "1", "expected a number"),
    Case(.boolean("f"), false, not: "true", "expected a boolean"),
    Case(.array("f", of: .string()), ["a"], not: "a", "expected an array"),
    Case(.set("f", of: .string()), ["a"], not: ["x": 1], "expected a set"),
    Case(.map("f", keys: .string(), values: .integer()), ["a": 1], not: ["a"], "expected a map"),
    Case(.record("f", [.string("a")]), ["a": "x"], not: "x", "expected a record"),
    // Constraints
    Case(.string("f", .required), "x", not: .null, "required field missing"),
    Case(.string("f"), "x", not: "", "length must be at least 1"),
    Case(.string("f", .equal(to: "a")), "a", not: "b", "value must be a"),
    Case(.string("f", .notEqual(to: "a")), "b", not: "a", "value must not be a"),
    Case(.string("f", .mustBeNull), .null, not: "a", "value must be null"),
    Case(.string("f", .mustNotBeNull), "a", not: .null, "value must not be null"),
    Case(.string("f", .oneOf("a", "b")), "b", not: "c", "expected one of: a, b"),
    Case(.integer("f", .oneOf(1, 2)), 2.0, not: 3, "expected one of: 1, 2"),
    Case(.string("f", .notOneOf("a", "b")), "c", not: "a", "must not be one of: a, b"),
    Case(.number("f", .greater(than: 0)), 0.5, not: 0, "value must be greater than 0"),
    Case(.integer("f", .between(1, 10)), 10, not: 11, "value should be between 1 and 10"),
    Case(.integer("f", .between(1, 10)), 1, not: 0, "value should be between 1 and 10"),
    Case(.integer("f", .timestamp), 1, not: 0, "expected a valid timestamp"),
    Case(
      .uuid("f"), "DC6F45B0-8f8d-40d2-a504-473544ee190b", not: "dc6f45b0-8f8d-40d2-a504-473544ee190",
      "expected a valid UUID"),
    Case(.string("f", .regex), "^a+$", not: "a(", "not a valid regex: a("),
    Case(.string("f", .length(2)), "ab", not: "abc", "length must be 2"),
    Case(.array("f", of: .integer(), .minLength(1)), [1], not: [], "length must be at least 1"),
    Case(.string("f", .maxLength(2)), "é", not: "éé", "length must be at most 2"),
    Case(.string("f", .starts(with: "/")), "/a", not: "a", "should start with: /"),
    Case(.string("f", .matches("^%u+$")), "GET", not: "get", "invalid value: get"),
    Case(.string("f", .doesNotMatch("%s")), "ab", not: "a b", "invalid value: a b"),
    Case(.string("f", .matchesNone(PatternRule("//", "no empty segments"))), "/a", not: "//", "no empty segments"),
    Case(.string("f", .matchesAll(PatternRule("a"), PatternRule("b"))), "ab", not: "a", "invalid value: a"),
    Case(.string("f", .matchesAny(["^a", "^b"], "must be a or b")), "bc", not: "cb", "must be a or b"),
    Case(.array("f", of: .string(), .contains("x")), ["y", "x"], not: ["y"], "expected to contain: x"),
    Case(
      .set("f", of: .string(), .mutuallyExclusive(subsets: [["a", "b"], ["c"]])), ["a", "b"], not: ["b", "c"],
      "these sets are mutually exclusive: ('a', 'b'), ('c')"),
    Case(.string("f", .oneOf("a"), .message("must be a")), "a", not: "b", "must be a"),
  ]

  @Test(arguments: cases)
  func acceptsTheValidAndNamesTheInvalid(example: Case) {
    #expect(!outcome(example.field, example.valid).contains("schema violation"))
    #expect(outcome(example.field, example.invalid) == "schema violation (f: \(example.message))")
  }

  @Test func theFirstConstraintInKongsOrderIsNamed() {
    let field: Field = .string("f", .validated(by: .host), .starts(with: "a"), .maxLength(3), .oneOf("abc"))
    #expect(outcome(field, "xxxxx") == "schema violation (f: expected one of: abc)")
    #expect(outcome(.string("f", .uuid), "") == "schema violation (f: expected a valid UUID)")
    #expect(outcome(.string("f", .starts(with: "/")), "") == "schema violation (f: length must be at least 1)")
  }

  @Test func emptyTextsPassOnlyWithMinimumLengthZero() {
    #expect(outcome(.string("f", .minLength(0)), "") == #"{"f":""}"#)
  }

  @Test func referencesIntoVaultsSkipTheRules() {
    let field: Field = .string("f", .referenceable, .oneOf("a"))
    #expect(outcome(field, "{vault://env/x}") == #"{"f":"{vault://env/x}"}"#)
    #expect(outcome(.string("f", .oneOf("a")), "{vault://env/x}") == "schema violation (f: expected one of: a)")
  }

  @Test func wholeNumbersBecomeIntegers() {
    #expect(outcome(.integer("f"), 3.0) == #"{"f":3}"#)
  }

  @Test func setsDropDuplicatesAndKeepOrder() {
    #expect(outcome(.set("f", of: .string()), ["b", "a", "b"]) == #"{"f":["b","a"]}"#)
    #expect(outcome(.array("f", of: .string()), ["b", "a", "b"]) == #"{"f":["b","a","b"]}"#)
  }

  @Test func emptyObjectsAndArraysStandForOneAnother() {
    #expect(outcome(.array("f", of: .string()), [:]) == #"{"f":[]}"#)
    #expect(outcome(.map("f", keys: .string(), values: .string()), []) == #"{"f":{}}"#)
  }
}
