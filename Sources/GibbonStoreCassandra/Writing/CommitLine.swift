// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore
internal import Synchronization

/// Commits of this node, done one group after the other: those that wait meanwhile become one entry of the log.
///
/// Not a `CommitQueue`, whose transactions a thread runs from begin to end: these wait for answers, and are run again
/// where another node was faster.
final class CommitLine: Sendable {
  enum Work: Sendable {
    case writes([EntityWrite])
    /// Entities whose time seems to be over.
    case expired([EntityPlace])
  }

  struct Done: Sendable {
    let revision: Revision
    /// Of expired entities that were deleted.
    let count: Int
  }

  private struct Job: Sendable {
    let work: Work
    let report: @Sendable (Result<Done, StoreError>) -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var isRunning = false
  }

  private let log: CommitLog
  private let collections: Collections
  private let now: @Sendable () -> Double
  private let state = Mutex(State())

  /// Commits of a group.
  private static let groupLimit = 128
  /// Writes of a group, beyond which no further commit joins it.
  private static let writeLimit = 1000
  /// Commits that may wait.
  private static let backlog = 8192
  /// Attempts against other nodes that write at the same time.
  private static let attempts = 40

  init(_ log: CommitLog, _ collections: Collections, now: @escaping @Sendable () -> Double) {
    self.log = log
    self.collections = collections
    self.now = now
  }

  func run(_ work: Work) async throws(StoreError) -> Done {
    let result: Result<Done, StoreError> = await withCheckedContinuation { continuation in
      self.add(Job(work: work, report: { continuation.resume(returning: $0) }))
    }
    return try result.get()
  }

  private func add(_ job: Job) {
    let (mustStart, isFull) = self.state.withLock { state -> (Bool, Bool) in
      guard state.waiting.count < Self.backlog else { return (false, true) }
      state.waiting.append(job)
      defer { state.isRunning = true }
      return (!state.isRunning, false)
    }
    if isFull { job.report(.failure(.unavailable("\(Self.backlog) writes wait already"))) }
    if mustStart { Task { await self.work() } }
  }

  private func work() async {
    while let group = self.next() {
      let outcomes = await self.run(group)
      for (job, outcome) in zip(group, outcomes) { job.report(outcome) }
    }
  }

  private func next() -> [Job]? {
    self.state.withLock { state in
      var writes = 0
      var count = 0
      for job in state.waiting.prefix(Self.groupLimit) {
        if count > 0, writes >= Self.writeLimit { break }
        if case .writes(let list) = job.work { writes += list.count }
        count += 1
      }
      let group = Array(state.waiting.prefix(count))
      state.waiting.removeFirst(count)
      state.isRunning = !group.isEmpty
      return group.isEmpty ? nil : group
    }
  }

  /// Waits for what is under way.
  func finish() async {
    while self.state.withLock({ $0.isRunning }) { try? await Task.sleep(for: .milliseconds(10)) }
  }

  // MARK: A group

  private func run(_ group: [Job]) async -> [Result<Done, StoreError>] {
    do throws(StoreError) {
      for attempt in 0..<Self.attempts {
        if let outcomes = try await self.attempt(group) { return outcomes }
        let most = min(200, 5 * (attempt + 1))
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0...most)))
      }
      throw .unavailable("too many nodes write at the same time")
    } catch {
      return group.map { _ in .failure(error) }
    }
  }

  /// - Returns: nil where another node was faster, so that everything has to be checked again.
  private func attempt(_ group: [Job]) async throws(StoreError) -> [Result<Done, StoreError>]? {
    let position = try await self.log.refresh()
    try await self.log.rollForward(to: position.head)
    let revision = position.head + 1
    let state = TableState(self.log.tables)
    try await state.prepare(
      group.flatMap(\.work.list), deleted: group.flatMap(\.work.places), self.collections)
    var run = WriteRun(state, self.collections, now: self.now(), revision: revision)
    var counts: [Result<Int, StoreError>] = []
    for job in group { counts.append(await Self.outcome(job.work, &run)) }
    guard let entry = try await run.entry() else {
      // A refusal counts only where nobody changed its reason meanwhile.
      let isRefused = counts.contains { (try? $0.get()) == nil }
      if isRefused, try await self.log.refresh().head != position.head { return nil }
      return counts.map { $0.map { Done(revision: position.head, count: $0) } }
    }
    guard try await self.log.append(entry, as: revision) else { return nil }
    // It is done, and stays so: if this node cannot write the tables, any other does.
    try? await self.log.apply(entry, revision)
    return counts.map { $0.map { Done(revision: revision, count: $0) } }
  }

  private static func outcome(_ work: Work, _ run: inout WriteRun) async -> Result<Int, StoreError> {
    do throws(StoreError) {
      switch work {
      case .writes(let writes):
        try await run.apply(writes)
        return .success(0)
      case .expired(let places): return .success(try await run.deleteExpired(places))
      }
    } catch {
      return .failure(error)
    }
  }
}

extension CommitLine.Work {
  fileprivate var list: [EntityWrite] {
    guard case .writes(let writes) = self else { return [] }
    return writes
  }

  fileprivate var places: [EntityPlace] {
    guard case .expired(let places) = self else { return [] }
    return places
  }
}
