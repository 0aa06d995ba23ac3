// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// Which rules across fields run when fields are missing or wrong, and what is said then: Kong's table.
@Suite struct CheckConditionTests {
  private static let fields: [Field] = [
    .string("a", .oneOf("x", "y")), .string("b"), .string("needed", .required, .starts(with: "/")),
  ]

  private func message(_ check: EntityCheck, _ input: JSONValue) -> String {
    outcome(RecordSchema(Self.fields, checks: [check]), input)
  }

  @Test func someSeeInvalidFields() {
    let input: JSONValue = ["a": "bad", "b": "x", "needed": "/"]
    #expect(self.message(.exactlyOneOf(["a", "b"]), input).hasPrefix("2 schema violations (exactly one of"))
    #expect(self.message(.atLeastOneOf(["a"]), ["a": 7, "needed": "/"]) == "schema violation (a: expected a string)")
    #expect(self.message(.distinct(["a", "b"]), ["a": "bad", "b": "bad", "needed": "/"]).contains("must be distinct"))
  }

  @Test func othersDoNot() {
    let input: JSONValue = ["a": "bad", "b": "x", "needed": "/"]
    for check: EntityCheck in [
      .onlyOneOf(["a", "b"]), .mutuallyExclusiveSets(["a"], ["b"]),
      .custom(CustomCheck("c", fields: ["a"]) { _ in [CheckViolation("always")] }),
    ] {
      #expect(self.message(check, input) == "schema violation (a: expected one of: x, y)")
    }
    #expect(
      self.message(.mutuallyRequired(["a", "b"]), ["a": "bad", "needed": "/"])
        == "schema violation (a: expected one of: x, y)")
  }

  @Test func aFieldThatACheckWantsIsNamed() {
    let missing = "schema violation (needed: field required for entity check)"
    #expect(self.message(.exactlyOneOf(["needed", "b"]), ["b": "x"]) == missing)
    #expect(self.message(.when("needed", .equal(to: "/"), require: "b", [.required]), ["b": "x"]) == missing)
    // What knows that it is missing, or wants nothing of it, leaves the field's own error.
    let own = "schema violation (needed: required field missing)"
    #expect(self.message(.atLeastOneOf(["needed", "b"]), ["b": "x"]) == own)
    #expect(
      self.message(.custom(CustomCheck("c", fields: ["needed", "b"]) { _ in [CheckViolation("always")] }), [:]) == own)
  }

  @Test func aConditionReplacesTheFieldsOwnError() {
    let check = EntityCheck.when("a", .equal(to: "x"), require: "needed", [.mustBeNull])
    #expect(
      self.message(check, ["a": "x", "needed": "bad"])
        == "2 schema violations (failed conditional validation given value of field 'a'; needed: value must be null)")
  }

  @Test func aWrongShorthandIsAllThatIsSaid() {
    let inner = RecordSchema([.host("host", .required)], shorthands: [.renamed(.string("old"), to: ["host"])])
    let record = RecordSchema([.string("needed", .required), .record("config", inner)])
    #expect(outcome(record, ["config": ["old": 7]]) == "schema violation (old: expected a string)")
  }

  @Test func aValidatorIsAboutTheFieldOfTheRecord() {
    let inner = RecordSchema(
      [.integer("low"), .integer("high")],
      validators: [
        CustomCheck("order", fields: []) { object in
          (object["low"]?.intValue ?? 0) > (object["high"]?.intValue ?? 0) ? [CheckViolation("low is above high")] : []
        }
      ])
    let record = RecordSchema([.record("config", inner)])
    #expect(outcome(record, ["config": ["low": 2, "high": 1]]) == "schema violation (config: low is above high)")
    #expect(
      outcome(record, ["config": ["low": 2, "high": "x"]]) == "schema violation (config.high: expected an integer)")
  }

  @Test func atMostAHundredErrorsAreListed() {
    let record = RecordSchema([.array("list", of: .integer())])
    let unknown = JSONObject((0..<500).map { ("k\($0)", .int(1)) })
    for input: JSONValue in [.object(unknown), ["list": .array(Array(repeating: "x", count: 500))]] {
      guard case .failure(let failure) = validator.validate(input, as: record) else {
        Issue.record("valid")
        return
      }
      #expect(failure.tree.leaves.count == 100 && failure.message.hasPrefix("more than "))
    }
    let most = JSONObject((0..<100).map { ("k\($0)", .int(1)) })
    #expect(outcome(record, .object(most)).hasPrefix("100 schema violations"))
  }

  @Test func longValuesAreCut() {
    let text = String(repeating: "x", count: 100_000)
    #expect(outcome(.string("f", .matches("^y")), .string(text)).utf8.count < 10_000)
    #expect(outcome(RecordSchema([]), .object(JSONObject([(text, 1)]))).utf8.count < 10_000)
  }
}
