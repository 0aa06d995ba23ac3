// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import GibbonStore
import Synchronization
import Testing

@testable import GibbonControl

/// What is written to the store is served when the one who wrote goes on.
@Suite struct FollowerTests {
  fileprivate final class Fixture: Sendable {
    let store: MemoryStore
    /// Where the store is, or another one later.
    let place: SwitchingStore
    let follower: Follower
    let control = Make.control()
    let served = Mutex<[Snapshot]>([])
    let reports = Mutex<[String]>([])

    init() async throws {
      self.store = try await Make.store()
      self.place = SwitchingStore(StorePlace(self.store))
      let cache = CredentialCache(store: self.place, registry: Make.registry, capacity: 64, now: { 0 })
      let box = Box()
      self.follower = Follower(
        store: self.place, control: self.control, cache: cache, now: { 0 }, use: { box.use($0) },
        report: { box.report($1) })
      box.fixture.withLock { [weak self] in $0 = Weak(self) }
    }

    func write(_ writes: [EntityWrite]) async throws {
      await self.follower.caughtUp(with: try await self.store.commit(writes))
    }

    var paths: Set<String> {
      guard let last = self.served.withLock({ $0.last }) else { return [] }
      return Set(Served(last, paths: ["/r0", "/r1", "/r2"]).answers.keys)
    }

    struct Weak: Sendable {
      weak let value: Fixture?
      init(_ value: Fixture?) { self.value = value }
    }

    final class Box: Sendable {
      let fixture = Mutex(Weak(nil))
      func use(_ snapshot: Snapshot) {
        self.fixture.withLock { $0.value }?.served.withLock { $0.append(snapshot) }
      }
      func report(_ text: String) { self.fixture.withLock { $0.value }?.reports.withLock { $0.append(text) } }
    }
  }

  private static func route(_ number: Int) throws -> [EntityWrite] {
    [
      try Make.put("services", 100 + number, ["host": "example.com"]),
      try Make.put(
        "routes", 200 + number, ["paths": [.string("/r\(number)")], "service": Make.reference(100 + number)]),
    ]
  }

  @Test func aWriteIsServedWhenItsWriterGoesOn() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.write(try Self.route(0))
    #expect(fixture.paths == ["/r0"])
    try await fixture.write([try Make.delete("routes", 200)])
    #expect(fixture.paths.isEmpty)
  }

  /// As after a restore, or a failover that lost what this node has seen.
  @Test func whatTheFeedDoesNotTellIsReadAnew() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.write(try Self.route(0))
    // The number of the feed is the same, and the entities are others.
    let other = try await Make.store()
    let revision = try await other.commit(try Self.route(1))
    #expect(try await fixture.store.revision() == revision)
    _ = fixture.place.put(StorePlace(other))
    await fixture.follower.poll()
    #expect(fixture.paths == ["/r0"])
    try await fixture.follower.readAnew()
    #expect(fixture.paths == ["/r1"])
  }

  @Test func manyWritersAreAllServed() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<3 {
        group.addTask {
          try await fixture.write(try Self.route(number))
          #expect(fixture.paths.contains("/r\(number)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(fixture.paths == ["/r0", "/r1", "/r2"])
  }

  @Test func whatOthersWroteIsFoundByLooking() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.store.commit(try Self.route(1))
    #expect(fixture.paths.isEmpty)
    await fixture.follower.poll()
    #expect(fixture.paths == ["/r1"])
  }

  @Test func aFeedThatDoesNotReachBackMeansReadingEverything() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.store.commit(try Self.route(0))
    try await fixture.store.commit(try Self.route(1))
    try await fixture.store.trimChanges(keeping: 0)
    await fixture.follower.poll()
    #expect(fixture.paths == ["/r0", "/r1"])
  }

  @Test func writesWithoutEffectOnTrafficMakeNoSnapshot() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.write([try Make.put("consumers", 1, ["username": "ann"])])
    #expect(fixture.served.withLock { $0.isEmpty })
    #expect(await fixture.follower.served.revision == (try await fixture.store.revision()))
  }

  @Test func aPluginGetsToKnowTheConsumerItNames() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.write(
      try Self.route(0) + [
        try Make.put("plugins", 500, ["name": "lock", "config": ["anonymous": "nobody"]])
      ])
    #expect(fixture.anonymous == nil)
    try await fixture.write([try Make.put("consumers", 1, ["username": "nobody"])])
    #expect(fixture.anonymous?.id == Make.id(1))
    try await fixture.write([try Make.put("consumers", 1, ["username": "nobody", "custom_id": "x"])])
    #expect(fixture.anonymous?.customID == "x")
    try await fixture.write([try Make.delete("consumers", 1)])
    #expect(fixture.anonymous == nil)
  }

  @Test func aDatastoreThatWasSetUpAnewIsReadAnew() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.follower.first()
    try await fixture.write(try Self.route(0))
    try await fixture.store.reset()
    try await fixture.store.migrate(MigrationPlan(plugins: Make.plugins.schemas)) { _ in }
    await fixture.follower.poll()
    #expect(fixture.paths.isEmpty)
  }
}

extension FollowerTests.Fixture {
  /// The consumer that the one plugin there is has got.
  fileprivate var anonymous: Consumer? {
    guard let last = self.served.withLock({ $0.last }) else { return nil }
    return (0..<8).compactMap { last.routes[$0] }.first?.chain.entries.compactMap { $0.instance as? LockPlugin }
      .first?.anonymous
  }
}
