// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

/// Replacing all contents of a memory store, as a declarative configuration does.
@Suite struct MemoryReplacementTests {
  private struct Loaded {
    let store: MemoryStore
    let fixture: Fixture

    init() {
      let clock = ManualClock()
      self.store = MemoryStore(registry: Schemas.registry, now: { clock.now })
      self.fixture = Fixture(store: self.store, clock: clock)
    }

    func load(_ rows: [String: [StoredEntity]]) {
      self.store.replaceAll(rows.mapValues { $0.map(\.object) }, workspace: Workspace.defaultID)
    }
  }

  @Test func everythingIsReplaced() async throws {
    let loaded = Loaded()
    let fixture = loaded.fixture
    try await fixture.store.migrate(Schemas.plan) { _ in }
    try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["old"]), Sample.consumer(2, "bob"))
    loaded.load([
      "consumers": [Sample.consumer(9, "zoe"), Sample.consumer(2, "ada", tags: ["new"])],
      "plugins": [Sample.plugin(5, consumer: 9)], "unknown": [Sample.entity(1, [:])],
    ])
    #expect(try await fixture.numbers(Schemas.consumers) == [2, 9])
    let found = try #require(try await fixture.find(Schemas.consumers, "username", "ada"))
    #expect(found.object == Sample.consumer(2, "ada", tags: ["new"]).object)
    #expect(found.workspace == Workspace.defaultID)
    #expect(found.revision == (try await fixture.store.revision()))
    #expect(try await fixture.store.tags(TagRequest(size: 10)).uses.map(\.tag) == ["new"])
    #expect(
      try await fixture.numbers(Schemas.plugins) { $0.parent = .init(field: "consumer", id: Sample.id(9)) } == [5])
    #expect(try await fixture.find(Schemas.consumers, "username", "bob") == nil)
  }

  @Test func followersReadAnew() async throws {
    let loaded = Loaded()
    let fixture = loaded.fixture
    loaded.load(["consumers": [Sample.consumer(1)]])
    let first = try await fixture.store.revision()
    loaded.load(["consumers": [Sample.consumer(1)]])
    let second = try await fixture.store.revision()
    #expect(second > first)
    let batch = try await fixture.store.changes(after: first)
    #expect(batch.isIncomplete && batch.changes.isEmpty && batch.revision == second)
    #expect(try await fixture.store.changes(after: 0).isIncomplete)
    #expect(try await !fixture.store.changes(after: second).isIncomplete)
    try await fixture.insert(Schemas.consumers, Sample.consumer(2))
    #expect(try await fixture.changes(after: second) == [.init("consumers", 2)])
  }

  @Test func itNeedsNoMigration() async throws {
    let loaded = Loaded()
    await #expect(throws: StoreError.self) { _ = try await loaded.fixture.numbers(Schemas.consumers) }
    loaded.load([:])
    #expect(try await loaded.fixture.numbers(Schemas.consumers).isEmpty)
    try await loaded.fixture.store.migrate(Schemas.plan) { _ in }
    #expect(try await loaded.fixture.numbers(Schemas.workspaces).count == 1)
    try await loaded.fixture.insert(Schemas.consumers, Sample.consumer(1))
  }

  @Test func theDefaultWorkspaceIsAlwaysThere() async throws {
    let loaded = Loaded()
    loaded.load(["workspaces": [Sample.workspace(90)]])
    #expect(try await loaded.fixture.numbers(Schemas.workspaces).count == 2)
    let own: JSONObject = ["id": .string(Workspace.defaultID.description), "name": "default", "comment": "mine"]
    loaded.load(["workspaces": [StoredEntity(own, workspace: nil)]])
    let found = try await loaded.fixture.find(Schemas.workspaces, "name", "default", in: nil)
    #expect(found?.object == own)
    #expect(try await loaded.fixture.numbers(Schemas.workspaces).count == 1)
  }

  @Test func rowsAreStoredAsEntitiesAre() async throws {
    let loaded = Loaded()
    let fixture = loaded.fixture
    loaded.load([
      "consumers": [Sample.entity(1, ["username": "a", "ws_id": .string(Workspace.defaultID.description)])],
      "test_credentials": [
        Sample.entity(2, ["key": "a", "consumer": Sample.reference(1), "ttl": 10]),
        Sample.entity(3, ["key": "b", "consumer": Sample.reference(1), "ttl": 0]),
      ], "certificates": [Sample.entity(4, ["cert": "c", "key": "k", "snis": ["a.test"]])],
    ])
    #expect(try await fixture.find(Schemas.consumers, 1)?.object["ws_id"] == nil)
    #expect(try await fixture.find(Schemas.certificates, 4)?.object["snis"] == nil)
    let short = try await fixture.find(Schemas.credentials, 2)
    #expect(short?.object["ttl"] == nil && short?.expiresAt == fixture.clock.now + 10)
    fixture.clock.advance(by: 10)
    #expect(try await fixture.numbers(Schemas.credentials) == [3])
  }

  @Test func timesToLiveCountFromTheReplacementNotFromTheFirstReading() async throws {
    let loaded = Loaded()
    let start = loaded.fixture.clock.now
    loaded.load([
      "consumers": [Sample.consumer(1)],
      "test_credentials": [Sample.entity(2, ["key": "a", "consumer": Sample.reference(1), "ttl": 10])],
    ])
    loaded.fixture.clock.advance(by: 4)
    #expect(try await loaded.fixture.find(Schemas.credentials, 2)?.expiresAt == start + 10)
  }

  @Test func ofRowsWithOneIDTheLastCounts() async throws {
    let loaded = Loaded()
    loaded.load(["consumers": [Sample.consumer(1, "ada"), Sample.consumer(1, "bob")]])
    #expect(try await loaded.fixture.find(Schemas.consumers, 1)?.object["username"] == "bob")
    #expect(try await loaded.fixture.find(Schemas.consumers, "username", "ada") == nil)
  }

  @Test func countersAndLocksStay() async throws {
    let loaded = Loaded()
    let fixture = loaded.fixture
    loaded.load([:])
    let key = CounterKey("a", "b")
    _ = try await fixture.store.increment([CounterIncrement(key, by: 4, expiresAt: fixture.clock.now + 60)])
    #expect(try await fixture.store.acquireLock("l", owner: EntityID(high: 1, low: 1), seconds: 60))
    loaded.load(["consumers": [Sample.consumer(1)]])
    #expect(try await fixture.store.counter(key) == 4)
    #expect(try await !fixture.store.acquireLock("l", owner: EntityID(high: 2, low: 2), seconds: 60))
  }

  @Test func readersSeeOneConfigurationOrTheOther() async throws {
    let loaded = Loaded()
    let fixture = loaded.fixture
    loaded.load(["consumers": (1...50).map { Sample.consumer($0) }])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 1...20 {
          let first = round % 2 == 0 ? 1 : 101
          loaded.store.replaceAll(
            ["consumers": (first..<first + 50).map { Sample.consumer($0).object }], workspace: Workspace.defaultID)
        }
      }
      group.addTask {
        for _ in 0..<50 {
          let numbers = try await fixture.numbers(Schemas.consumers)
          #expect(numbers == Array(1...50) || numbers == Array(101...150))
        }
      }
      try await group.waitForAll()
    }
  }
}
