// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import GibbonStore
import Testing

@testable import GibbonControl

/// References in plugins' configurations, and what is refused before it is stored.
@Suite struct VaultTests {
  private let store: MemoryStore
  private let secrets = NodeSecrets(Vaults(environment: ["TOKEN": "first", "SHOP_TOKEN": "shop", "WRONG": "unusable"]))

  init() async throws { self.store = try await Make.store() }

  /// The token that the instance in the global chain has.
  private func token(_ snapshot: Snapshot) -> String? {
    self.instance(snapshot).flatMap { ($0 as? LockPlugin)?.token }
  }

  private func instance(_ snapshot: Snapshot) -> (any Plugin)? { snapshot.globalChain.entries.first?.instance }

  private func snapshot(_ control: ControlPlane, _ cache: CredentialCache) async throws -> Snapshot {
    let schemas = EntityTables.collections.compactMap { Make.registry.schema(named: $0) }
    let tables = EntityTables(try await self.store.snapshot(of: schemas))
    return try control.snapshot(of: tables, credentials: cache, hash: "").snapshot
  }

  @Test func instancesGetWhatReferencesStandFor() async throws {
    let cache = CredentialCache(store: self.store, registry: Make.registry, capacity: 4, now: { 0 })
    let control = Make.control(secrets: self.secrets)
    _ = try await self.store.commit([
      try Make.put("vaults", 1, ["name": "env", "prefix": "my-shop", "config": ["prefix": "shop_"]]),
      try Make.put("plugins", 2, ["name": "lock", "config": ["token": "{vault://my-shop/token}"]]),
    ])
    #expect(self.token(try await self.snapshot(control, cache)) == "shop")
    // The vault reads other variables now.
    let before = try await self.store.revision()
    _ = try await self.store.commit([try Make.put("vaults", 1, ["name": "env", "prefix": "my-shop"])])
    let delta = EntityDelta(try await self.store.changes(after: before))
    #expect(self.token(try #require(try control.snapshot(applying: delta, hash: "")).snapshot) == "first")
    // And then the environment is another one.
    self.secrets.vaults.environment["TOKEN"] = "second"
    #expect(self.token(try await self.snapshot(control, cache)) == "second")
    // Without it nothing passes.
    self.secrets.vaults.environment["TOKEN"] = nil
    #expect(self.instance(try await self.snapshot(control, cache)) is FailedPlugin)
  }

  @Test func anInstanceIsKeptWhileItsReferencesStandForTheSame() async throws {
    let cache = CredentialCache(store: self.store, registry: Make.registry, capacity: 4, now: { 0 })
    let control = Make.control(secrets: self.secrets)
    _ = try await self.store.commit([
      try Make.put("plugins", 2, ["name": "lock", "config": ["token": "{vault://env/token}"]])
    ])
    let first = self.instance(try await self.snapshot(control, cache))
    self.secrets.vaults.environment["OTHER"] = "x"
    let second = self.instance(try await self.snapshot(control, cache))
    #expect(first != nil && first === second)
  }

  // MARK: What is refused

  private var access: DataAccess {
    DataAccess(
      store: self.store, registry: Make.registry,
      inspection: Inspector(plugins: Make.plugins, secrets: self.secrets, hasCounters: true), now: { 1_700_000_000 })
  }

  private func refusal(of config: JSONObject, enabled: Bool = true) async throws -> String? {
    do throws(DataError) {
      _ = try await self.access.insert(
        ["name": "lock", "config": .object(config), "enabled": .bool(enabled)], into: try Self.plugins())
      return nil
    } catch {
      return "\(error.code): \(error.message)"
    }
  }

  private static func plugins() throws(DataError) -> EntitySchema {
    guard let schema = Make.registry.schema(named: "plugins") else { throw .schemaViolation(entity: "no plugins") }
    return schema
  }

  @Test func whatCouldNotBeServedIsNotStored() async throws {
    let unresolved =
      "unable to resolve reference {vault://env/no} (could not get value from external vault (no value found): "
      + "the environment variable NO is not set)"
    #expect(
      try await self.refusal(of: ["token": "{vault://env/no}"])
        == "schemaViolation: schema violation (config.token: \(unresolved))")
    #expect(
      try await self.refusal(of: ["token": "{vault://nobody/no}"])?.contains("could not find vault (nobody)") == true)
    #expect(
      try await self.refusal(of: ["realm": "broken"])
        == "schemaViolation: schema violation (config: the realm is broken)")
    #expect(
      try await self.refusal(of: ["anonymous": "ghost"])
        == "schemaViolation: schema violation "
        + "(config.anonymous: anonymous consumer ghost is configured but doesn't exist)"
    )
    #expect(try await self.store.revision() == 0)
  }

  @Test func valuesBehindReferencesMustFitAndAreNotShown() async throws {
    self.secrets.vaults.environment["SHORT"] = "xy"
    let short = try await self.refusal(of: ["token": "{vault://env/short}"])
    #expect(short?.contains("the value of {vault://env/short} does not fit: length must be at least 3") == true)
    let wrong = try await self.refusal(of: ["token": "{vault://env/wrong}"])
    #expect(wrong == "schemaViolation: schema violation (config: the token '******' is of no use)")
  }

  @Test func whatIsSwitchedOffMayWait() async throws {
    #expect(try await self.refusal(of: ["token": "{vault://env/no}"], enabled: false) == nil)
    #expect(try await self.refusal(of: ["realm": "broken"], enabled: false)?.contains("unique") == true)
  }

  @Test func aConsumerThatExistsMayStandForOthers() async throws {
    _ = try await self.store.commit([try Make.put("consumers", 7, ["username": "nobody"])])
    #expect(try await self.refusal(of: ["anonymous": "nobody"]) == nil)
  }

  @Test func filesAreJudgedByWhatTheyHold() throws {
    let parser = DeclarativeParser(
      registry: Make.registry, validator: Validator(now: 1_700_000_000),
      inspection: Inspector(plugins: Make.plugins, secrets: self.secrets, hasCounters: false))
    let good = """
      _format_version: "3.0"
      vaults: [{name: env, prefix: my-shop, config: {prefix: shop_}}]
      consumers: [{username: nobody}]
      plugins:
      - {name: lock, config: {token: "{vault://my-shop/token}", anonymous: nobody}}
      """
    #expect(throws: Never.self) { try parser.parse(Array(good.utf8), format: .yaml).get() }
    let bad = """
      _format_version: "3.0"
      services:
      - name: a
        host: h
        plugins:
        - {name: lock, enabled: false, config: {realm: broken}}
      plugins:
      - name: lock
        config:
          anonymous: nobody
      """
    #expect(throws: DeclarativeErrors.self) { try parser.parse(Array(bad.utf8), format: .yaml).get() }
    guard case .failure(let errors) = parser.parse(Array(bad.utf8), format: .yaml) else { return }
    #expect(
      errors.rendered(file: "kong.yml")
        == "kong.yml:10: plugins[0] \"lock\": config.anonymous: "
        + "anonymous consumer nobody is configured but doesn't exist (got \"nobody\")")
  }
}
