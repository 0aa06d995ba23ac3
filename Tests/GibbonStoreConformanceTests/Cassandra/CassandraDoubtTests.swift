// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonCore
import GibbonStore
import GibbonStoreCassandra
import Synchronization
import Testing

/// Commits whose answers do not say what becomes of them.
@Suite struct CassandraDoubtTests {
  let cluster = ModelCluster()
  let clock = ManualClock()

  private func node(before: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil }) -> Fixture {
    let clock = self.clock
    let session = ModelSession(cluster: self.cluster, before: before)
    let store = CassandraStore(session, CassandraKeyspace("model"), registry: Schemas.registry, now: { clock.now })
    return Fixture(store: store, clock: clock)
  }

  private static func isCommit(_ statement: CQLStatement) -> Bool { statement.text.contains(".commits (") }

  static let doubts: [CQLError] = [
    .tooFewReplicas("one of two is up"), .unknownOutcome("CAS operation timed out"), .malformed("nonsense"),
    .refused(code: 0x1300, "the read failed"),
  ]

  /// The proposal is left with a replica, and whoever comes next to the log finishes it.
  @Test(arguments: Self.doubts)
  func whatAnotherNodeFinishesLaterWasDone(_ doubt: CQLError) async throws {
    let left = Mutex<CQLStatement?>(nil)
    let isContended = Atomic(false)
    let cluster = self.cluster
    let finish: @Sendable (CQLStatement) -> CQLError? = { statement in
      if Self.isCommit(statement), let proposal = left.withLock({ $0.take() }) { _ = try? cluster.execute(proposal) }
      return nil
    }
    let node = self.node(before: { statement in
      if Self.isCommit(statement), isContended.exchange(false, ordering: .relaxed) {
        left.withLock { $0 = statement }
        return doubt
      }
      return finish(statement)
    })
    let other = self.node(before: finish)
    try await node.store.migrate(Schemas.plan) { _ in }
    isContended.store(true, ordering: .relaxed)
    let revision = try await node.insert(Schemas.consumers, Sample.consumer(1, "ada"))
    #expect(revision == 1)
    #expect(try await other.changes(after: 0) == [.init("consumers", 1)])
    #expect(try await other.insert(Schemas.consumers, Sample.consumer(2)) == 2)
    // Once, and under one revision.
    #expect(try await node.numbers(Schemas.consumers) == [1, 2])
  }

  /// Another node was faster: the proposal is of no more use, and the commit is made again behind the other's.
  @Test(arguments: Self.doubts)
  func whatAnotherNodeWentBeforeIsDoneAgain(_ doubt: CQLError) async throws {
    let isContended = Atomic(false)
    let (other, cluster) = (self.node(), self.cluster)
    let rival = Mutex<CQLStatement?>(nil)
    let node = self.node(before: { statement in
      guard Self.isCommit(statement), isContended.exchange(false, ordering: .relaxed) else { return nil }
      // The same entry of somebody else's, with nothing in it.
      var entry = statement
      entry.values[2] = .uuid(.random())
      entry.values[4] = .blob([1] + Array(repeating: 0, count: 12))
      rival.withLock { $0 = entry }
      _ = try? cluster.execute(entry)
      return doubt
    })
    try await node.store.migrate(Schemas.plan) { _ in }
    isContended.store(true, ordering: .relaxed)
    #expect(try await node.insert(Schemas.consumers, Sample.consumer(1)) == 2)
    #expect(rival.withLock { $0 } != nil)
    #expect(try await other.numbers(Schemas.consumers) == [1])
  }

  @Test func whatWasNeverSentIsNotWaitedFor() async throws {
    let attempts = Atomic(0)
    let isAway = Atomic(false)
    let node = self.node(before: { statement in
      guard Self.isCommit(statement), isAway.load(ordering: .relaxed) else { return nil }
      attempts.add(1, ordering: .relaxed)
      return .unavailable("no node is up")
    })
    try await node.store.migrate(Schemas.plan) { _ in }
    isAway.store(true, ordering: .relaxed)
    await #expect(throws: StoreError.unavailable("no node is up")) {
      try await node.insert(Schemas.consumers, Sample.consumer(1))
    }
    #expect(attempts.load(ordering: .relaxed) == 1)
  }

  // MARK: What may be done twice

  /// Each kind of write that a migration makes loses its answer once.
  @Test(arguments: [".migrations (", ".setup WHERE name = ? IF owner", ".entities ("])
  func aMigrationSurvivesAnAnswerThatIsLost(_ part: String) async throws {
    let isLost = Atomic(true)
    let node = self.node(before: { statement in
      guard statement.text.contains(part), isLost.exchange(false, ordering: .relaxed) else { return nil }
      return .unknownOutcome("the answer was lost")
    })
    try await node.store.migrate(Schemas.plan) { _ in }
    #expect(isLost.load(ordering: .relaxed) == false)
    #expect(try await node.store.migrationState(Schemas.plan).isUpToDate)
    // The lock is free.
    try await self.node().store.migrate(Schemas.plan) { _ in }
  }

  /// What a node added itself it sees, also where the replica that answers has nothing of it.
  @Test func ownAdditionsAreSeenAtOnce() async throws {
    let node = self.node()
    try await node.store.migrate(Schemas.plan) { _ in }
    let key = CounterKey("limits", "ada")
    let end = self.clock.now + 60
    #expect(try await node.store.increment([CounterIncrement(key, by: 3, expiresAt: end)]) == [3])
    _ = try self.cluster.execute(
      CQLStatement("DELETE FROM model.counters WHERE namespace = ? AND name = ?", [.text("limits"), .text("ada")]))
    #expect(try await node.store.counter(key) == 3)
    #expect(try await node.store.counters([key]) == [3])
    // It ends for the node, too.
    self.clock.advance(by: 61)
    #expect(try await node.store.counter(key) == 0)
  }
}
