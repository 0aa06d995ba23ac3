// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import GibbonTesting
import Synchronization
import Testing

@testable import GibbonPluginAPI

/// A queue with its tasks: what arrives, what is repeated, and how it ends.
@Suite struct BatchQueueTests {
  /// Takes batches, as long as it is told to.
  private final class Server: Sendable {
    private let state = Mutex<(batches: [[String]], calls: Int, isDown: Bool)>(([], 0, false))

    var batches: [[String]] { self.state.withLock { $0.batches } }
    var entries: [String] { self.batches.flatMap { $0 } }
    var calls: Int { self.state.withLock { $0.calls } }
    var isDown: Bool {
      get { self.state.withLock { $0.isDown } }
      set { self.state.withLock { $0.isDown = newValue } }
    }

    func take(_ batch: [[UInt8]]) throws {
      try self.state.withLock { state in
        state.calls += 1
        if state.isDown { throw HarnessError(.failed, "down") }
        state.batches.append(batch.map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  private static func queue(
    _ server: Server, host: PluginHost = PluginHost(), _ change: (inout QueueParameters) -> Void = { _ in }
  ) -> BatchQueue {
    var parameters = QueueParameters()
    change(&parameters)
    return BatchQueue(parameters, environment: .testing(host: host)) { try server.take($0) }
  }

  private static func enqueue(_ texts: [String], to queue: BatchQueue) {
    for text in texts { queue.enqueue(Array(text.utf8)) }
  }

  @Test func entriesArriveInOrder() async throws {
    let server = Server()
    let queue = Self.queue(server)
    let texts = (0..<500).map { "\($0)" }
    Self.enqueue(texts, to: queue)
    try await eventually("all entries") { server.entries.count == 500 }
    #expect(server.entries == texts)
    #expect(server.batches.allSatisfy { $0.count == 1 })
  }

  @Test func aFullBatchDoesNotWaitForItsDelay() async throws {
    let server = Server()
    let queue = Self.queue(server) {
      $0.maxBatchSize = 3
      $0.maxCoalescingDelay = 3600
    }
    Self.enqueue(["1", "2", "3", "4"], to: queue)
    try await eventually("a batch") { !server.batches.isEmpty }
    #expect(server.batches == [["1", "2", "3"]])
    Self.enqueue(["5", "6"], to: queue)
    try await eventually("another batch") { server.batches.count == 2 }
    #expect(server.batches.last == ["4", "5", "6"])
  }

  @Test func aBatchIsRepeatedUntilItArrives() async throws {
    let server = Server()
    let reports = Reports()
    server.isDown = true
    let queue = Self.queue(server, host: reports.host) {
      $0.initialRetryDelay = 0.001
      $0.maxRetryDelay = 0.002
    }
    Self.enqueue(["1", "2"], to: queue)
    try await eventually("some tries") { server.calls >= 5 }
    #expect(server.entries.isEmpty)
    server.isDown = false
    try await eventually("the entries") { server.entries == ["1", "2"] }
    #expect(reports.has("warn [test] ") && reports.has("handler could not process entries: down"))
    #expect(reports.lines.count { $0.contains("could not process") } == 1)
  }

  @Test func concurrentEntriesAllArrive() async throws {
    let server = Server()
    let queue = Self.queue(server) { $0.concurrencyLimit = -1 }
    await withTaskGroup(of: Void.self) { group in
      for lane in 0..<8 {
        group.addTask { Self.enqueue((0..<200).map { "\(lane)-\($0)" }, to: queue) }
      }
    }
    try await eventually("all entries") { server.entries.count == 1600 }
    #expect(Set(server.entries).count == 1600)
  }

  @Test func aDeadServerCostsOnlyWhatMayWait() async throws {
    let server = Server()
    let reports = Reports()
    let host = reports.host
    server.isDown = true
    let queue = Self.queue(server, host: host) {
      $0.maxEntries = 10
      $0.initialRetryDelay = 3600
      $0.maxRetryDelay = 3600
    }
    Self.enqueue(["first"], to: queue)
    try await eventually("the first try") { server.calls == 1 }
    Self.enqueue((0..<10_000).map { "\($0)" }, to: queue)
    #expect(server.calls == 1)
    server.isDown = false
    await host.finish(withinSeconds: 30)
    #expect(server.entries == ["first"] + (9990..<10_000).map { "\($0)" })
    #expect(reports.has("error [test] "))
  }

  // MARK: Ends

  @Test func whenTheInstanceGoesWhatWaitsIsSent() async throws {
    let server = Server()
    let released = Mutex(false)
    var parameters = QueueParameters()
    parameters.maxBatchSize = 100
    parameters.maxCoalescingDelay = 3600
    do {
      let queue = BatchQueue(
        parameters, environment: .testing(), release: { released.withLock { $0 = true } }
      ) { try server.take($0) }
      Self.enqueue(["1", "2"], to: queue)
    }
    try await eventually("the batch") { server.batches == [["1", "2"]] }
    try await eventually("the release") { released.withLock { $0 } }
  }

  @Test func whenTheGatewayStopsWhatWaitsIsSentFirst() async throws {
    let server = Server()
    let host = PluginHost()
    let queue = Self.queue(server, host: host) {
      $0.maxBatchSize = 100
      $0.maxCoalescingDelay = 3600
    }
    Self.enqueue(["1", "2"], to: queue)
    await host.finish(withinSeconds: 30)
    #expect(server.entries == ["1", "2"])
    // Nothing more is taken.
    Self.enqueue(["3"], to: queue)
    #expect(server.entries == ["1", "2"])
  }

  @Test func theEndDoesNotWaitForWhatNeverComes() async throws {
    let host = PluginHost()
    let begun = Gate()
    let queue = BatchQueue(QueueParameters(), environment: .testing(host: host)) { _ in
      begun.open()
      try await withCheckedThrowingContinuation { Self.keep($0) }
    }
    Self.enqueue(["1"], to: queue)
    try await blocking { try begun.wait() }
    await host.finish(withinSeconds: 0.05)
    Self.letGo()
    withExtendedLifetime(queue) {}
  }

  private static let held = Mutex<[CheckedContinuation<Void, any Error>]>([])
  private static func keep(_ continuation: CheckedContinuation<Void, any Error>) {
    self.held.withLock { $0.append(continuation) }
  }
  private static func letGo() {
    for continuation in self.held.withLock({ $0 }) { continuation.resume() }
  }

  @Test func anEndingGoesWithItsRegistration() async {
    let host = PluginHost()
    let calls = Mutex(0)
    let environment = PluginEnvironment.testing(host: host)
    let kept = environment.beforeStop { calls.withLock { $0 += 1 } }
    do {
      let gone = environment.beforeStop { calls.withLock { $0 += 100 } }
      withExtendedLifetime(gone) {}
    }
    await host.finish(withinSeconds: 30)
    #expect(calls.withLock { $0 } == 1)
    withExtendedLifetime(kept) {}
  }

  @Test func aPartOfABatchThatCannotBeSentIsNotRepeated() async throws {
    let reports = Reports()
    let calls = Mutex(0)
    let queue = BatchQueue(QueueParameters(), environment: .testing(host: reports.host)) { _ in
      calls.withLock { $0 += 1 }
      throw BatchLoss(entries: 7, reason: "too long")
    }
    Self.enqueue(["1"], to: queue)
    try await eventually("the loss") { reports.has("7 queue entries were lost") }
    #expect(reports.has("too long") && calls.withLock { $0 } == 1)
  }
}
