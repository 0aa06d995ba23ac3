// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Synchronization
import Testing

extension StoreConformance {
  /// Setting a store up, and emptying it.
  @Suite struct Migrations {
    private static let names = ["core/000_base", "test-auth/000_base_test_auth", "test-auth/001_tokens"]

    @Test(arguments: StoreUnderTest.allCases)
    func aNewStoreHasSeenNoMigration(kind: StoreUnderTest) async throws {
      try await Fixture.withoutLayout(kind) { fixture in
        let state = try await fixture.store.migrationState(Schemas.plan)
        #expect(state == MigrationState(executed: [], new: Self.names))
        #expect(!state.isBootstrapped && !state.isUpToDate)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func withoutALayoutNothingWorks(kind: StoreUnderTest) async throws {
      try await Fixture.withoutLayout(kind) { fixture in
        func expectLayoutError(_ body: () async throws(StoreError) -> Void) async {
          let error = await #expect(throws: StoreError.self) { try await body() }
          if case .layout = error {} else { Issue.record("\(String(describing: error))") }
        }
        await expectLayoutError { () throws(StoreError) in _ = try await fixture.find(Schemas.consumers, 1) }
        await expectLayoutError { () throws(StoreError) in _ = try await fixture.numbers(Schemas.consumers) }
        await expectLayoutError { () throws(StoreError) in
          try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        }
        await expectLayoutError { () throws(StoreError) in _ = try await fixture.store.revision() }
        await expectLayoutError { () throws(StoreError) in _ = try await fixture.store.counter(CounterKey("a", "b")) }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func migrationsRunOnceAndAreTold(kind: StoreUnderTest) async throws {
      try await Fixture.withoutLayout(kind) { fixture in
        let told = Mutex<[String]>([])
        for _ in 0..<2 { try await fixture.store.migrate(Schemas.plan) { name in told.withLock { $0.append(name) } } }
        #expect(told.withLock { $0 } == Self.names)
        let state = try await fixture.store.migrationState(Schemas.plan)
        #expect(state == MigrationState(executed: Self.names, new: []))
        #expect(state.isBootstrapped && state.isUpToDate)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func concurrentMigrationsDoNotMeet(kind: StoreUnderTest) async throws {
      try await Fixture.withoutLayout(kind) { fixture in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<5 { group.addTask { try await fixture.store.migrate(Schemas.plan) { _ in } } }
          try await group.waitForAll()
        }
        #expect(try await fixture.store.migrationState(Schemas.plan).executed == Self.names)
        #expect(try await fixture.numbers(Schemas.workspaces).count == 1)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func thePlanMayGrow(kind: StoreUnderTest) async throws {
      try await Fixture.withoutLayout(kind) { fixture in
        try await fixture.store.migrate(MigrationPlan(plugins: [])) { _ in }
        let revision = try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        let state = try await fixture.store.migrationState(Schemas.plan)
        #expect(state.executed == Array(Self.names[..<1]) && state.new == Array(Self.names[1...]))
        #expect(state.isBootstrapped && !state.isUpToDate)
        try await fixture.store.migrate(Schemas.plan) { _ in }
        #expect(try await fixture.find(Schemas.consumers, 1)?.revision == revision)
        try await fixture.insert(Schemas.credentials, Sample.credential(2, "k", of: 1))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theDefaultWorkspaceIsThere(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let id = Workspace.defaultID.description
        let found = try #require(try await fixture.store.find(.id(id), in: Schemas.workspaces))
        #expect(found.object == Workspace.defaultObject(createdAt: Int(fixture.clock.now)))
        #expect(found.workspace == nil)
        let named = try await fixture.find(Schemas.workspaces, "name", "default", in: nil)
        #expect(named == found)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aResetDeletesEverything(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let key = CounterKey("a", "b")
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["t"]))
        _ = try await fixture.store.increment([CounterIncrement(key, by: 1, expiresAt: fixture.clock.now + 60)])
        #expect(try await fixture.store.acquireLock("l", owner: EntityID(high: 1, low: 1), seconds: 60))
        try await fixture.store.reset()
        #expect(try await !fixture.store.migrationState(Schemas.plan).isBootstrapped)
        await #expect(throws: StoreError.self) { _ = try await fixture.find(Schemas.consumers, 1) }

        try await fixture.store.migrate(Schemas.plan) { _ in }
        #expect(try await fixture.numbers(Schemas.consumers).isEmpty)
        #expect(try await fixture.numbers(Schemas.workspaces).count == 1)
        #expect(try await fixture.store.tags(TagRequest(size: 10)).uses.isEmpty)
        #expect(try await fixture.store.counter(key) == 0)
        #expect(try await fixture.store.acquireLock("l", owner: EntityID(high: 2, low: 2), seconds: 60))
        try await fixture.insert(Schemas.consumers, Sample.consumer(2, "ada"))
      }
    }
  }
}
