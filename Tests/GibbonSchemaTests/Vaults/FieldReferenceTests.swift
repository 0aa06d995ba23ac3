// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// References and secrets in the fields of an object.
@Suite struct FieldReferenceTests {
  private static let record = RecordSchema(
    [
      .string("name"), .string("token", .referenceable), .string("password", .encrypted), .string("key", .secret),
      .array("list", of: .string(.referenceable)),
      .map("headers", keys: .string(), values: .string(.referenceable)),
      .record("redis", [.string("host"), .string("password", .referenceable)]),
    ], shorthands: [.renamed(.string("redis_password"), to: ["redis", "password"])])

  private static let vaults = Vaults(environment: ["A": "one", "B": "two"])

  @Test func referencesAreReplacedWhereTheyMayStand() {
    let given: JSONObject = [
      "name": "{vault://env/a}", "token": "{vault://env/a}", "list": ["x", "{vault://env/b}"],
      "headers": ["X-A": "{vault://env/a}"], "redis": ["host": "{vault://env/a}", "password": "{vault://env/b}"],
    ]
    let (object, errors) = Self.record.resolvingReferences(in: given, with: Self.vaults)
    #expect(errors.isEmpty)
    #expect(
      object == [
        "name": "{vault://env/a}", "token": "one", "list": ["x", "two"], "headers": ["X-A": "one"],
        "redis": ["host": "{vault://env/a}", "password": "two"],
      ])
    #expect(Self.record.references(in: given) == ["{vault://env/a}", "{vault://env/b}"])
  }

  @Test func eachThatStandsForNothingIsNamedInItsPlace() {
    let given: JSONObject = [
      "token": "{vault://env/no}", "list": ["x", "{vault://env/no}"], "redis": ["password": "{vault://env/no}"],
    ]
    let errors = Self.record.resolvingReferences(in: given, with: Self.vaults).errors
    let leaves = ErrorTree.record(errors).leaves
    #expect(
      Set(leaves.map(\.path)) == [
        [.key("token")], [.key("list"), .index(1)], [.key("redis"), .key("password")],
      ])
    #expect(leaves.allSatisfy { $0.message.hasPrefix("unable to resolve reference {vault://env/no} (could not get") })
  }

  @Test func recordsWithoutSuchFieldsAreLeftAlone() {
    let record = RecordSchema([.string("a"), .integer("b")])
    #expect(!record.isReferenceable && Self.record.isReferenceable)
    #expect(record.resolvingReferences(in: ["a": "{vault://env/no}"], with: Vaults()).errors.isEmpty)
  }

  @Test func secretsAreFound() {
    let object: JSONObject = [
      "name": "plain", "token": "t", "password": "p", "key": "k", "list": ["l"], "headers": ["X": "h"],
      "redis": ["host": "plain", "password": "{vault://env/a}"],
    ]
    #expect(Self.record.secrets(in: object) == ["t", "p", "k", "l", "h"])
  }

  @Test(
    arguments: [
      [.key("token")], [.key("password")], [.key("key")], [.key("list"), .index(0)], [.key("headers"), .key("X")],
      [.key("redis"), .key("password")], [.key("redis_password")], [.key("redis")],
    ] as [[SourceMap.Step]])
  func pathsIntoSecretsAreKnown(_ path: [SourceMap.Step]) { #expect(Self.record.isSecret(path)) }

  @Test(arguments: [[.key("name")], [.key("redis"), .key("host")], [.key("nope")], []] as [[SourceMap.Step]])
  func otherPathsAreNot(_ path: [SourceMap.Step]) { #expect(!Self.record.isSecret(path)) }

  @Test func secretsAreTakenOutOfTexts() {
    #expect("bad value hunter2, hunter22".hiding(["hunter2"]) == "bad value ******, ******2")
    #expect("length of a: 'a'".hiding(["a"]) == "length of a: '******'")
    #expect("invalid value: a".hiding(["a"]) == "invalid value: ******")
    #expect("nothing here".hiding(["secret"]) == "nothing here")
    #expect("abcdefgh".hiding(["abcd", "abcdefgh"]) == "******")
  }
}
