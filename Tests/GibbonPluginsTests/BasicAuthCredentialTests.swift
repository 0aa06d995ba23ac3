// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// How passwords are kept, and what the entity demands.
@Suite struct BasicAuthCredentialTests {
  private static let consumer = "dc76a6a7-5e46-4a05-9a5e-ca1e0b1b3ac8"
  private static let other = "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"
  private static let validator = Validator(now: 1_700_000_000)

  private static func schema() throws -> EntitySchema {
    try #require(BasicAuthPlugin.descriptor.schema.entities.first)
  }

  /// Of `sha1sum`: the password and the id, one behind the other.
  @Test(
    arguments: [
      ("kong", "b3abf9938f2edd47ff50d74ccb33ac73bd0e6715"), ("", "7befa47a159bd55f64ed6d2c94849df3633b44e8"),
      ("pässwörd", "e91dfa53ddded4e7ed38655d638fd7561a64f1f2"),
    ])
  func aPasswordIsSaltedWithItsConsumer(password: String, hash: String) {
    #expect(PasswordHash(password, consumer: Self.consumer).text == hash)
    #expect(PasswordHash(password, consumer: Self.consumer).matches(hash))
  }

  @Test func onlyTheWholeHashMatches() {
    let hash = PasswordHash("kong", consumer: Self.consumer)
    let text = hash.text
    #expect(!hash.matches("") && !hash.matches("kong"))
    #expect(!hash.matches(String(text.dropLast())) && !hash.matches(text + "0"))
    #expect(!hash.matches(text.uppercased()))
    for position in [0, 20, 39] {
      var digits = Array(text.utf8)
      digits[position] ^= 1
      #expect(!hash.matches(String(decoding: digits, as: UTF8.self)))
    }
    #expect(!hash.matches(PasswordHash("kong", consumer: Self.other).text))
  }

  @Test func writingHashesThePassword() throws {
    let schema = try Self.schema()
    let input: JSONObject = ["username": "bob", "password": "kong", "consumer": ["id": .string(Self.consumer)]]
    let valid = try Self.validator.validate(object: input, as: schema).get()
    let stored = try Self.validator.transformed(valid, as: schema).get()
    #expect(stored["password"]?.stringValue == PasswordHash("kong", consumer: Self.consumer).text)
  }

  /// It is no reference here: the field is none that may be one.
  @Test func aPasswordThatLooksLikeAReferenceIsHashedToo() throws {
    let schema = try Self.schema()
    let input: JSONObject = [
      "username": "bob", "password": "{vault://env/secret}", "consumer": ["id": .string(Self.consumer)],
    ]
    let valid = try Self.validator.validate(object: input, as: schema).get()
    let stored = try Self.validator.transformed(valid, as: schema).get()
    #expect(stored["password"]?.stringValue?.utf8.count == 40)
  }

  private static func outcome(_ input: JSONObject) throws -> String {
    switch Self.validator.validate(object: input, as: try Self.schema()) {
    case .success: "valid"
    case .failure(let failure): failure.message
    }
  }

  private static let incomplete = "all or none of these fields must be set: 'password', 'consumer.id'"

  @Test func anEntityNeedsNamePasswordAndConsumer() throws {
    #expect(
      try Self.outcome(["username": "bob"])
        == "2 schema violations (consumer: required field missing; password: required field missing)")
    #expect(
      try Self.outcome(["username": "bob", "password": "x"])
        == "2 schema violations (\(Self.incomplete); consumer: required field missing)")
    #expect(
      try Self.outcome(["username": "bob", "password": "x", "consumer": ["id": "x"]])
        == "schema violation (consumer.id: expected a valid UUID)")
    #expect(
      try Self.outcome(["password": "", "consumer": ["id": .string(Self.consumer)]])
        == "2 schema violations (password: length must be at least 1; username: required field missing)")
    #expect(
      try Self.outcome(["username": 123, "password": 1, "consumer": ["id": .string(Self.consumer)]])
        == "2 schema violations (password: expected a string; username: expected a string)")
  }

  // MARK: Changes

  private static func patched(_ patch: JSONObject) throws -> String {
    let schema = try Self.schema()
    let existing: JSONObject = [
      "id": "6c2f1cd2-2a6b-4d7c-9d7b-6a2f3a1b0c11", "created_at": 1, "username": "bob", "password": "old hash",
      "consumer": ["id": .string(Self.consumer)], "tags": .null,
    ]
    switch Self.validator.patched(existing, with: patch, as: schema) {
    case .failure(let failure): return failure.message
    case .success(let object):
      let stored = try Self.validator.transformed(object, as: schema, given: Set(patch.map(\.key))).get()
      return "\(stored["username"]?.stringValue ?? "") \(stored["password"]?.stringValue ?? "")"
    }
  }

  @Test func aKeptPasswordIsNotHashedAgain() throws {
    #expect(try Self.patched(["username": "jim"]) == "jim old hash")
    #expect(try Self.patched(["tags": ["x"], "consumer": ["id": .string(Self.consumer)]]) == "bob old hash")
  }

  @Test func aNewPasswordIsHashedForItsConsumer() throws {
    for id in [Self.consumer, Self.other] {
      let hash = PasswordHash("new", consumer: id).text
      #expect(try Self.patched(["password": "new", "consumer": ["id": .string(id)]]) == "bob \(hash)")
    }
  }

  /// The password is not known any more, so that it cannot be hashed for somebody else; and Kong wants the consumer
  /// named with a new password.
  @Test func passwordAndConsumerChangeTogether() throws {
    let refusal = "schema violation (\(Self.incomplete))"
    #expect(try Self.patched(["consumer": ["id": .string(Self.other)]]) == refusal)
    #expect(try Self.patched(["password": "new"]) == refusal)
    #expect(
      try Self.patched(["password": .null, "consumer": ["id": .string(Self.consumer)]])
        == "schema violation (password: required field missing)")
  }

  @Test func theTableIsWhatTheSchemaDemands() throws {
    let schema = try Self.schema()
    let steps = BasicAuthPlugin.descriptor.schema.migrations.flatMap(\.steps)
    #expect(steps == [.createTable(TableLayout(schema))])
    #expect(BasicAuthPlugin.descriptor.schema.migrations.map(\.name) == ["000_base_basic_auth"])
  }
}
