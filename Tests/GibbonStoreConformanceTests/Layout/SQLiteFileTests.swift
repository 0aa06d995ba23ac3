// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import GibbonStoreSQLite
import Testing

/// What only a store in a file can do.
@Suite struct SQLiteFileTests {
  private static func with(_ body: (String, ManualClock) async throws -> Void) async throws {
    let folder = try StoreFolder()
    defer { folder.remove() }
    try await body(folder.path(of: "gibbon.sqlite"), ManualClock())
  }

  private static func open(_ path: String, _ clock: ManualClock) throws -> Fixture {
    Fixture(store: try SQLiteStore(path: path, registry: Schemas.registry, now: { clock.now }), clock: clock)
  }

  @Test func entitiesOutliveTheStore() async throws {
    try await Self.with { path, clock in
      let first = try Self.open(path, clock)
      try await first.store.migrate(Schemas.plan) { _ in }
      let revision = try await first.insert(Schemas.consumers, Sample.consumer(1, "ada"))
      await first.store.close()
      let second = try Self.open(path, clock)
      #expect(try await second.find(Schemas.consumers, 1)?.revision == revision)
      #expect(try await second.store.revision() == revision)
      await second.store.close()
    }
  }

  @Test func twoStoresShareAFile() async throws {
    try await Self.with { path, clock in
      let (first, second) = (try Self.open(path, clock), try Self.open(path, clock))
      try await first.store.migrate(Schemas.plan) { _ in }
      #expect(try await second.store.migrationState(Schemas.plan).isUpToDate)
      try await second.store.migrate(Schemas.plan) { name in Issue.record("\(name) ran twice") }
      let start = try await second.store.revision()
      try await first.insert(Schemas.consumers, Sample.consumer(1, "ada"))
      #expect(try await second.changes(after: start) == [.init("consumers", 1)])
      await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": "ada"])) {
        try await second.insert(Schemas.consumers, Sample.consumer(2, "ada"))
      }
      await first.store.close()
      await second.store.close()
    }
  }

  @Test func twoStoresMayMigrateAtOnce() async throws {
    try await Self.with { path, clock in
      let (first, second) = (try Self.open(path, clock), try Self.open(path, clock))
      async let one: Void = first.store.migrate(Schemas.plan) { _ in }
      async let two: Void = second.store.migrate(Schemas.plan) { _ in }
      _ = try await (one, two)
      #expect(try await first.store.migrationState(Schemas.plan).isUpToDate)
      #expect(try await first.numbers(Schemas.workspaces).count == 1)
      await first.store.close()
      await second.store.close()
    }
  }

  @Test func aPlaceWithoutAFileIsRefused() throws {
    #expect(throws: StoreError.self) {
      _ = try SQLiteStore(path: "/nowhere/at/all/gibbon.sqlite", registry: Schemas.registry, now: { 0 })
    }
  }
}
