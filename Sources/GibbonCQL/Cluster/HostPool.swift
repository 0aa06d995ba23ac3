// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One node: its connection, made when it is first wanted and made again, with back-off, when it is lost.
final class HostPool: Sendable {
  private enum Link {
    case idle
    case connecting(EventLoopFuture<CQLConnection>)
    case open(CQLConnection)
    /// Until the next try.
    case resting(CQLError)
    case closed
  }

  private struct State {
    var link = Link.idle
    var backoff = Backoff()
    var rest: Task<Void, Never>?
  }

  private let target: ConnectionTarget
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let state = Mutex(State())

  init(_ target: ConnectionTarget) { self.target = target }

  var address: String { self.target.host }

  var isOpen: Bool {
    self.state.withLock { if case .open(let connection) = $0.link { connection.isOpen } else { false } }
  }

  /// Begins to connect if nothing is there.
  func warm() {
    guard case .connect(let promise) = self.step() else { return }
    Task { await self.connect(promise) }
  }

  /// Tries again at once: the node is said to be up.
  func wake() {
    self.state.withLock { state in
      guard case .resting = state.link else { return }
      state.rest?.cancel()
      state.rest = nil
      state.backoff.reset()
      state.link = .idle
    }
    self.warm()
  }

  /// - Throws: what went wrong with the last try, if the next one is not due.
  func connection(until deadline: NIODeadline) async throws(CQLError) -> CQLConnection {
    switch self.step() {
    case .use(let connection): return connection
    case .fail(let error): throw error
    case .join(let future): return try await self.wait(future, deadline)
    case .connect(let promise):
      Task { await self.connect(promise) }
      return try await self.wait(promise.futureResult, deadline)
    }
  }

  private enum Step {
    case use(CQLConnection)
    case join(EventLoopFuture<CQLConnection>)
    case connect(EventLoopPromise<CQLConnection>)
    case fail(CQLError)
  }

  private func step() -> Step {
    self.state.withLock { state in
      switch state.link {
      case .open(let connection) where connection.isOpen: return .use(connection)
      case .connecting(let future): return .join(future)
      case .resting(let error): return .fail(error)
      case .closed: return .fail(.unavailable("the session is closed"))
      case .idle, .open:
        let promise = self.loop.makePromise(of: CQLConnection.self)
        state.link = .connecting(promise.futureResult)
        return .connect(promise)
      }
    }
  }

  /// A waiter gives up at its own time; the connection may still come, for others.
  private func wait(
    _ future: EventLoopFuture<CQLConnection>, _ deadline: NIODeadline
  ) async throws(CQLError) -> CQLConnection {
    let promise = self.loop.makePromise(of: CQLConnection.self)
    let late = CQLError.unavailable("\(self.target.place): no connection in time")
    let timer = self.loop.scheduleTask(deadline: deadline) { promise.fail(late) }
    future.cascade(to: promise)
    defer { timer.cancel() }
    do {
      return try await promise.futureResult.get()
    } catch {
      throw error as? CQLError ?? .unavailable("\(self.target.place): \(ConnectionWords.words(error))")
    }
  }

  private func connect(_ promise: EventLoopPromise<CQLConnection>) async {
    do throws(CQLError) {
      let connection = try await CQLConnection.open(self.target)
      let isWanted = self.state.withLock { state in
        if case .closed = state.link { return false }
        state.link = .open(connection)
        state.backoff.reset()
        return true
      }
      guard isWanted else {
        connection.close()
        return promise.fail(CQLError.unavailable("the session is closed"))
      }
      promise.succeed(connection)
    } catch {
      self.rest(error)
      promise.fail(error)
    }
  }

  private func rest(_ error: CQLError) {
    self.state.withLock { state in
      if case .closed = state.link { return }
      let pause = state.backoff.next()
      state.link = .resting(error)
      state.rest = Task {
        try? await Task.sleep(for: .milliseconds(pause))
        guard !Task.isCancelled else { return }
        self.tryAgain()
      }
    }
  }

  private func tryAgain() {
    self.state.withLock { state in if case .resting = state.link { state.link = .idle } }
    self.warm()
  }

  /// The connection is closed when its requests have ended, or at the deadline.
  func close(until deadline: NIODeadline = .now()) async { await self.end()?.drain(until: deadline) }

  /// The connection is closed at once.
  func cut() { self.end()?.close() }

  private func end() -> CQLConnection? {
    self.state.withLock { state in
      state.rest?.cancel()
      defer { state.link = .closed }
      if case .open(let connection) = state.link { return connection }
      return nil
    }
  }
}
