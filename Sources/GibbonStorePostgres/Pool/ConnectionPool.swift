// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import GibbonIO
internal import GibbonStore
internal import Synchronization

/// Connections with a thread each, made when they are needed, and a bounded queue in front of them.
///
/// libpq blocks the thread that calls it. These threads are there for that: neither an event loop nor a thread of
/// Swift's tasks ever waits for the server.
final class ConnectionPool: Sendable {
  private struct State {
    var jobs: [any PoolJob] = []
    var threads: [SystemThread] = []
    /// Threads that are there or being made.
    var threadCount = 0
    /// Those of them that have nothing to do, or are about to look for the first time.
    var idleCount = 0
    var isClosed = false
    var hasReaper = false
    var outage: Outage?
    /// When a connection was last seen to work.
    var answeredAt: ContinuousClock.Instant?

    mutating func noteAnswer() {
      self.outage = nil
      self.answeredAt = .now
    }
  }

  /// That the server could not be reached lately.
  struct Outage {
    let reason: PostgresFault
    var milliseconds: Int
    var retryAt: ContinuousClock.Instant
  }

  let server: PostgresServer
  private let state = Mutex(State())
  private let wakeUps = DispatchSemaphore(value: 0)
  private let connect: @Sendable () throws -> Connection
  private let queue = DispatchQueue(label: "gibbon.postgres")

  /// - Parameter connect: makes a connection, on the thread that keeps it.
  init(_ server: PostgresServer, connect: @escaping @Sendable () throws -> Connection) {
    self.server = server
    self.connect = connect
  }

  /// Runs `body` with a connection.
  ///
  /// - Parameter isRepeatable: it may be run again where the connection was lost under it.
  func run<Value: Sendable>(
    isRepeatable: Bool = true, _ body: @escaping @Sendable (Connection) throws -> Value
  ) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      self.submit(isRepeatable: isRepeatable, body) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// The same for those who do not wait.
  func submit<Value: Sendable>(
    isRepeatable: Bool = true, _ body: @escaping @Sendable (Connection) throws -> Value,
    report: @escaping @Sendable (Result<Value, StoreError>) -> Void
  ) {
    let deadline = ContinuousClock.now.advanced(by: .milliseconds(self.server.pool.waitMilliseconds))
    self.add(SingleJob(body, isRepeatable: isRepeatable, deadline: deadline, report: report))
  }

  // MARK: The queue

  private enum Admission {
    case queued, needsThread
    case refused(String)
  }

  private func add(_ job: any PoolJob) {
    let limit = self.server.pool
    let admission: Admission = self.state.withLock { state in
      if state.isClosed { return .refused("the datastore is closed") }
      let free = max(0, limit.connections - state.threadCount) + state.idleCount
      guard state.jobs.count < limit.backlog + free else {
        return .refused("\(limit.backlog) statements wait for a connection already")
      }
      state.jobs.append(job)
      guard state.jobs.count > state.idleCount, state.threadCount < limit.connections else { return .queued }
      state.threadCount += 1
      state.idleCount += 1
      return .needsThread
    }
    switch admission {
    case .refused(let reason): return job.fail(.unavailable(reason))
    case .needsThread: self.startThread()
    case .queued: break
    }
    self.wakeUps.signal()
    self.watchQueue()
  }

  private func startThread() {
    let thread = try? SystemThread(name: "gibbon-pg") { self.work() }
    let abandoned: [any PoolJob] = self.state.withLock { state in
      if let thread {
        state.threads.append(thread)
        return []
      }
      state.threadCount -= 1
      state.idleCount -= 1
      guard state.threadCount == 0 else { return [] }
      defer { state.jobs = [] }
      return state.jobs
    }
    for job in abandoned { job.fail(.unavailable("no thread for a connection")) }
  }

  /// Sees to it that who waits too long is told so. All wait equally long, so that the first in the queue is the first
  /// to be told, and one timer is enough.
  private func watchQueue() {
    let first: ContinuousClock.Instant? = self.state.withLock { state in
      guard !state.hasReaper, let first = state.jobs.first else { return nil }
      state.hasReaper = true
      return first.deadline
    }
    guard let first else { return }
    let left = max(.zero, ContinuousClock.now.duration(to: first)).components
    let milliseconds = Int(clamping: left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000) + 1
    self.queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in self?.reap() }
  }

  private func reap() {
    let now = ContinuousClock.now
    let late: [any PoolJob] = self.state.withLock { state in
      state.hasReaper = false
      let late = state.jobs.prefix { $0.deadline <= now }
      state.jobs.removeFirst(late.count)
      return Array(late)
    }
    for job in late {
      job.fail(.unavailable("no connection was free for \(self.server.pool.waitMilliseconds) ms"))
    }
    self.watchQueue()
  }

  // MARK: The threads

  private func work() {
    let session = PoolSession(self)
    while let job = self.next(session) {
      job.run(session)
      self.state.withLock { state in
        state.idleCount += 1
        if session.isConnected { state.noteAnswer() }
      }
    }
  }

  private func next(_ session: PoolSession) -> (any PoolJob)? {
    while true {
      var isIdle = false
      if let limit = self.server.pool.idleMilliseconds, session.isConnected {
        isIdle = self.wakeUps.wait(timeout: .now() + .milliseconds(limit)) == .timedOut
      } else {
        self.wakeUps.wait()
      }
      let (job, isOver): ((any PoolJob)?, Bool) = self.state.withLock { state in
        guard !state.jobs.isEmpty else { return (nil, state.isClosed) }
        state.idleCount -= 1
        return (state.jobs.removeFirst(), false)
      }
      if let job { return job }
      if isOver { return nil }
      if isIdle { session.drop() }
    }
  }

  /// Waits for what is queued, then ends the threads.
  func close() async {
    let threads: [SystemThread] = self.state.withLock { state in
      state.isClosed = true
      return state.threads
    }
    for _ in threads { self.wakeUps.signal() }
    await withCheckedContinuation { continuation in
      self.queue.async {
        for thread in threads { thread.join() }
        continuation.resume()
      }
    }
  }

  // MARK: Connecting

  /// Milliseconds after a failure in which nobody tries again, and the most they grow to.
  private static let firstPause = 50
  private static let longestPause = 1000

  /// A new connection, on the calling thread.
  ///
  /// - Throws: at once, with the last reason, shortly after it could not be made.
  func connected() throws -> Connection {
    let reason: PostgresFault? = self.state.withLock { state in
      guard let outage = state.outage, outage.retryAt > .now else { return nil }
      return outage.reason
    }
    if let reason { throw reason }
    let began = ContinuousClock.now
    do {
      let connection = try self.connect()
      self.state.withLock { $0.noteAnswer() }
      return connection
    } catch let fault as PostgresFault {
      self.state.withLock { state in
        // The server has answered since: this attempt belongs to an outage that is over.
        if let answeredAt = state.answeredAt, answeredAt > began { return }
        let pause = min(Self.longestPause, state.outage.map { $0.milliseconds * 2 } ?? Self.firstPause)
        state.outage = Outage(
          reason: fault, milliseconds: pause, retryAt: .now.advanced(by: .milliseconds(pause)))
      }
      throw fault
    }
  }
}
