// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import GibbonTesting
import Synchronization
import Testing

/// Which commits go into a transaction, and who is told what.
@Suite struct CommitQueueTests {
  /// A queue whose transactions the test runs by hand.
  private final class ByHand: Sendable {
    let queue: CommitQueue<Int>
    private let counted: Counted
    private let outcomes = Mutex<[Int: Result<Int, StoreError>]>([:])

    init(_ limits: CommitQueue<Int>.Limits = .init(backlog: 100)) {
      let count = Counted()
      self.queue = CommitQueue(limits) { _ in count.value.withLock { $0 += 1 } }
      self.counted = count
    }

    /// Transactions that were asked for.
    var starts: Int { self.counted.value.withLock { $0 } }

    private final class Counted: Sendable { let value = Mutex(0) }

    /// Adds a commit that adds its number to the transaction's, and waits until it is in the queue.
    func add(_ number: Int, cost: Int = 1, _ task: inout ThrowingTaskGroup<Void, any Error>) async {
      let before = self.queue.waitingCount
      task.addTask {
        let outcome: Result<Int, StoreError>
        do throws(StoreError) {
          outcome = .success(try await self.queue.run(cost: cost) { $0 + number })
        } catch {
          outcome = .failure(error)
        }
        self.outcomes.withLock { $0[number] = outcome }
      }
      try? await Deadline.lookUntil("it waits") { self.queue.waitingCount != before || self.outcome(number) != nil }
    }

    func outcome(_ number: Int) -> Result<Int, StoreError>? { self.outcomes.withLock { $0[number] } }
  }

  @Test func whatWaitsWhileOneRunsIsTheNextTransaction() async throws {
    let hand = ByHand()
    try await withThrowingTaskGroup(of: Void.self) { group in
      await hand.add(1, &group)
      #expect(hand.starts == 1)
      for commit in hand.queue.batch() { try commit.run(100) }
      await hand.add(2, &group)
      await hand.add(3, &group)
      #expect(hand.starts == 1)
      // A transaction that is begun again has the same commits.
      #expect(hand.queue.batch().count == 1)
      hand.queue.end(nil)
      #expect(hand.starts == 2)
      let second = hand.queue.batch()
      #expect(second.count == 2)
      for commit in second { try commit.run(200) }
      hand.queue.end(nil)
      #expect(hand.starts == 2)
      try await group.waitForAll()
    }
    #expect([1, 2, 3].map { try? hand.outcome($0)?.get() } == [101, 202, 203])
  }

  @Test func whatIsRefusedIsToldSoAndTheRestIsDone() async throws {
    let hand = ByHand()
    try await withThrowingTaskGroup(of: Void.self) { group in
      await hand.add(1, &group)
      await hand.add(2, &group)
      let batch = hand.queue.batch()
      batch.first?.fail(.failure("no"))
      try batch.last?.run(0)
      hand.queue.end(nil)
      try await group.waitForAll()
    }
    #expect(hand.outcome(1) == .failure(.failure("no")))
    #expect(hand.outcome(2) == .success(2))
  }

  @Test func aTransactionThatFailsFailsAllOfIt() async throws {
    let hand = ByHand()
    try await withThrowingTaskGroup(of: Void.self) { group in
      await hand.add(1, &group)
      for commit in hand.queue.batch() { try commit.run(0) }
      await hand.add(2, &group)
      hand.queue.end(.unavailable("gone"))
      // Who came later is not concerned.
      for commit in hand.queue.batch() { try commit.run(0) }
      hand.queue.end(nil)
      try await group.waitForAll()
    }
    #expect(hand.outcome(1) == .failure(.unavailable("gone")))
    #expect(hand.outcome(2) == .success(2))
  }

  @Test func aTransactionThatNeverBeganFailsAllWhoWait() async throws {
    let hand = ByHand()
    try await withThrowingTaskGroup(of: Void.self) { group in
      await hand.add(1, &group)
      await hand.add(2, &group)
      hand.queue.end(.unavailable("gone"))
      try await group.waitForAll()
    }
    for number in 1...2 { #expect(hand.outcome(number) == .failure(.unavailable("gone"))) }
    #expect(hand.starts == 1)
    await hand.queue.drain()
  }

  @Test func largeCommitsAreSpreadOverTransactions() async throws {
    var limits = CommitQueue<Int>.Limits(backlog: 100)
    limits.batchCost = 10
    let hand = ByHand(limits)
    var sizes: [Int] = []
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, cost) in [5, 5, 1, 50, 9, 1].enumerated() { await hand.add(number, cost: cost, &group) }
      for _ in 0..<4 {
        let batch = hand.queue.batch()
        sizes.append(batch.count)
        for commit in batch { try commit.run(0) }
        hand.queue.end(nil)
      }
      try await group.waitForAll()
    }
    #expect(sizes == [2, 1, 1, 2])
  }

  @Test func moreThanTheBacklogIsRefused() async throws {
    let hand = ByHand(.init(backlog: 2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...3 { await hand.add(number, &group) }
      #expect(hand.outcome(3) == .failure(.unavailable("2 writes wait for their turn already")))
      for commit in hand.queue.batch() { try commit.run(0) }
      hand.queue.end(nil)
      try await group.waitForAll()
    }
    #expect(hand.outcome(1) == .success(1))
  }

  @Test func whoWaitsTooLongIsTold() async throws {
    let hand = ByHand(.init(backlog: 10, waitMilliseconds: 10))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...2 { await hand.add(number, &group) }
      try await group.waitForAll()
    }
    for number in 1...2 {
      #expect(hand.outcome(number) == .failure(.unavailable("the writer was not free for 10 ms")))
    }
    // A transaction that was asked for finds nothing to do.
    #expect(hand.queue.batch().isEmpty)
    hand.queue.end(nil)
    await hand.queue.drain()
  }

  @Test func drainingWaitsForWhatIsUnderWay() async throws {
    let hand = ByHand()
    try await withThrowingTaskGroup(of: Void.self) { group in
      await hand.add(1, &group)
      group.addTask {
        await hand.queue.drain()
        #expect(hand.outcome(1) != nil || hand.queue.waitingCount == 0)
      }
      for commit in hand.queue.batch() { try commit.run(0) }
      hand.queue.end(nil)
      try await group.waitForAll()
    }
  }
}
