// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Synchronization
import Testing

@testable import GibbonControl
@testable import GibbonPluginAPI

/// What belongs to a consumer is read when it is first asked for and forgotten when it changes.
@Suite struct ConsumerEntityTests {
  private static let collection = "lock_credentials"

  private struct Fixture {
    let store: MemoryStore
    let cache: CredentialCache
    let index: any ConsumerEntityIndex
    let clock = Clock()

    init(capacity: Int = 1024, consumers: Int = 3) async throws {
      self.store = try await Make.store()
      let clock = self.clock
      self.cache = CredentialCache(
        store: self.store, registry: Make.registry, capacity: capacity, now: { clock.now.withLock { $0 } })
      self.index = self.cache.entities(of: collection)
      try await self.store.commit(
        try (1...consumers).map { try Make.put("consumers", $0, ["username": .string("c\($0)")]) })
    }

    final class Clock: Sendable {
      let now = Mutex(1_700_000_000.0)
    }

    func put(_ number: Int, of consumer: Int) async throws {
      try await self.change([try Self.put(number, of: consumer)])
    }

    static func put(_ number: Int, of consumer: Int) throws -> EntityWrite {
      try Make.put(collection, number, ["key": .string("k\(number)"), "consumer": Make.reference(consumer)])
    }

    /// Writes, and tells the cache as the follower does.
    func change(_ writes: [EntityWrite]) async throws {
      let before = try await self.store.revision()
      try await self.store.commit(writes)
      self.cache.forget(try await self.store.changes(after: before))
    }

    /// The keys that a request would find.
    func find(_ consumer: Int) async throws -> [String] { try await Self.find(consumer, in: self.index) }

    /// Waits for the store where that is needed.
    static func find(_ consumer: Int, in index: any ConsumerEntityIndex) async throws -> [String] {
      for _ in 0..<8 {
        switch index.find(Make.id(consumer)) {
        case .found(let entities): return entities.rows.compactMap { $0["key"]?.stringValue }
        case .pending(let completion): try await Self.wait(for: completion)
        }
      }
      throw ControlError("the consumer stays pending")
    }

    func isCached(_ consumer: Int) -> Bool {
      if case .pending = self.index.find(Make.id(consumer)) { false } else { true }
    }

    static func wait(for completion: @Sendable (Suspension) -> Void) async throws {
      let outcome = await withCheckedContinuation { continuation in
        completion(Suspension(executor: Inline()) { continuation.resume(returning: $0) })
      }
      if case .fail(let reason) = outcome { throw ControlError(reason) }
    }
  }

  private final class Inline: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {}
  }

  @Test func aConsumersEntitiesAreReadOnceAndInOrder() async throws {
    let fixture = try await Fixture()
    for number in [12, 10, 11] { try await fixture.put(number, of: 1) }
    try await fixture.put(13, of: 2)
    #expect(!fixture.isCached(1))
    #expect(try await fixture.find(1) == ["k10", "k11", "k12"])
    #expect(fixture.isCached(1) && !fixture.isCached(2))
    #expect(try await fixture.find(2) == ["k13"])
    #expect(fixture.cache.count == 2)
  }

  @Test func thatThereAreNoneIsRememberedUntilThereIsOne() async throws {
    let fixture = try await Fixture()
    #expect(try await fixture.find(1).isEmpty)
    #expect(try await fixture.find(99).isEmpty)
    #expect(fixture.isCached(1) && fixture.isCached(99))
    try await fixture.put(10, of: 1)
    #expect(try await fixture.find(1) == ["k10"])
    #expect(fixture.isCached(99))
  }

  @Test func aDeletionForgetsTheListItWasIn() async throws {
    let fixture = try await Fixture()
    for number in 10...12 { try await fixture.put(number, of: number == 12 ? 2 : 1) }
    for consumer in 1...2 { _ = try await fixture.find(consumer) }
    try await fixture.change([try Make.delete(Self.collection, 10)])
    #expect(!fixture.isCached(1) && fixture.isCached(2))
    #expect(try await fixture.find(1) == ["k11"])
    // One that nobody has read yet.
    try await fixture.put(20, of: 3)
    try await fixture.change([try Make.delete(Self.collection, 20)])
    #expect(fixture.isCached(1) && fixture.isCached(2))
  }

  @Test func anEntityThatMovesLeavesOneListAndEntersAnother() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, of: 1)
    for consumer in 1...3 { _ = try await fixture.find(consumer) }
    try await fixture.put(10, of: 2)
    #expect(!fixture.isCached(1) && !fixture.isCached(2) && fixture.isCached(3))
    #expect(try await fixture.find(1).isEmpty)
    #expect(try await fixture.find(2) == ["k10"])
  }

  @Test func anEntityInTwoListsThatWereReadAtDifferentTimesLeavesBoth() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, of: 1)
    _ = try await fixture.find(1)
    // Moved, and read again before anybody told the cache.
    let before = try await fixture.store.revision()
    try await fixture.store.commit([try Fixture.put(10, of: 2)])
    #expect(try await fixture.find(2) == ["k10"])
    try await fixture.store.commit([try Make.delete(Self.collection, 10)])
    fixture.cache.forget(try await fixture.store.changes(after: before))
    #expect(try await fixture.find(1).isEmpty)
    #expect(try await fixture.find(2).isEmpty)
  }

  @Test func aConsumerThatGoesTakesItsListAlong() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, of: 1)
    for consumer in 1...2 { _ = try await fixture.find(consumer) }
    try await fixture.change([try Make.put("consumers", 1, ["username": "renamed"])])
    #expect(fixture.isCached(1))
    try await fixture.change([try Make.delete("consumers", 1)])
    #expect(!fixture.isCached(1) && fixture.isCached(2))
    #expect(try await fixture.find(1).isEmpty)
  }

  @Test func whatOutlivesItsTimeIsReadAnew() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, of: 1)
    let (schema, entity) = try Make.entity(Self.collection, 11, ["key": "brief", "consumer": Make.reference(1)])
    try await fixture.change([
      .put(schema, StoredEntity(entity.object, workspace: entity.workspace, expiresAt: 1_700_000_010))
    ])
    #expect(try await fixture.find(1) == ["k10", "brief"])
    fixture.clock.now.withLock { $0 = 1_700_000_009 }
    #expect(fixture.isCached(1))
    fixture.clock.now.withLock { $0 = 1_700_000_010 }
    #expect(!fixture.isCached(1))
  }

  @Test func forgettingEverythingForgetsLists() async throws {
    let fixture = try await Fixture()
    _ = try await fixture.find(1)
    fixture.cache.forgetAll()
    #expect(!fixture.isCached(1))
  }

  @Test func peopleCanLookAndForget() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, of: 1)
    let name = "\(Self.collection):\(Make.id(1))"
    #expect(fixture.cache.cached(name) == nil)
    _ = try await fixture.find(1)
    #expect(fixture.cache.cached(name)?.arrayValue?.first?["key"] == "k10")
    fixture.cache.forget(name)
    #expect(!fixture.isCached(1))
  }

  // MARK: Bounds

  @Test func theCacheStaysWithinItsBound() async throws {
    let fixture = try await Fixture(capacity: 64)
    for number in 100..<1100 { _ = try await fixture.find(number) }
    #expect(fixture.cache.count <= 64)
    #expect(fixture.cache.count > 16)
  }

  @Test func whatIsAskedForStays() async throws {
    let fixture = try await Fixture(capacity: 128)
    for number in 100..<1100 {
      _ = try await fixture.find(1)
      _ = try await fixture.find(number)
      #expect(fixture.isCached(1))
    }
  }

  /// The index of a store where consumer 1 has this many, read in pages of 10.
  private static func index(_ count: Int, capacity: Int) async throws -> (CachedEntities, Fixture) {
    let fixture = try await Fixture()
    try await fixture.change(try (0..<count).map { try Fixture.put(1000 + $0, of: 1) })
    let index = CachedEntities(
      store: fixture.store, schema: try Make.schema(Self.collection), capacity: capacity, pageSize: 10, now: { 0 })
    return (index, fixture)
  }

  @Test func manyEntitiesAreReadPageByPage() async throws {
    for count in [9, 10, 11, 160] {
      let (index, _) = try await Self.index(count, capacity: 16)
      let expected = (0..<count).map { "k\(1000 + $0)" }
      #expect(try await Fixture.find(1, in: index) == expected)
      // A list larger than the cache is kept until another takes its place.
      guard case .found = index.find(Make.id(1)) else {
        Issue.record("forgotten at once")
        return
      }
    }
  }

  @Test func tooManyEntitiesAreAFailureAndNotAPart() async throws {
    let (index, fixture) = try await Self.index(161, capacity: 1024)
    await #expect(throws: ControlError.self) { try await Fixture.find(1, in: index) }
    try await fixture.change([try Make.delete(Self.collection, 1000)])
    #expect(try await Fixture.find(1, in: index).count == 160)
  }

  @Test func aListThatOutgrowsTheCacheMakesRoom() async throws {
    let (index, fixture) = try await Self.index(150, capacity: 16)
    // 17 and 33 are kept in the same part as 1.
    for consumer in [17, 33, 1, 17, 33] { _ = try await Fixture.find(consumer, in: index) }
    #expect(index.count <= 3)
    index.forget(entity: Make.id(1000), now: nil)
    #expect(try await Fixture.find(1, in: index).count == 150)
    withExtendedLifetime(fixture) {}
  }

  /// Reads race with changes: whatever the order, the last state is what is found in the end.
  @Test func noReadBringsBackWhatWasForgotten() async throws {
    let fixture = try await Fixture()
    for round in 0..<100 {
      try await fixture.put(10, of: 1)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = try await fixture.find(1) } }
        if round.isMultiple(of: 2) {
          group.addTask { try await fixture.change([try Make.delete(Self.collection, 10)]) }
        } else {
          group.addTask { try await fixture.put(10, of: 2) }
        }
        try await group.waitForAll()
      }
      #expect(try await fixture.find(1).isEmpty)
      #expect(try await fixture.find(2) == (round.isMultiple(of: 2) ? [] : ["k10"]))
      try await fixture.change([try Make.delete(Self.collection, 10)])
    }
  }

  @Test func anUnknownCollectionHasNothing() async throws {
    let fixture = try await Fixture()
    for index in [fixture.cache.entities(of: "no_such"), fixture.cache.entities(of: "plugins")] {
      guard case .found(let entities) = index.find(Make.id(1)) else {
        Issue.record("pending")
        return
      }
      #expect(entities.rows.isEmpty)
    }
  }

  // MARK: Without a datastore

  @Test func aDeclarativeConfigurationHasThemInMemory() throws {
    let schema = try Make.schema(Self.collection)
    let rows = try [12, 10, 11].map { number in
      try Make.entity(
        Self.collection, number,
        ["key": .string("k\(number)"), "consumer": Make.reference(number == 12 ? 2 : 1)]
      ).1.object
    }
    let directory = Directory(consumers: [], rows: [Self.collection: rows], schemas: [schema])
    func keys(_ consumer: Int, in collection: String = Self.collection) -> [String]? {
      guard case .found(let entities) = directory.entities(of: collection).find(Make.id(consumer)) else { return nil }
      return entities.rows.compactMap { $0["key"]?.stringValue }
    }
    #expect(keys(1) == ["k10", "k11"])
    #expect(keys(2) == ["k12"])
    #expect(keys(3) == [])
    #expect(keys(1, in: "no_such") == [])
  }

  @Test func whatIsPreparedIsMadeOnce() {
    let entities = ConsumerEntities([["group": "a"]])
    var count = 0
    func prepare() -> Int {
      entities.prepared { rows in
        count += 1
        return rows.count
      }
    }
    #expect(prepare() == 1 && prepare() == 1 && count == 1)
    #expect(entities.prepared { _ in "another type" } == "another type")
  }
}
