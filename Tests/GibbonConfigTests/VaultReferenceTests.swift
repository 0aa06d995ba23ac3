// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonConfig

@Suite struct VaultReferenceTests {
  private static let environment = [
    "MY_LEVEL": "debug", "MY_LEVEL_PREVIOUS": "info", "APP_LEVEL": "warn",
    "PG": #"{"u": {"x": [1]}, "name": "a\u00e9", "n": 7}"#,
    "ONE": "10.0.0.1",
  ]

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
        "/test/gibbon.conf:1: pg_password = '******': "
          + "failed to dereference '{vault://env/nope}': could not get value from external vault (no value found): "
          + "the environment variable NOPE is not set"
      ])
  }

  @Test func whatAReferenceStandsForIsNotShown() throws {
    let configuration = try load("pg_user = {vault://env/pg/name}", environment: Self.environment)
    #expect(configuration.datastore.postgres.user == "aé")
    let shown = configuration.listing.first { $0.name == "pg_user" }?.value
    #expect(shown == "{vault://env/pg/name}")
  }

  @Test(arguments: ["pg_port = {vault://env/secret}", "pg_port = hunter2hunter2", "log_level = {vault://env/secret}"])
  func mistakesDoNotShowSecrets(_ line: String) {
    let found = problems(line, environment: ["SECRET": "hunter2hunter2"])
    #expect(found.count == 1)
    if line.contains("vault") { #expect(!found.joined().contains("hunter2"), "\(found)") }
  }

  @Test(arguments: ["pg_password = a\nnonsense hunter2", "cluster_cert_key = hunter2\npg_passwort = hunter2"])
  func linesThatCannotBeReadAreNotShown(_ file: String) {
    let found = problems(file)
    #expect(!found.isEmpty)
    #expect(!found.joined().contains("hunter2"), "\(found)")
  }

  @Test func vaultsOfEntitiesHaveTheEnvironmentAndThePrefix() throws {
    let configuration = try load("vault_env_prefix = app_", environment: Self.environment)
    #expect(try configuration.vaults.value(of: "{vault://env/level}") == "warn")
    let off = try load("vaults = off", environment: Self.environment)
    #expect(throws: VaultFault("could not find vault (env)")) { try off.vaults.value(of: "{vault://env/one}") }
    #expect(problems("vaults = hcv").first?.contains("'hcv' is not known") == true)
  }
}
