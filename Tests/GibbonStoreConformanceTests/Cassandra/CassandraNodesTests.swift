// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonCQL
import GibbonCore
import GibbonSchema
import GibbonStore
import GibbonStoreCassandra
import GibbonTesting
import Synchronization
import Testing

/// Nodes on one Cassandra, some of which die, or do not get their answers. The server is a model in memory.
@Suite struct CassandraNodesTests {
  let cluster = ModelCluster()
  let clock = ManualClock()

  private func node(
    before: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil },
    after: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil }
  ) -> Fixture {
    let clock = self.clock
    let session = ModelSession(cluster: self.cluster, before: before, after: after)
    let store = CassandraStore(session, CassandraKeyspace("model"), registry: Schemas.registry, now: { clock.now })
    return Fixture(store: store, clock: clock)
  }

  private static func isCommit(_ statement: CQLStatement) -> Bool { statement.text.contains(".commits (") }

  /// Writes of what is derived from the log, and of how far that is.
  private static func isApplying(_ statement: CQLStatement) -> Bool {
    statement.text.contains("USING TIMESTAMP") && !statement.text.contains("counters")
  }

  @Test func ofWritersRacingForANameOneWins() async throws {
    let nodes = [self.node(), self.node(), self.node()]
    try await nodes[0].store.migrate(Schemas.plan) { _ in }
    let winners = await withTaskGroup(of: Bool.self) { group in
      for (offset, node) in nodes.enumerated() {
        for number in 0..<5 {
          group.addTask {
            (try? await node.insert(Schemas.consumers, Sample.consumer(offset * 10 + number, "ada"))) != nil
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(winners == 1)
    for node in nodes { #expect(try await node.numbers(Schemas.consumers).count == 1) }
  }

  @Test func aFollowerMissesNoneOfManyCommits() async throws {
    let (first, second) = (self.node(), self.node())
    try await first.store.migrate(Schemas.plan) { _ in }
    let count = 40
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (offset, node) in [first, second].enumerated() {
        for number in 0..<count {
          group.addTask { try await node.insert(Schemas.consumers, Sample.consumer(offset * 1000 + number)) }
        }
      }
      group.addTask {
        var seen: Set<String> = []
        var last: Revision = 0
        while seen.count < 2 * count {
          let batch = try await second.store.changes(after: last)
          #expect(!batch.isIncomplete)
          for change in batch.changes {
            #expect(change.entity != nil && seen.insert(change.id).inserted)
            // What is told is there.
            #expect(try await second.store.find(.id(change.id), in: Schemas.consumers) != nil)
          }
          last = batch.revision
        }
      }
      try await group.waitForAll()
    }
    #expect(try await first.numbers(Schemas.consumers).count == 2 * count)
  }

  /// It dies behind its commit: at once, or in the middle of the rows that follow from it.
  @Test(arguments: [0, 1, 2, 3])
  func whatADeadWriterLeftIsDoneByAnother(writes: Int) async throws {
    let left = Atomic(Int.max)
    let dying = self.node(before: { statement in
      guard Self.isApplying(statement) else { return nil }
      return left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 ? nil : .unavailable("dead")
    })
    let other = self.node()
    try await dying.store.migrate(Schemas.plan) { _ in }
    let start = try await dying.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["old"]))
    left.store(writes, ordering: .relaxed)
    _ = try await dying.store.commit([
      .put(Schemas.consumers, Sample.consumer(1, "bob", tags: ["new"])),
      .insert(Schemas.credentials, Sample.credential(2, "k", of: 1)),
    ])
    // Who follows gets it, with all that it is found by.
    #expect(
      try await other.changes(after: start) == [.init("consumers", 1), .init("test_credentials", 2)])
    #expect(try await other.find(Schemas.consumers, "username", "bob") != nil)
    #expect(try await other.find(Schemas.consumers, "username", "ada") == nil)
    #expect(try await other.find(Schemas.credentials, "key", "k") != nil)
    #expect(try await other.store.tags(TagRequest(size: 10)).uses.map(\.tag) == ["new"])
  }

  @Test func theNextWriterGoesOnFromWhatADeadOneLeft() async throws {
    let isDead = Atomic(false)
    let dying = self.node(before: { statement in
      isDead.load(ordering: .relaxed) && Self.isApplying(statement) ? .unavailable("dead") : nil
    })
    let other = self.node()
    try await dying.store.migrate(Schemas.plan) { _ in }
    isDead.store(true, ordering: .relaxed)
    try await dying.insert(Schemas.consumers, Sample.consumer(1, "ada"))
    await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": "ada"])) {
      try await other.insert(Schemas.consumers, Sample.consumer(2, "ada"))
    }
    try await other.insert(Schemas.credentials, Sample.credential(3, "k", of: 1))
    // The dead one comes back and does late what others have done since.
    try await other.delete(Schemas.consumers, 1)
    isDead.store(false, ordering: .relaxed)
    try await dying.insert(Schemas.consumers, Sample.consumer(4, "ada"))
    #expect(try await dying.numbers(Schemas.consumers) == [4])
    #expect(try await other.numbers(Schemas.credentials).isEmpty)
  }

  @Test(arguments: [true, false])
  func anAnswerThatIsLostIsNotGuessed(isDone: Bool) async throws {
    let losses = Atomic(0)
    let lose: @Sendable (CQLStatement) -> CQLError? = { statement in
      guard Self.isCommit(statement), losses.load(ordering: .relaxed) > 0 else { return nil }
      losses.subtract(1, ordering: .relaxed)
      return .unknownOutcome("no answer")
    }
    let node = isDone ? self.node(after: lose) : self.node(before: lose)
    try await node.store.migrate(Schemas.plan) { _ in }
    for number in 1...3 {
      losses.store(number, ordering: .relaxed)
      try await node.insert(Schemas.consumers, Sample.consumer(number))
    }
    #expect(try await node.numbers(Schemas.consumers) == [1, 2, 3])
    #expect(try await node.store.revision() == 3)
  }

  @Test func aWriteThatCannotBeDoneLeavesNothing() async throws {
    let isAway = Atomic(false)
    let node = self.node(before: { _ in isAway.load(ordering: .relaxed) ? .tooFewReplicas("one of two is up") : nil })
    try await node.store.migrate(Schemas.plan) { _ in }
    isAway.store(true, ordering: .relaxed)
    await #expect(throws: StoreError.unavailable("one of two is up")) {
      try await node.insert(Schemas.consumers, Sample.consumer(1))
    }
    isAway.store(false, ordering: .relaxed)
    #expect(try await node.numbers(Schemas.consumers).isEmpty)
    #expect(try await node.store.revision() == 0)
  }

  @Test func aLargeCommitIsOneCommit() async throws {
    let (first, second) = (self.node(), self.node())
    try await first.store.migrate(Schemas.plan) { _ in }
    let text = String(repeating: "x", count: 300_000)
    let entities = (1...5).map { Sample.entity($0, ["username": .string("u\($0)"), "text": .string(text)]) }
    let revision = try await first.store.commit(entities.map { .insert(Schemas.consumers, $0) })
    #expect(revision == 1)
    let batch = try await second.store.changes(after: 0)
    #expect(batch.changes.map { $0.entity?.object } == entities.map(\.object))
  }

  @Test func trimmedPartitionsOfTheLogAreForgotten() async throws {
    let (first, second) = (self.node(), self.node())
    try await first.store.migrate(Schemas.plan) { _ in }
    // As if there had been a thousand commits: the next ones end a partition.
    _ = try self.cluster.execute(
      CQLStatement(
        "INSERT INTO k.progress (key, value) VALUES (?, ?) USING TIMESTAMP ?",
        [.text("applied"), .bigint(1020), .bigint(1020)]))
    for number in 1...10 { try await first.put(Schemas.consumers, Sample.consumer(1, "name-\(number)")) }
    #expect(try await second.store.revision() == 1030)
    #expect(try await second.store.changes(after: 1022).changes.count == 1)
    try await first.store.trimChanges(keeping: 2)
    let left = try self.cluster.execute(
      CQLStatement("SELECT revision FROM k.commits WHERE bucket = ?", [.bigint(0)]))
    #expect(left.rows.isEmpty)
    #expect(try await second.store.revision() == 1030)
    #expect(try await second.store.changes(after: 1022).isIncomplete)
    #expect(try await second.store.changes(after: 1028).changes.count == 1)
    try await second.put(Schemas.consumers, Sample.consumer(1, "last"))
    #expect(try await first.find(Schemas.consumers, 1)?.object["username"] == "last")
  }

  /// A node that dies in the middle of it leaves the rest to the next.
  @Test func aTrimThatWasInterruptedIsFinished() async throws {
    let deletions = Atomic(0)
    let first = self.node(before: { statement in
      guard statement.text.contains("DELETE FROM"), statement.text.contains(".commits WHERE") else { return nil }
      return deletions.add(1, ordering: .relaxed).newValue == 2 ? .unavailable("dead") : nil
    })
    try await first.store.migrate(Schemas.plan) { _ in }
    for start in [1020, 2040] as [Int64] {
      _ = try self.cluster.execute(
        CQLStatement(
          "INSERT INTO k.progress (key, value) VALUES (?, ?) USING TIMESTAMP ?",
          [.text("applied"), .bigint(start), .bigint(start)]))
      for number in 1...10 { try await first.put(Schemas.consumers, Sample.consumer(1, "name-\(start)-\(number)")) }
    }
    await #expect(throws: StoreError.self) { try await first.store.trimChanges(keeping: 1) }
    try await self.node().store.trimChanges(keeping: 1)
    for bucket in [0, 1] as [Int64] {
      let left = try self.cluster.execute(
        CQLStatement("SELECT revision FROM k.commits WHERE bucket = ?", [.bigint(bucket)]))
      #expect(left.rows.isEmpty)
    }
    #expect(try await first.store.changes(after: 2049).changes.count == 1)
  }

  @Test func aNodeNoticesThatTheDatastoreWasEmptied() async throws {
    let (first, second) = (self.node(), self.node())
    try await first.store.migrate(Schemas.plan) { _ in }
    for number in 1...3 { try await second.insert(Schemas.consumers, Sample.consumer(number)) }
    try await first.store.reset()
    try await first.store.migrate(Schemas.plan) { _ in }
    let revision = try await first.insert(Schemas.consumers, Sample.consumer(9))
    #expect(revision == 1)
    #expect(try await second.store.changes(after: 3).isIncomplete)
    #expect(try await second.insert(Schemas.consumers, Sample.consumer(10)) == 2)
    #expect(try await second.numbers(Schemas.consumers) == [9, 10])
  }

  @Test func commitsOfOthersAreHeard() async throws {
    let (first, second) = (self.node(), self.node())
    try await first.store.migrate(Schemas.plan) { _ in }
    let heard = Heard()
    second.store.hearChanges { heard.add($0) }
    try await Self.wait { heard.all == [nil] }
    let revision = try await first.insert(Schemas.consumers, Sample.consumer(1))
    try await Self.wait { heard.all.last == .some(revision) }
    await second.store.close()
  }

  @Test func aWatchThatWasCutSaysSo() async throws {
    let isAway = Atomic(false)
    let failures = Atomic(0)
    let node = self.node(before: { _ in
      guard isAway.load(ordering: .relaxed) else { return nil }
      failures.add(1, ordering: .relaxed)
      return .unavailable("away")
    })
    try await node.store.migrate(Schemas.plan) { _ in }
    let heard = Heard()
    node.store.hearChanges { heard.add($0) }
    try await Self.wait { heard.all == [nil] }
    isAway.store(true, ordering: .relaxed)
    try await Self.wait { failures.load(ordering: .relaxed) > 1 }
    isAway.store(false, ordering: .relaxed)
    try await Self.wait { heard.all == [nil, nil] }
    await node.store.close()
  }

  /// On a thread of its own: what is waited for is a task of this process, of which few run at a time.
  static func wait(_ isDone: @escaping @Sendable () -> Bool) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      Thread {
        continuation.resume(with: Result { try Deadline.wait(for: "what a task does", until: isDone) })
      }.start()
    }
  }

  @Test func nodesCountTogether() async throws {
    let nodes = [self.node(), self.node(), self.node()]
    try await nodes[0].store.migrate(Schemas.plan) { _ in }
    let key = CounterKey("rate-limiting", "a:60")
    let increment = CounterIncrement(key, by: 1, expiresAt: self.clock.now + 60)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { for _ in 0..<100 { group.addTask { _ = try await node.store.increment([increment]) } } }
      try await group.waitForAll()
    }
    for node in nodes { #expect(try await node.store.counter(key) == 300) }
    self.clock.advance(by: 60)
    for node in nodes { #expect(try await node.store.counter(key) == 0) }
  }

  @Test func anAdditionWhoseAnswerIsLostCountsOnce() async throws {
    let isLost = Atomic(false)
    let node = self.node(after: { statement in
      isLost.load(ordering: .relaxed) && statement.text.contains("INSERT") ? .unknownOutcome("no answer") : nil
    })
    try await node.store.migrate(Schemas.plan) { _ in }
    let key = CounterKey("rate-limiting", "a:60")
    let increment = CounterIncrement(key, by: 1, expiresAt: self.clock.now + 60)
    #expect(try await node.store.increment([increment]) == [1])
    isLost.store(true, ordering: .relaxed)
    await #expect(throws: StoreError.self) { _ = try await node.store.increment([increment]) }
    isLost.store(false, ordering: .relaxed)
    #expect(try await node.store.increment([increment]) == [2])
    #expect(try await node.store.counter(key) == 2)
  }

  @Test func tenNodesThatStartAtOnceMigrateOnce() async throws {
    let told = Heard()
    let nodes = (0..<10).map { _ in self.node() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await node.store.migrate(Schemas.plan) { _ in told.add(1) } } }
      try await group.waitForAll()
    }
    #expect(told.all.count == Schemas.plan.groups.flatMap(\.migrations).count)
    for node in nodes { #expect(try await node.store.migrationState(Schemas.plan).isUpToDate) }
  }

  @Test func tablesOfAnotherProgramAreLeftAlone() async throws {
    _ = try self.cluster.execute(CQLStatement("CREATE TABLE IF NOT EXISTS k.schema_meta (key text PRIMARY KEY)"))
    let node = self.node()
    for body in [
      { try await node.store.migrate(Schemas.plan) { _ in } }, { try await node.store.reset() },
    ] as [() async throws -> Void] {
      let error = await #expect(throws: StoreError.self) { try await body() }
      #expect("\(String(describing: error))".contains("another program"))
    }
  }

  @Test func aKeyThatTheServerWouldRefuseIsRefusedBefore() async throws {
    let node = self.node()
    try await node.store.migrate(Schemas.plan) { _ in }
    let long = String(repeating: "x", count: 70_000)
    await #expect(throws: StoreError.self) {
      try await node.insert(Schemas.consumers, Sample.consumer(1, tags: [long]))
    }
    #expect(try await node.store.revision() == 0)
    // A unique value is found by its fingerprint.
    try await node.insert(Schemas.consumers, Sample.consumer(2, long))
    #expect(try await node.find(Schemas.consumers, "username", long) != nil)
    await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": .string(long)])) {
      try await node.insert(Schemas.consumers, Sample.consumer(3, long))
    }
  }
}
