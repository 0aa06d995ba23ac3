// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Synchronization

/// Gathers commits that wait for a store's one writer, so that one transaction does many of them, each done or refused
/// by itself.
///
/// The store runs the transactions: when it is told to start, it takes a `batch`, runs it, and says that it is at an
/// `end`.
public final class CommitQueue<Transaction>: Sendable {
  /// What a queue takes.
  public struct Limits: Sendable {
    /// The most that the commits of one transaction cost together; a single one may cost more.
    public var batchCost = 512
    /// Commits that wait; more are refused.
    public var backlog: Int
    /// Milliseconds that they wait; nil: until their turn.
    public var waitMilliseconds: Int?

    public init(backlog: Int, waitMilliseconds: Int? = nil) {
      self.backlog = backlog
      self.waitMilliseconds = waitMilliseconds
    }
  }

  private struct State {
    var waiting: [QueuedCommit<Transaction>] = []
    /// In the transaction that is under way.
    var batch: [QueuedCommit<Transaction>] = []
    var isRunning = false
    var hasReaper = false
    var drained: [CheckedContinuation<Void, Never>] = []
  }

  private let limits: Limits
  private let start: @Sendable (CommitQueue<Transaction>) -> Void
  private let state = Mutex(State())
  private let timer = DispatchQueue(label: "gibbon.commits")

  /// - Parameter start: runs a transaction, and tells the queue when it is over; never called while one is under way.
  public init(_ limits: Limits, start: @escaping @Sendable (CommitQueue<Transaction>) -> Void) {
    self.limits = limits
    self.start = start
  }

  /// Runs `body` in a transaction. It is durable when this returns; what throws leaves no trace.
  ///
  /// - Parameters:
  ///   - cost: such as the number of entities that are written.
  ///   - body: may be run more than once, where what it did before was undone.
  public func run<Value: Sendable>(
    cost: Int = 1, _ body: @escaping @Sendable (Transaction) throws -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      self.add(QueuedCommit(cost, deadline: self.deadline(), body, report: { continuation.resume(returning: $0) }))
    }
    return try result.get()
  }

  private func deadline() -> ContinuousClock.Instant? {
    self.limits.waitMilliseconds.map { .now.advanced(by: .milliseconds($0)) }
  }

  private func add(_ commit: QueuedCommit<Transaction>) {
    let mustStart: Bool? = self.state.withLock { state in
      guard state.waiting.count < self.limits.backlog else { return nil }
      state.waiting.append(commit)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard let mustStart else {
      return commit.report(.unavailable("\(self.limits.backlog) writes wait for their turn already"))
    }
    if mustStart { self.start(self) }
    self.watch()
  }

  // MARK: Transactions

  /// The commits of the transaction that was started: the same ones until its end.
  public func batch() -> [QueuedCommit<Transaction>] {
    self.state.withLock { state in
      if state.batch.isEmpty {
        var cost = 0
        let count = state.waiting.prefix { commit in
          cost += commit.cost
          return cost <= self.limits.batchCost
        }.count
        state.batch = Array(state.waiting.prefix(max(1, count)))
        state.waiting.removeFirst(state.batch.count)
      }
      return state.batch
    }
  }

  /// Tells those who wait, and starts the next transaction where there is something to do.
  ///
  /// - Parameter failure: of the transaction as a whole. Without a batch it is for all who wait.
  public func end(_ failure: StoreError?) {
    let ended = self.state.withLock { state in
      if state.batch.isEmpty, failure != nil { swap(&state.batch, &state.waiting) }
      defer { state.batch = [] }
      return state.batch
    }
    // Told only now: until the transaction is through, nothing is durable.
    for commit in ended { commit.report(failure) }
    let (hasMore, drained) = self.state.withLock { state in
      state.isRunning = !state.waiting.isEmpty
      guard !state.isRunning else { return (true, [] as [CheckedContinuation<Void, Never>]) }
      defer { state.drained = [] }
      return (false, state.drained)
    }
    if hasMore { self.start(self) }
    for continuation in drained { continuation.resume() }
  }

  /// Waits until nothing is under way.
  public func drain() async {
    await withCheckedContinuation { continuation in
      let isIdle = self.state.withLock { state in
        if state.isRunning { state.drained.append(continuation) }
        return !state.isRunning
      }
      if isIdle { continuation.resume() }
    }
  }

  // MARK: Waiting

  /// Commits that wait for a transaction.
  package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

  /// Sees to it that who waits too long is told so. All wait equally long: the first in the queue is the first to be
  /// told, and one timer is enough.
  private func watch() {
    let first: ContinuousClock.Instant? = self.state.withLock { state in
      guard !state.hasReaper, let first = state.waiting.first?.deadline else { return nil }
      state.hasReaper = true
      return first
    }
    guard let first else { return }
    let left = max(.zero, ContinuousClock.now.duration(to: first)).components
    let milliseconds = Int(clamping: left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000) + 1
    self.timer.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in self?.reap() }
  }

  private func reap() {
    let now = ContinuousClock.now
    let late = self.state.withLock { state in
      state.hasReaper = false
      let late = Array(state.waiting.prefix { $0.deadline.map { $0 <= now } ?? false })
      state.waiting.removeFirst(late.count)
      return late
    }
    let milliseconds = self.limits.waitMilliseconds ?? 0
    for commit in late { commit.report(.unavailable("the writer was not free for \(milliseconds) ms")) }
    self.watch()
  }
}
