// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// What transformations demand of an insertion and of an update, and when they run.
@Suite struct TransformationTests {
  private static let schema = EntitySchema(
    "things",
    RecordSchema([
      .string("secret"), .string("hint"), .string("plain"), .string("vaulted", .referenceable),
      .record("owner", [.string("id")], .optional),
    ]),
    configure: {
      $0.transformations = [
        Transformation(input: ["secret", "hint"], needs: ["owner.id"]) { values in
          .success(["secret": .string(values.compactMap(\.stringValue).joined(separator: "+"))])
        },
        Transformation(input: ["plain"]) { _ in .success(["plain": "changed"]) },
        Transformation(input: ["vaulted"]) { _ in .failure(TransformationError("no")) },
      ]
    })

  private static let existing: JSONObject = ["secret": "old", "hint": "h", "plain": "p", "owner": ["id": "1"]]
  private static let all = "all or none of these fields must be set: 'secret', 'hint', 'owner.id'"
  private static let inputs = "all or none of these fields must be set: 'secret', 'hint'"

  private static func words(_ result: Result<JSONObject, ValidationFailure>, given: Set<String>? = nil) -> String {
    switch result {
    case .failure(let failure): return failure.message
    case .success(let object):
      switch validator.transformed(object, as: self.schema, given: given) {
      case .failure(let error): return error.message
      case .success(let stored):
        return "\(stored["secret"]?.stringValue ?? "-") \(stored["plain"]?.stringValue ?? "-")"
      }
    }
  }

  private static let insertions: [(JSONObject, String)] = [
    ([:], "- -"), (["plain": "x"], "- changed"), (["owner": ["id": "1"]], "- -"),
    (["secret": "s", "hint": "h", "owner": ["id": "1"]], "s+h+1 -"),
    (["secret": "s", "owner": ["id": "1"]], "schema violation (\(all))"),
    (["secret": "s", "hint": "h"], "schema violation (\(all))"),
    (["secret": "s", "hint": "h", "owner": .null], "schema violation (\(all))"),
    // An owner that is wrong was given all the same.
    (["secret": "s", "hint": "h", "owner": ["id": 1]], "schema violation (owner.id: expected a string)"),
    (["vaulted": "x"], "transformation failed: no"), (["vaulted": "{vault://env/x}"], "- -"),
    (["plain": "{vault://env/x}"], "- changed"),
  ]

  @Test(arguments: insertions) func insertionsNeedAllOrNone(input: JSONObject, expected: String) {
    #expect(Self.words(validator.validate(object: input, as: Self.schema)) == expected)
  }

  private static let updates: [(JSONObject, String)] = [
    ([:], "old p"), (["plain": "x"], "old changed"), (["owner": ["id": "1"]], "old p"),
    (["secret": "s", "hint": "h", "owner": ["id": "1"]], "s+h+1 p"),
    (["secret": "s", "hint": "h", "owner": ["id": "2"]], "s+h+2 p"),
    (["owner": ["id": "2"]], "schema violation (\(all))"),
    (["secret": "s", "hint": "h"], "schema violation (\(all))"),
    (["secret": "s", "owner": ["id": "1"]], "schema violation (\(inputs))"),
  ]

  @Test(arguments: updates) func updatesNeedWhatIsTransformedAnew(patch: JSONObject, expected: String) {
    let result = validator.patched(Self.existing, with: patch, as: Self.schema)
    #expect(Self.words(result, given: Set(patch.map(\.key))) == expected)
  }
}
