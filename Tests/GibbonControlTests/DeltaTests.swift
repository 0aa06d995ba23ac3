// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonPluginAPI
import GibbonRouting
import GibbonSchema
import GibbonStore
import Testing

@testable import GibbonControl

/// Changes applied one by one give what building everything anew gives.
@Suite struct DeltaTests {
  private static let paths = (0..<12).map { "/r\($0)" }

  /// A random change of one of a few entities, from a seeded generator.
  private func change(_ generator: inout SeededGenerator) throws -> EntityWrite {
    let number = Int.random(in: 0..<6, using: &generator)
    let deletes = Int.random(in: 0..<4, using: &generator) == 0
    switch Int.random(in: 0..<5, using: &generator) {
    case 0:
      if deletes { return try Make.delete("services", 100 + number) }
      let host = ["up0", "up1", "example.com"][Int.random(in: 0..<3, using: &generator)]
      let isEnabled = Int.random(in: 0..<5, using: &generator) > 0
      return try Make.put(
        "services", 100 + number, ["name": .string("s\(number)"), "host": .string(host), "enabled": .bool(isEnabled)])
    case 1:
      if deletes { return try Make.delete("upstreams", 300 + number % 2) }
      return try Make.put("upstreams", 300 + number % 2, ["name": .string("up\(number % 2)")])
    case 2:
      if deletes { return try Make.delete("targets", 400 + number) }
      return try Make.put(
        "targets", 400 + number,
        ["upstream": Make.reference(300 + number % 2), "target": .string("10.0.0.\(number):80")])
    case 3:
      if deletes { return try Make.delete("plugins", 500 + number) }
      var input: JSONObject = ["name": "lock"]
      let scope = ["route", "service", nil][number % 3]
      if let scope { input[scope] = Make.reference((scope == "route" ? 200 : 100) + number) }
      return try Make.put("plugins", 500 + number, input)
    default:
      let place = Int.random(in: 0..<12, using: &generator)
      if deletes { return try Make.delete("routes", 200 + place) }
      return try Make.put(
        "routes", 200 + place,
        ["paths": [.string("/r\(place)")], "service": Make.reference(100 + number), "name": .string("r\(place)")])
    }
  }

  @Test(arguments: 0..<20)
  func changesOneByOneGiveTheSameAsAllAtOnce(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let store = try await Make.store()
    let cache = CredentialCache(store: store, registry: Make.registry, capacity: 64, now: { 0 })
    let control = Make.control()
    let schemas = EntityTables.collections.compactMap { Make.registry.schema(named: $0) }
    _ = try control.snapshot(of: EntityTables(try await store.snapshot(of: schemas)), credentials: cache, hash: "")
    var revision = try await store.revision()
    for step in 0..<60 {
      // What a reference forbids is not done.
      guard (try? await store.commit([try self.change(&generator)])) != nil else { continue }
      let batch = try await store.changes(after: revision)
      revision = batch.revision
      let applied = try control.snapshot(applying: EntityDelta(batch), hash: "")?.snapshot
      let everything = EntityTables(try await store.snapshot(of: schemas))
      let anew = try Make.control().snapshot(of: everything, credentials: cache, hash: "").snapshot
      let left = try #require(applied)
      #expect(
        Served(left, paths: Self.paths) == Served(anew, paths: Self.paths), "seed \(seed), step \(step)")
      #expect(Self.chains(left) == Self.chains(anew), "seed \(seed), step \(step)")
    }
  }

  /// The plugins of each route.
  private static func chains(_ snapshot: Snapshot) -> [EntityID: Set<EntityID>] {
    var chains: [EntityID: Set<EntityID>] = [:]
    for handle in 0..<64 {
      guard let route = snapshot.routes[handle] else { continue }
      chains[route.entity.id] = Set(route.chain.entries.map(\.id))
    }
    return chains
  }

  @Test func aPluginThatCannotBeConfiguredHoldsUpNothingElse() async throws {
    let store = try await Make.store()
    let cache = CredentialCache(store: store, registry: Make.registry, capacity: 64, now: { 0 })
    let control = Make.control()
    try await store.commit([
      try Make.put("services", 100, ["host": "example.com"]),
      try Make.put("routes", 200, ["paths": ["/r0"], "service": Make.reference(100)]),
      try Make.put("routes", 201, ["paths": ["/r1"], "service": Make.reference(100)]),
      try Make.put("plugins", 500, ["name": "lock", "route": Make.reference(200), "config": ["realm": "broken"]]),
    ])
    let schemas = EntityTables.collections.compactMap { Make.registry.schema(named: $0) }
    let built = try control.snapshot(
      of: EntityTables(try await store.snapshot(of: schemas)), credentials: cache, hash: "")
    #expect(Set(Served(built.snapshot, paths: ["/r0", "/r1", "/r2"]).answers.keys) == ["/r0", "/r1"])
    #expect(built.warnings.contains { $0.contains("the realm is broken") })
    let broken = try #require((0..<4).compactMap { built.snapshot.routes[$0] }.first { $0.entity.id == Make.id(200) })
    #expect(broken.chain.entries.first?.instance is FailedPlugin)
  }

  @Test func aDeclarativeConfigurationWithSuchAPluginIsRefusedWhole() throws {
    let parser = DeclarativeParser(registry: Make.registry, validator: Validator(now: 1_700_000_000))
    let text = "_format_version: \"3.0\"\nplugins: [{name: lock, config: {realm: broken}}]\n"
    let configuration = try parser.parse(Array(text.utf8)).get()
    #expect(throws: ControlError.self) { try Make.control().snapshot(of: configuration) }
  }

  /// A file with one route that changes, read at some time.
  private static func read(_ path: String, secret: String = "k", at now: Double) throws -> DeclarativeConfiguration {
    let text = """
      _format_version: "3.0"
      services:
      - name: s
        host: example.com
        routes: [{name: a, paths: [/a]}, {name: b, paths: [\(path)]}]
      consumers: [{username: ada, lock_credentials: [{key: \(secret)}]}]
      plugins: [{name: lock}]
      """
    let parser = DeclarativeParser(registry: Make.registry, validator: Validator(now: now))
    return try parser.parse(Array(text.utf8), format: .yaml).get()
  }

  private static func route(_ name: String, in snapshot: Snapshot) -> RouteRuntime? {
    (0..<4).compactMap { snapshot.routes[$0] }.first { $0.entity.name == name }
  }

  @Test func whatAFileSaysAgainLaterIsKept() throws {
    let control = Make.control()
    let first = try control.snapshot(of: try Self.read("/b", at: 1_700_000_000)).snapshot
    let second = try control.snapshot(of: try Self.read("/c", at: 1_700_000_060)).snapshot
    #expect(Self.route("a", in: first) === Self.route("a", in: second))
    #expect(Self.route("b", in: second)?.entity.paths == ["/c"])
    #expect(Self.route("b", in: second)?.entity.createdAt == 1_700_000_060)
    let instances = [first, second].map { $0.globalChain.entries.first.map { $0.instance as AnyObject } }
    #expect(instances[0] != nil && instances[0] === instances[1])
    // Instances look up credentials in what they were made with.
    let third = try control.snapshot(of: try Self.read("/c", secret: "other", at: 1_700_000_120)).snapshot
    #expect(third.globalChain.entries.first.map { $0.instance as AnyObject } !== instances[0])
  }

  @Test func aRouterThatOrdersByAgeIsToldEveryAge() throws {
    let control = ControlPlane(plugins: Make.plugins, flavor: .traditional, nodeID: Make.id(1))
    _ = try control.snapshot(of: try Self.read("/b", at: 1_700_000_000))
    let second = try control.snapshot(of: try Self.read("/b", at: 1_700_000_060)).snapshot
    #expect(Self.route("a", in: second)?.entity.createdAt == 1_700_000_060)
  }
}

/// splitmix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
