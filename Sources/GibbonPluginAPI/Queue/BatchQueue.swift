// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// Sends entries to another server in batches, off the event loops: what Kong's plugins use to deliver logs.
///
/// Lives as long as its plugin instance. When that goes, or the gateway stops, what waits is sent without delay, for
/// five seconds at most. A server that does not answer costs at most what the parameters allow to wait.
public final class BatchQueue: Sendable {
  /// Sends a batch; throws to have it sent again. It must come to an end by itself.
  public typealias Delivery = @Sendable (_ batch: [[UInt8]]) async throws -> Void
  /// Releases what the delivery uses, after the last batch.
  public typealias Release = @Sendable () async -> Void

  private let core: QueueCore
  private let registration: EndingRegistration

  /// - Parameters:
  ///   - environment: where troubles are reported, and who tells of the gateway's end.
  ///   - delivery: called from tasks; from several at once where `concurrencyLimit` is -1.
  public init(
    _ parameters: QueueParameters, environment: PluginEnvironment, release: @escaping Release = {},
    delivery: @escaping Delivery
  ) {
    let core = QueueCore(parameters, environment: environment, release: release, delivery: delivery)
    self.core = core
    self.registration = environment.beforeStop { await core.finish() }
  }

  deinit {
    let core = self.core
    // Until it has finished, the gateway's end waits for it too.
    let registration = core.environment.beforeStop { await core.finish() }
    Task {
      await core.finish()
      withExtendedLifetime(registration) {}
    }
  }

  /// Hands an entry over. Never waits; any thread.
  public func enqueue(_ entry: [UInt8]) { self.core.enqueue(entry) }
}

/// Some entries of a batch cannot be sent, also not later; the others have arrived.
public struct BatchLoss: Error, Sendable {
  public let entries: Int
  public let reason: String

  public init(entries: Int, reason: String) {
    self.entries = entries
    self.reason = reason
  }
}

/// The queue itself, held by its tasks until everything is sent.
final class QueueCore: Sendable {
  private struct State {
    var queue: QueueState
    /// The sleep of the sender that waits for a fuller batch.
    var sleep: Task<Void, Never>?
    /// The sleeps of those that wait to try again.
    var retries: [UInt64: Task<Void, Never>] = [:]
    var lastRetry: UInt64 = 0
    /// Something is told to the error log later.
    var isNoticeDue = false
    var finishing: Task<Void, Never>?
    var waiting: CheckedContinuation<Void, Never>?
  }

  /// What is left to send when the instance goes or the gateway stops.
  static let finishSeconds = 4.5

  let environment: PluginEnvironment
  private let state: Mutex<State>
  private let release: BatchQueue.Release
  private let delivery: BatchQueue.Delivery
  private let start = ContinuousClock.now

  init(
    _ parameters: QueueParameters, environment: PluginEnvironment, release: @escaping BatchQueue.Release,
    delivery: @escaping BatchQueue.Delivery
  ) {
    self.state = Mutex(State(queue: QueueState(parameters)))
    self.environment = environment
    self.release = release
    self.delivery = delivery
  }

  private var now: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - self.start).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  /// Changes the state, and tells the error log what came of it.
  private func change<R: Sendable>(_ body: (inout State, Double) -> R) -> R {
    let now = self.now
    let (result, notices) = self.state.withLock { state in
      let result = body(&state, now)
      return (result, state.queue.takeNotices(now: now))
    }
    for notice in notices { self.environment.report(notice.level, notice.text) }
    return result
  }

  func enqueue(_ entry: [UInt8]) {
    switch self.change({ state, now in state.queue.add(entry, now: now) }) {
    case .waits, .refused: break
    case .needsSender: Task { await self.send() }
    case .completesBatch: self.state.withLock { $0.sleep.take() }?.cancel()
    }
  }

  // MARK: Sending

  private func send() async {
    while true {
      switch self.change({ state, now in state.queue.next(now: now) }) {
      case .send(let batch): await self.deliver(batch)
      case .wait(let seconds):
        let sleep = Self.sleep(seconds)
        let isPointless = self.state.withLock { state in
          state.sleep = sleep
          return state.queue.isClosing || state.queue.hasWholeBatch
        }
        if isPointless { sleep.cancel() }
        await sleep.value
      case .rest:
        self.state.withLock { $0.queue.isIdle ? $0.waiting.take() : nil }?.resume()
        return self.noticeLater()
      }
    }
  }

  /// What there is to tell must not wait for the next entry.
  private func noticeLater() {
    let delay = self.change { state, now -> Double? in
      guard !state.isNoticeDue, let delay = state.queue.noticeDelay(now: now) else { return nil }
      state.isNoticeDue = true
      return delay
    }
    guard let delay else { return }
    Task {
      await Self.sleep(delay).value
      self.change { state, _ in state.isNoticeDue = false }
    }
  }

  private func deliver(_ batch: [[UInt8]]) async {
    let began = self.now
    var failures = 0
    while true {
      do {
        try await self.delivery(batch)
        return self.change { state, now in state.queue.delivered(now: now) }
      } catch let loss as BatchLoss {
        return self.change { state, now in state.queue.lost(loss.reason, entries: loss.entries, now: now) }
      } catch {
        let reason = "\(error)"
        let delay = self.change { state, now in
          state.queue.failed(reason, entries: batch.count, began: began, failures: failures, now: now)
        }
        guard let delay else { return }
        failures += 1
        await self.pause(delay)
        if self.state.withLock({ $0.queue.isOver }) {
          return self.change { state, now in state.queue.lost(reason, entries: batch.count, now: now) }
        }
      }
    }
  }

  private func pause(_ seconds: Double) async {
    let sleep = Self.sleep(seconds)
    let id = self.state.withLock { state in
      state.lastRetry &+= 1
      state.retries[state.lastRetry] = sleep
      return state.lastRetry
    }
    await sleep.value
    self.state.withLock { _ = $0.retries.removeValue(forKey: id) }
  }

  private static func sleep(_ seconds: Double) -> Task<Void, Never> {
    let milliseconds = Int((max(0, min(seconds, 1_000_000)) * 1000).rounded(.up))
    return Task { try? await Task.sleep(for: .milliseconds(milliseconds)) }
  }

  // MARK: The end

  /// Sends what waits, for a limited time, then lets go of everything. Idempotent.
  func finish() async {
    let task = self.state.withLock { state in
      if let known = state.finishing { return known }
      let task = Task { await self.finishOnce() }
      state.finishing = task
      return task
    }
    await task.value
  }

  private func finishOnce() async {
    let sleeps = self.state.withLock { state in
      state.queue.close()
      return [state.sleep.take()].compactMap { $0 } + state.retries.values
    }
    for sleep in sleeps { sleep.cancel() }
    let deadline = Task {
      try? await Task.sleep(for: .milliseconds(Int(Self.finishSeconds * 1000)))
      if !Task.isCancelled { self.giveUp() }
    }
    await withCheckedContinuation { continuation in
      let isDone = self.state.withLock { state in
        if !state.queue.isIdle { state.waiting = continuation }
        return state.queue.isIdle
      }
      if isDone { continuation.resume() }
    }
    deadline.cancel()
    // Nothing is taken any more.
    self.change { state, now in state.queue.end(now: now) }
    await self.release()
  }

  private func giveUp() {
    let (sleeps, waiting) = self.change { state, now in
      state.queue.end(now: now)
      let sleeps = Array(state.retries.values)
      return (sleeps, state.waiting.take())
    }
    for sleep in sleeps { sleep.cancel() }
    waiting?.resume()
  }
}
