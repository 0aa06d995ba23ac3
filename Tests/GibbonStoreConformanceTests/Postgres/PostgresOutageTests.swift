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
      let lock = try HeldLock(fixture)
      try await fixture.node({
        $0.pool.connections = 1
        $0.pool.waitMilliseconds = 1000
        $0.pool.backlog = 2
      }) { node in
        // The first has the connection, two wait, and there is no place for the fourth.
        try await withThrowingTaskGroup(of: String?.self) { group in
          @Sendable func insert(_ number: Int) async -> String? {
            do {
              try await node.insert(Schemas.consumers, Sample.consumer(number))
              return nil
            } catch {
              return "\(error)"
            }
          }
          group.addTask { await insert(1) }
          try await lock.awaitOthers()
          for number in 2...4 { group.addTask { await insert(number) } }
          var refusals: [String] = []
          for _ in 2...4 { refusals.append(try await group.next()??.description ?? "") }
          #expect(refusals.filter { $0.contains("was not free for 1000 ms") }.count == 2, "\(refusals)")
          #expect(refusals.filter { $0.contains("2 writes wait for their turn") }.count == 1, "\(refusals)")
          lock.end()
          #expect(try await group.next() == .some(nil))
        }
        #expect(try await node.numbers(Schemas.consumers) == [1])
      }
    }
  }

  @Test func aStatementThatTakesTooLongIsGivenUp() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { try await $0.store.migrate(Schemas.plan) { _ in } }
      let lock = try HeldLock(fixture)
      try await fixture.node({ $0.timeoutMilliseconds = 2000 }) { node in
        await self.expectUnavailable("too long") { try await node.insert(Schemas.consumers, Sample.consumer(1)) }
        lock.end()
        try await node.insert(Schemas.consumers, Sample.consumer(1))
      }
    }
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
