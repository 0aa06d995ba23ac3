// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Testing

/// Nodes whose clocks are wrong: what ends, ends by the database's clock.
@Suite struct PostgresClockTests {
  /// Runs `body` with a node whose clock differs by so many seconds.
  private func node(
    _ fixture: PostgresFixture, _ difference: Double, _ body: (Fixture, @Sendable () -> Double) async throws -> Void
  ) async throws {
    let now: @Sendable () -> Double = { Date().timeIntervalSince1970 + difference }
    let store = PostgresStore(
      PostgresServer(fixture.cluster, database: fixture.database), registry: Schemas.registry, now: now)
    let result: Result<Void, any Error>
    do {
      try await store.migrate(Schemas.plan) { _ in }
      result = .success(try await body(Fixture(store: store, clock: fixture.clock), now))
    } catch {
      result = .failure(error)
    }
    await store.close()
    try result.get()
  }

  @Test func anEntityEndsForAllNodesAtTheSameMoment() async throws {
    try await PostgresFixture.with { fixture in
      try await self.node(fixture, -3600) { slow, slowNow in
        try await self.node(fixture, 3600) { fast, fastNow in
          try await slow.insert(Schemas.consumers, Sample.consumer(1))
          // By the clock of the fast node, this ended almost two hours ago.
          try await slow.insert(
            Schemas.credentials, Sample.credential(1, "long", of: 1, expiresAt: slowNow() + 600))
          let found = try #require(try await fast.find(Schemas.credentials, 1))
          // Each node is told the end by its own clock.
          let left = try #require(found.expiresAt) - fastNow()
          #expect(left > 500 && left < 601)
          let own = try #require(try await slow.find(Schemas.credentials, 1)?.expiresAt) - slowNow()
          #expect(abs(own - left) < 30)

          // By the clock of the slow node, this has two hours left.
          try await fast.insert(
            Schemas.credentials, Sample.credential(2, "short", of: 1, expiresAt: fastNow() + 0.5))
          var isThere = true
          let deadline = Deadline()
          while isThere, !deadline.isOver { isThere = try await slow.find(Schemas.credentials, 2) != nil }
          #expect(!isThere)
          #expect(try await fast.find(Schemas.credentials, 2) == nil)
          // Its key is free again.
          try await slow.insert(Schemas.credentials, Sample.credential(3, "short", of: 1))
          #expect(try await fast.numbers(Schemas.credentials) == [1, 3])
        }
      }
    }
  }

  @Test func countersAndLocksDoToo() async throws {
    try await PostgresFixture.with { fixture in
      try await self.node(fixture, -3600) { slow, slowNow in
        try await self.node(fixture, 3600) { fast, fastNow in
          let key = CounterKey("n", "c")
          _ = try await slow.store.increment([CounterIncrement(key, by: 2, expiresAt: slowNow() + 60)])
          let counted = try await fast.store.increment([CounterIncrement(key, by: 3, expiresAt: fastNow() + 60)])
          #expect(counted == [5])
          #expect(try await slow.store.acquireLock("l", owner: Sample.workspaceID(1), seconds: 60))
          #expect(try await !fast.store.acquireLock("l", owner: Sample.workspaceID(2), seconds: 60))
        }
      }
    }
  }
}
