// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import GibbonStore
import GibbonTesting
import Testing

@testable import GibbonStorePostgres

/// Commits of a node that wait at the same time, and share a transaction.
@Suite struct PostgresGroupCommitTests {
  /// Begins commits while somebody else has the lock: the first has a transaction of its own, the others wait together.
  private func together(
    _ fixture: PostgresFixture, _ node: Fixture, _ commits: [[EntityWrite]],
    meanwhile: @escaping @Sendable () throws -> Void = {}
  ) async throws -> [Int: Result<Revision, StoreError>] {
    let lock = try HeldLock(fixture)
    return try await withThrowingTaskGroup(of: (Int, Result<Revision, StoreError>).self) { group in
      @Sendable func commit(_ number: Int) async -> (Int, Result<Revision, StoreError>) {
        do throws(StoreError) {
          return (number, .success(try await node.store.commit(commits[number])))
        } catch {
          return (number, .failure(error))
        }
      }
      group.addTask { await commit(0) }
      try await lock.awaitOthers()
      for number in commits.indices.dropFirst() { group.addTask { await commit(number) } }
      let queue = try #require(node.store as? PostgresStore).commits
      try await Deadline.lookUntil("the commits wait") { queue.waitingCount == commits.count - 1 }
      try meanwhile()
      lock.end()
      var results: [Int: Result<Revision, StoreError>] = [:]
      for try await (number, result) in group { results[number] = result }
      return results
    }
  }

  private func withNode(_ body: (PostgresFixture, Fixture) async throws -> Void) async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        try await body(fixture, node)
      }
    }
  }

  private func transactions(_ fixture: PostgresFixture) throws -> String {
    try fixture.cluster.run("SELECT count(DISTINCT xmin::text) FROM changes", database: fixture.database)
  }

  @Test func whatWaitsTogetherIsOneTransaction() async throws {
    let commits = (0..<20).map { [EntityWrite.insert(Schemas.consumers, Sample.consumer($0, tags: ["t-\($0)"]))] }
    try await self.withNode { fixture, node in
      let start = try await node.store.revision()
      let results = try await self.together(fixture, node, commits)
      #expect(try self.transactions(fixture) == "2")
      #expect(try await node.numbers(Schemas.consumers) == Array(0..<20))
      // Each has a revision of its own, and the feed has them all, in order.
      let revisions = try commits.indices.map { try #require(try results[$0]?.get()) }
      #expect(revisions.sorted() == Array(start + 1...start + 20))
      let batch = try await node.store.changes(after: start)
      let order = commits.indices.sorted { revisions[$0] < revisions[$1] }
      #expect(batch.changes.map { Sample.number($0.id) } == order)
    }
  }

  @Test func whatIsRefusedIsRefusedAlone() async throws {
    // The odd ones cannot be done: their second entity has the key of another, or names one that is not there.
    let commits: [[EntityWrite]] = (0..<12).map { number in
      let first = EntityWrite.insert(Schemas.consumers, Sample.consumer(100 + number, tags: ["t"]))
      switch number % 4 {
      case 1: return [first, .insert(Schemas.consumers, Sample.consumer(200 + number, "taken"))]
      case 3: return [first, .insert(Schemas.credentials, Sample.credential(300 + number, "k\(number)", of: 9999))]
      default: return [first]
      }
    }
    try await self.withNode { fixture, node in
      try await node.insert(Schemas.consumers, Sample.consumer(1, "taken"))
      let start = try await node.store.revision()
      let results = try await self.together(fixture, node, commits)
      for number in commits.indices {
        switch number % 4 {
        case 1:
          #expect(
            results[number] == .failure(.unique(collection: "consumers", fields: ["username": "taken"])), "\(number)")
        case 3:
          #expect(
            results[number] == .failure(.foreign(field: "consumer", collection: "consumers", id: Sample.id(9999))))
        default: #expect((try? results[number]?.get()) != nil, "\(number): \(String(describing: results[number]))")
        }
      }
      #expect(try await node.numbers(Schemas.consumers) == [1, 100, 102, 104, 106, 108, 110])
      #expect(try await node.numbers(Schemas.credentials).isEmpty)
      // What was undone left no entry, no tag and no gap.
      #expect(try await node.store.revision() == start + 6)
      #expect(try await node.store.changes(after: start).changes.count == 6)
      let tags = try fixture.cluster.run("SELECT count(*) FROM tags", database: fixture.database)
      #expect(tags == "6")
    }
  }

  @Test func aConnectionLostUnderThemIsMadeAgain() async throws {
    let commits = (0..<8).map { [EntityWrite.insert(Schemas.consumers, Sample.consumer($0))] }
    try await self.withNode { fixture, node in
      let results = try await self.together(fixture, node, commits) {
        // The one that waits for the lock is begun again, the others after it.
        try fixture.cut(application: "gibbon")
      }
      for number in commits.indices { #expect((try? results[number]?.get()) != nil, "\(number)") }
      #expect(try await node.numbers(Schemas.consumers) == Array(0..<8))
    }
  }
}
