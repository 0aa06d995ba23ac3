// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonCore
import GibbonSchema
import GibbonStore
import GibbonStoreCassandra
import GibbonTesting
import Synchronization
import Testing

/// Nodes on a real Cassandra.
@Suite(.enabled(if: CassandraServer.given != nil, Comment(rawValue: CassandraServer.absence)))
struct CassandraLiveTests {
  let clock = ManualClock()

  /// - Parameter level: what reads and writes ask for, where not the usual.
  private func with(
    _ count: Int, at level: CQLConsistency? = nil, _ body: ([Fixture], String) async throws -> Void
  ) async throws {
    let name = try await CassandraKeyspaces.shared.take(isSetUp: true)
    let nodes = try (0..<count).map { _ in try self.node(name, at: level) }
    let result: Result<Void, any Error>
    do {
      try await nodes[0].store.migrate(Schemas.plan) { _ in }
      result = .success(try await body(nodes, name))
    } catch {
      result = .failure(error)
    }
    for node in nodes { await node.store.close() }
    await CassandraKeyspaces.shared.giveBack(name)
    try result.get()
  }

  private func node(
    _ keyspace: String, at level: CQLConsistency? = nil,
    before: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil }
  ) throws -> Fixture {
    let clock = self.clock
    let server = try CassandraServer.shared()
    var settings = server.settings
    settings.readConsistency = level ?? settings.readConsistency
    settings.writeConsistency = level ?? settings.writeConsistency
    let session = ConnectingSession { [settings] () async throws(CQLError) in try await CQLCluster.connect(settings) }
    let store = CassandraStore(
      CutSession(base: session, before: before), CassandraKeyspace(keyspace, on: server), registry: Schemas.registry,
      now: { clock.now })
    return Fixture(store: store, clock: clock)
  }

  @Test func ofWritersRacingForANameOneWins() async throws {
    try await self.with(3) { nodes, _ async throws in
      for round in 0..<5 {
        let winners = await withTaskGroup(of: Bool.self) { group in
          for (offset, node) in nodes.enumerated() {
            group.addTask {
              let consumer = Sample.consumer(round * 10 + offset, "name-\(round)")
              return (try? await node.insert(Schemas.consumers, consumer)) != nil
            }
          }
          return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
      }
      for node in nodes { #expect(try await node.numbers(Schemas.consumers).count == 5) }
    }
  }

  @Test(arguments: [0, 1, 2])
  func whatADeadWriterLeftIsDoneByAnother(writes: Int) async throws {
    try await self.with(1) { nodes, keyspace async throws in
      let left = Atomic(Int.max)
      let dying = try self.node(
        keyspace,
        before: { statement in
          guard statement.text.contains("USING TIMESTAMP") else { return nil }
          return left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 ? nil : .unavailable("dead")
        })
      let start = try await dying.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["old"]))
      left.store(writes, ordering: .relaxed)
      _ = try await dying.store.commit([
        .put(Schemas.consumers, Sample.consumer(1, "bob", tags: ["new"])),
        .insert(Schemas.credentials, Sample.credential(2, "k", of: 1)),
      ])
      let other = nodes[0]
      #expect(try await other.changes(after: start) == [.init("consumers", 1), .init("test_credentials", 2)])
      #expect(try await other.find(Schemas.consumers, "username", "bob") != nil)
      #expect(try await other.find(Schemas.consumers, "username", "ada") == nil)
      #expect(try await other.find(Schemas.credentials, "key", "k") != nil)
      #expect(try await other.store.tags(TagRequest(size: 10)).uses.map(\.tag) == ["new"])
      await dying.store.close()
    }
  }

  @Test func aFollowerMissesNoneOfManyCommits() async throws {
    try await self.with(2) { nodes, _ async throws in
      let count = 40
      let start = try await nodes[0].store.revision()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (offset, node) in nodes.enumerated() {
          for number in 0..<count {
            group.addTask { try await node.insert(Schemas.consumers, Sample.consumer(offset * 1000 + number)) }
          }
        }
        group.addTask {
          var seen: Set<String> = []
          var last = start
          while seen.count < 2 * count {
            let batch = try await nodes[1].store.changes(after: last)
            #expect(!batch.isIncomplete)
            for change in batch.changes {
              #expect(change.entity != nil && seen.insert(change.id).inserted)
              #expect(try await nodes[1].store.find(.id(change.id), in: Schemas.consumers) != nil)
            }
            last = batch.revision
          }
        }
        try await group.waitForAll()
      }
    }
  }

  /// At `ONE`, a replica may not have yet what another one took.
  @Test func nodesCountTogether() async throws {
    try await self.with(3, at: .quorum) { nodes, _ async throws in
      let key = CounterKey("rate-limiting", "a:60")
      let increment = CounterIncrement(key, by: 1, expiresAt: self.clock.now + 600)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for node in nodes { for _ in 0..<50 { group.addTask { _ = try await node.store.increment([increment]) } } }
        try await group.waitForAll()
      }
      for node in nodes { #expect(try await node.store.counter(key) == 150) }
    }
  }

  @Test func oneNodeHoldsALock() async throws {
    try await self.with(3) { nodes, _ async throws in
      let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
        for (number, node) in nodes.enumerated() {
          group.addTask {
            try await node.store.acquireLock("a", owner: EntityID(high: 1, low: UInt64(number)), seconds: 30)
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(winners == 1)
    }
  }

  @Test func aCommitIsHeardByTheOthers() async throws {
    try await self.with(2) { nodes, _ async throws in
      let heard = Heard()
      nodes[1].store.hearChanges { heard.add($0) }
      try await CassandraNodesTests.wait { heard.all.contains(nil) }
      let revision = try await nodes[0].insert(Schemas.consumers, Sample.consumer(1))
      try await CassandraNodesTests.wait { heard.all.contains(revision) }
    }
  }

  @Test func aLargeCommitIsOneCommit() async throws {
    try await self.with(2) { nodes, _ async throws in
      let text = String(repeating: "x", count: 300_000)
      let entities = (1...5).map { Sample.entity($0, ["username": .string("u\($0)"), "text": .string(text)]) }
      let revision = try await nodes[0].store.commit(entities.map { .insert(Schemas.consumers, $0) })
      let batch = try await nodes[1].store.changes(after: revision - 1)
      #expect(batch.changes.map { $0.entity?.object } == entities.map(\.object))
    }
  }

  @Test func nodesThatStartAtOnceMigrateOnce() async throws {
    let name = try await CassandraKeyspaces.shared.take(isSetUp: false)
    let told = Heard()
    let nodes = try (0..<4).map { _ in try self.node(name) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await node.store.migrate(Schemas.plan) { _ in told.add(1) } } }
      try await group.waitForAll()
    }
    #expect(told.all.count == Schemas.plan.groups.flatMap(\.migrations).count)
    for node in nodes { await node.store.close() }
    await CassandraKeyspaces.shared.giveBack(name)
  }
}
