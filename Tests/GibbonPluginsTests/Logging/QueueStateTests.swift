// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPluginAPI

/// What a queue gathers, sends and drops, by a clock that the test turns.
@Suite struct QueueStateTests {
  private static func queue(_ change: (inout QueueParameters) -> Void = { _ in }) -> QueueState {
    var parameters = QueueParameters()
    change(&parameters)
    return QueueState(parameters)
  }

  private static func entry(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func sent(_ step: QueueState.Step) -> [String]? {
    if case .send(let batch) = step { batch.map { String(decoding: $0, as: UTF8.self) } } else { nil }
  }

  @discardableResult
  private static func add(_ texts: [String], to queue: inout QueueState, now: Double = 0) -> [QueueState.Admission] {
    texts.map { queue.add(Self.entry($0), now: now) }
  }

  // MARK: Batches

  @Test func oneByOneInOrder() {
    var queue = Self.queue()
    #expect(Self.add(["1", "2"], to: &queue) == [.needsSender, .waits])
    #expect(Self.sent(queue.next(now: 0)) == ["1"])
    #expect(Self.sent(queue.next(now: 0)) == ["2"])
    #expect(!queue.isIdle)
    #expect(queue.next(now: 0) == .rest)
    #expect(queue.isIdle)
    #expect(Self.add(["3"], to: &queue) == [.needsSender])
  }

  @Test func aBatchWaitsForOthersForAWhile() {
    var queue = Self.queue {
      $0.maxBatchSize = 3
      $0.maxCoalescingDelay = 2
    }
    Self.add(["1"], to: &queue, now: 10)
    #expect(queue.next(now: 10) == .wait(2))
    #expect(Self.add(["2"], to: &queue, now: 11) == [.waits])
    #expect(queue.next(now: 11) == .wait(1))
    #expect(Self.sent(queue.next(now: 12)) == ["1", "2"])
    #expect(queue.next(now: 12) == .rest)
  }

  @Test func aFullBatchLeavesAtOnce() {
    var queue = Self.queue { $0.maxBatchSize = 2 }
    Self.add(["1"], to: &queue)
    #expect(queue.next(now: 0) == .wait(1))
    #expect(Self.add(["2", "3"], to: &queue) == [.completesBatch, .completesBatch])
    #expect(Self.sent(queue.next(now: 0.1)) == ["1", "2"])
    // The wait for the next batch begins when the last one is sent.
    #expect(queue.next(now: 5) == .wait(1))
    #expect(Self.sent(queue.next(now: 6)) == ["3"])
  }

  /// Kong does not begin a wait of less than 50 ms.
  @Test func aWaitThatIsAlmostOverIsNotBegun() {
    var queue = Self.queue {
      $0.maxBatchSize = 9
      $0.maxCoalescingDelay = 0.04
    }
    Self.add(["1"], to: &queue)
    #expect(Self.sent(queue.next(now: 0)) == ["1"])
  }

  @Test func withoutALimitManySendByThemselves() {
    var queue = Self.queue {
      $0.concurrencyLimit = -1
      $0.maxBatchSize = 10
    }
    let count = QueueState.sendersLimit + 2
    let admissions = Self.add((0..<count).map { "\($0)" }, to: &queue)
    #expect(admissions.count { $0 == .needsSender } == QueueState.sendersLimit)
    #expect(admissions.suffix(2) == [.waits, .waits])
    for number in 0..<count { #expect(Self.sent(queue.next(now: 0)) == ["\(number)"]) }
  }

  // MARK: Bounds

  @Test func theOldestMakeRoom() {
    var queue = Self.queue {
      $0.maxEntries = 2
      $0.maxBatchSize = 9
      $0.maxCoalescingDelay = 0
    }
    Self.add(["1", "2", "3", "4", "5"], to: &queue)
    #expect(queue.count == 2)
    #expect(Self.sent(queue.next(now: 0)) == ["4", "5"])
  }

  @Test func bytesAreBounded() {
    var queue = Self.queue {
      $0.maxBytes = 10
      $0.maxBatchSize = 9
      $0.maxCoalescingDelay = 0
    }
    Self.add(["aaaa", "bbbb"], to: &queue)
    #expect(queue.byteCount == 8)
    Self.add(["cccccc"], to: &queue)
    #expect(queue.byteCount == 10)
    #expect(Self.add(["ddddddddddd"], to: &queue) == [.refused])
    #expect(Self.sent(queue.next(now: 0)) == ["bbbb", "cccccc"])
    #expect(queue.byteCount == 0)
  }

  @Test(arguments: [nil, Int.max, 0, -5]) func bytesAlwaysHaveALimit(bytes: Int?) {
    var queue = Self.queue { $0.maxBytes = bytes }
    let large = [UInt8](repeating: 0, count: 1024 * 1024)
    for _ in 0..<80 { _ = queue.add(large, now: 0) }
    #expect(queue.byteCount <= QueueState.bytesLimit)
    #expect((bytes ?? 1) > 0 ? queue.count == 64 : queue.count == 0)
  }

  @Test func manyEntriesComeOutInOrder() {
    var queue = Self.queue { $0.maxBatchSize = 7 }
    var expected = 0
    var number = 0
    for round in 0..<200 {
      for _ in 0..<(round % 13) {
        _ = queue.add(Self.entry("\(number)"), now: 0)
        number += 1
      }
      guard case .send(let batch) = queue.next(now: 1000) else { continue }
      for entry in batch {
        #expect(String(decoding: entry, as: UTF8.self) == "\(expected)")
        expected += 1
      }
    }
    #expect(queue.count == number - expected)
  }

  // MARK: Repeating

  @Test func delaysDoubleUpToTheLimit() {
    var queue = Self.queue {
      $0.initialRetryDelay = 0.5
      $0.maxRetryDelay = 3
    }
    let delays = [0, 1, 2, 3, 1_000_000].map {
      queue.failed("no", entries: 1, began: 0, failures: $0, now: 1)
    }
    #expect(delays == [0.5, 1, 2, 3, 3])
  }

  @Test func aBatchIsGivenUpInTheEnd() {
    var queue = Self.queue { $0.maxRetryTime = 5 }
    #expect(queue.failed("no", entries: 3, began: 10, failures: 1, now: 15) != nil)
    #expect(queue.failed("no", entries: 3, began: 10, failures: 1, now: 15.1) == nil)
    var once = Self.queue { $0.maxRetryTime = -1 }
    #expect(once.failed("no", entries: 1, began: 0, failures: 0, now: 0) == nil)
  }

  // MARK: The end

  @Test func aQueueThatClosesDoesNotWait() {
    var queue = Self.queue { $0.maxBatchSize = 9 }
    Self.add(["1"], to: &queue)
    #expect(queue.next(now: 0) == .wait(1))
    queue.close()
    #expect(Self.sent(queue.next(now: 0)) == ["1"])
    #expect(Self.add(["2"], to: &queue) == [.waits])
    #expect(Self.sent(queue.next(now: 0)) == ["2"])
  }

  @Test func whatIsLeftAtTheEndIsLost() {
    var queue = Self.queue()
    Self.add(["1", "2"], to: &queue)
    queue.end(now: 0)
    #expect(queue.count == 0 && queue.byteCount == 0 && queue.next(now: 0) == .rest && queue.isIdle)
    #expect(Self.add(["3"], to: &queue) == [.refused])
    #expect(queue.takeNotices(now: 0).map(\.text) == ["queue: could not send entries. 2 queue entries were lost"])
    #expect(queue.failed("no", entries: 1, began: 0, failures: 0, now: 0) == nil)
  }

  // MARK: What is said

  @Test func lossesAreCountedAndSaidOncePerInterval() {
    var queue = Self.queue { $0.maxEntries = 1 }
    Self.add(["1", "2"], to: &queue)
    #expect(queue.takeNotices(now: 0).map(\.text) == ["queue full: 1 of the oldest entries were dropped"])
    for second in 1...9 {
      Self.add(["x", "y"], to: &queue, now: Double(second))
      #expect(queue.takeNotices(now: Double(second)).isEmpty)
    }
    #expect(queue.noticeDelay(now: 9) == 1)
    #expect(
      queue.takeNotices(now: 10) == [
        QueueNotice(level: .error, text: "queue full: 18 of the oldest entries were dropped")
      ])
    #expect(queue.takeNotices(now: 99).isEmpty && queue.noticeDelay(now: 99) == nil)
  }

  @Test func failuresAndTheirEndAreSaid() {
    var queue = Self.queue { $0.maxRetryTime = 100 }
    _ = queue.failed("refused", entries: 1, began: 0, failures: 0, now: 0)
    #expect(queue.takeNotices(now: 0).map(\.text) == ["queue: handler could not process entries: refused"])
    _ = queue.failed("refused", entries: 1, began: 0, failures: 1, now: 1)
    _ = queue.failed("timeout", entries: 1, began: 0, failures: 2, now: 2)
    queue.delivered(now: 12)
    #expect(
      queue.takeNotices(now: 12).map(\.text) == [
        "queue: handler could not process entries: timeout (2 times)", "queue resumed processing",
      ])
    queue.delivered(now: 13)
    #expect(queue.takeNotices(now: 30).isEmpty)
  }

  @Test func aQueueThatFillsIsWarnedOfOnce() {
    var queue = Self.queue { $0.maxEntries = 10 }
    Self.add((0..<9).map { "\($0)" }, to: &queue)
    #expect(queue.takeNotices(now: 0) == [QueueNotice(level: .warn, text: "queue at 80% capacity")])
    Self.add(["9"], to: &queue, now: 20)
    #expect(queue.takeNotices(now: 20).isEmpty)
  }

  @Test func whatIsTooLargeIsSaid() {
    var queue = Self.queue { $0.maxBytes = 3 }
    Self.add(["aaaa", "bbbbb"], to: &queue)
    #expect(
      queue.takeNotices(now: 0).map(\.text) == [
        "queue: 2 entries were longer (5 bytes) than the queue's max_bytes (3 bytes)"
      ])
  }
}
