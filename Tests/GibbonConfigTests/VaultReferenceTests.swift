// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct VaultReferenceTests {
  private static let environment = [
    "MY_LEVEL": "debug", "MY_LEVEL_PREVIOUS": "info", "APP_LEVEL": "warn",
    "PG": #"{"u": {"x": [1]}, "name": "a\u00e9", "n": 7}"#,
    "BROKEN": "{", "ONE": "10.0.0.1",
  ]

  @Test(arguments: [
    ("{vault://env/my-level}", "debug"),
    ("{vault://env/MY_LEVEL}", "debug"),
    ("{vault://env/my%2Dlevel}", "debug"),
    ("{vault://env/my-level#2}", "info"),
    ("{vault://env/level?prefix=app_}", "warn"),
    ("{vault://env/pg/name}", "aé"),
    ("{vault://env/pg/n}", "7"),
  ])
  func referencesAreReplaced(_ reference: String, _ value: String) throws {
    let parsed = try VaultReference(parsing: reference)
    #expect(try parsed.resolve(in: Self.environment, defaultPrefix: "") == value)
  }

  @Test(arguments: [
    "{vault://env/absent}", "{vault://env/pg/absent}", "{vault://env/pg/u}", "{vault://env/broken/x}",
    "{vault://env/}", "{vault:///x}", "{vault://env/x#9}", "{vault://hcv/secret}",
  ])
  func whatCannotBeResolvedIsAFault(_ reference: String) {
    #expect(throws: ValueFault.self) {
      try VaultReference(parsing: reference).resolve(in: Self.environment, defaultPrefix: "")
    }
  }

  @Test func everyPropertyMayHoldOne() throws {
    let configuration = try load(
      "log_level = {vault://env/my-level}\ntrusted_ips = 127.0.0.1,{vault://env/one}", environment: Self.environment)
    #expect(configuration.logs.level == .debug)
    #expect(configuration.forwarding.trusted.count == 2)
  }

  @Test func thePrefixPropertyCounts() throws {
    let file = "vault_env_prefix = app_\nlog_level = {vault://env/level}"
    #expect(try load(file, environment: Self.environment).logs.level == .warn)
  }

  @Test func anUnresolvedOneIsANamedProblem() {
    #expect(
      problems("pg_password = {vault://env/nope}") == [
        "/test/gibbon.conf:1: pg_password = '{vault://env/nope}': the environment variable NOPE it refers to is not set"
      ])
  }

  @Test(arguments: [
    (#"{"a": "x"}"#, "x"),
    (#" { "b": null , "a" : true } "#, "true"),
    (#"{"b": "}]", "a": "\n\"\ud83d\ude00"}"#, "\n\"😀"),
    (#"{"a": 1.5}"#, "1.5"), (#"{"b": {"a": "no"}, "a": "yes"}"#, "yes"),
  ])
  func jsonFieldsAreRead(_ json: String, _ value: String) {
    #expect(JSONField.text(named: "a", in: json) == value)
  }

  @Test(arguments: ["", "{", "[]", #"{"a"}"#, #"{"a": "x"#, #"{"a": "\u12"}"#, #"{"a": [1, 2]}"#, #"{"a": }"#, "null"])
  func otherTextHasNoField(_ json: String) {
    #expect(JSONField.text(named: "a", in: json) == nil)
  }

  @Test func deepNestingCostsNothing() {
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    #expect(JSONField.text(named: "a", in: "{\"b\": \(deep), \"a\": 1}") == "1")
  }
}
