// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonSchema
import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Testing

/// A server that is away, slow, or full.
@Suite struct PostgresOutageTests {
  private func expectUnavailable(
    _ text: String = "", _ body: () async throws -> Void, at place: SourceLocation = #_sourceLocation
  ) async {
    let error = await #expect(throws: StoreError.self, sourceLocation: place) { try await body() }
    guard case .unavailable(let reason) = error, text.isEmpty || reason.contains(text) else {
      Issue.record("\(String(describing: error))", sourceLocation: place)
      return
    }
  }

  @Test func aServerThatIsNotThereIsUnavailable() async throws {
    let port = try FreePort()
    let server = PostgresServer(host: "127.0.0.1", port: port.number, database: "none", user: "nobody")
    let store = PostgresStore(server, registry: Schemas.registry, now: { 0 })
    for _ in 0..<3 { await self.expectUnavailable("refused") { _ = try await store.revision() } }
    await store.close()
  }

  @Test func aServerThatStartsAgainIsUsedAgain() async throws {
    let cluster = try PostgresCluster()
    try await PostgresFixture.with(cluster) { fixture in
      try await fixture.node { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        let heard = Heard()
        node.store.hearChanges { heard.add($0) }
        try await node.insert(Schemas.consumers, Sample.consumer(1))
        cluster.stop()
        await self.expectUnavailable { _ = try await node.store.revision() }
        await self.expectUnavailable { try await node.insert(Schemas.consumers, Sample.consumer(2)) }
        let before = heard.all.count
        try cluster.start()
        try Deadline.wait(for: "the listener") { heard.all.count > before }
        var found: StoredEntity?
        let deadline = Deadline()
        while found == nil, !deadline.isOver { found = try? await node.find(Schemas.consumers, 1) }
        #expect(found != nil)
        #expect(try await node.find(Schemas.consumers, 2) == nil)
        try await node.insert(Schemas.consumers, Sample.consumer(2))
      }
    }
  }

  @Test func connectionsThatWereCutAreMadeAgain() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        for number in 1...5 {
          try fixture.cut(application: "gibbon")
          try await node.insert(Schemas.consumers, Sample.consumer(number))
        }
        #expect(try await node.numbers(Schemas.consumers) == [1, 2, 3, 4, 5])
      }
    }
  }

  @Test func whoWaitsTooLongForAConnectionIsTold() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { try await $0.store.migrate(Schemas.plan) { _ in } }
      let lock = try self.lock(fixture)
      try await fixture.node({
        $0.pool.connections = 1
        $0.pool.waitMilliseconds = 100
        $0.pool.backlog = 2
      }) { node in
        // The first has the connection, two wait, and there is no place for the fourth.
        let outcomes = await withTaskGroup(of: String.self) { group in
          for number in 1...4 {
            group.addTask {
              do {
                try await node.insert(Schemas.consumers, Sample.consumer(number))
                return "done"
              } catch {
                if "\(error)".contains("no connection was free") { lock.end() }
                return "\(error)"
              }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == "done" }.count == 1, "\(outcomes)")
        #expect(outcomes.filter { $0.contains("no connection was free") }.count == 2, "\(outcomes)")
        #expect(outcomes.filter { $0.contains("wait for a connection already") }.count == 1, "\(outcomes)")
      }
    }
  }

  @Test func aStatementThatTakesTooLongIsGivenUp() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { try await $0.store.migrate(Schemas.plan) { _ in } }
      let lock = try self.lock(fixture)
      try await fixture.node({ $0.timeoutMilliseconds = 200 }) { node in
        await self.expectUnavailable("too long") { try await node.insert(Schemas.consumers, Sample.consumer(1)) }
        lock.end()
        try await node.insert(Schemas.consumers, Sample.consumer(1))
      }
    }
  }

  /// Another node that died in the middle of a write, as far as the server can tell: the row of the feed is locked.
  private func lock(_ fixture: PostgresFixture) throws -> HeldLock {
    let lock = HeldLock(fixture)
    try Deadline.wait(for: "the lock") {
      try fixture.cluster.run(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
          + "WHERE d.datname = '\(fixture.database)' AND mode = 'RowExclusiveLock'", database: "postgres") != "0"
    }
    return lock
  }

  @Test func aReplicaIsReadWhereItHasWhatWasSeen() async throws {
    try await PostgresFixture.with { fixture in
      // Another database stands for a replica that lags: it has other entities, and an earlier revision.
      let lagging = try fixture.cluster.makeDatabase()
      defer { fixture.cluster.drop(database: lagging) }
      let replica = PostgresFixture(cluster: fixture.cluster, database: lagging)
      try await replica.node { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        try await node.insert(Schemas.consumers, Sample.consumer(1, "of the replica"))
      }
      try await fixture.node(replica: PostgresServer(fixture.cluster, database: lagging)) { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        #expect(try await node.find(Schemas.consumers, 1)?.object["username"] == "of the replica")
        try await node.insert(Schemas.consumers, Sample.consumer(2))
        #expect(try await node.numbers(Schemas.consumers) == [1])
        // Now the replica is behind.
        try await node.insert(Schemas.consumers, Sample.consumer(3))
        #expect(try await node.numbers(Schemas.consumers) == [2, 3])
      }
    }
  }

  @Test func aReplicaThatIsAwayIsDoneWithout() async throws {
    try await PostgresFixture.with { fixture in
      let port = try FreePort()
      let replica = PostgresServer(host: "127.0.0.1", port: port.number, database: "none", user: "nobody")
      try await fixture.node(replica: replica) { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        try await node.insert(Schemas.consumers, Sample.consumer(1))
        #expect(try await node.numbers(Schemas.consumers) == [1])
      }
    }
  }
}

/// A transaction of somebody else's that has the feed's row.
private final class HeldLock: Sendable {
  private let fixture: PostgresFixture

  init(_ fixture: PostgresFixture) {
    self.fixture = fixture
    let (cluster, database) = (fixture.cluster, fixture.database)
    Thread {
      // Ended by `end`, which is an error to it.
      _ = try? cluster.run(
        "SET application_name = 'holder'; BEGIN; UPDATE feed_revision SET revision = revision; SELECT pg_sleep(60)",
        database: database)
    }.start()
  }

  func end() { try? self.fixture.cut(application: "holder") }
}
