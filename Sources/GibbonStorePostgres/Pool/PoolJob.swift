// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore
internal import Synchronization

/// Something to do with a connection, and whoever waits for it.
protocol PoolJob: Sendable {
  /// When its turn must have come.
  var deadline: ContinuousClock.Instant { get }
  func run(_ session: PoolSession)
  func fail(_ error: StoreError)
}

/// The connection of one thread of the pool.
final class PoolSession {
  private let pool: ConnectionPool
  private var connection: Connection?

  init(_ pool: ConnectionPool) { self.pool = pool }

  var isConnected: Bool { self.connection != nil }

  func connected() throws -> Connection {
    if let connection, connection.isStillOpen() { return connection }
    self.connection = nil
    let connection = try self.pool.connected()
    self.connection = connection
    return connection
  }

  func drop() { self.connection = nil }
}

/// What was undone so often, because of others or with its connection, is given up.
private let attemptLimit = 5

final class SingleJob<Value: Sendable>: PoolJob {
  let deadline: ContinuousClock.Instant
  private let body: @Sendable (Connection) throws -> Value
  private let isRepeatable: Bool
  private let report: @Sendable (Result<Value, StoreError>) -> Void

  init(
    _ body: @escaping @Sendable (Connection) throws -> Value, isRepeatable: Bool, deadline: ContinuousClock.Instant,
    report: @escaping @Sendable (Result<Value, StoreError>) -> Void
  ) {
    self.body = body
    self.isRepeatable = isRepeatable
    self.deadline = deadline
    self.report = report
  }

  func run(_ session: PoolSession) {
    var attempts = 0
    while let error = self.attempt(session) {
      attempts += 1
      guard attempts < attemptLimit, self.mayRepeat(after: error, attempts, session) else {
        return self.report(.failure(StoreError(postgres: error)))
      }
    }
  }

  /// - Returns: what went wrong; nil when the outcome was reported.
  private func attempt(_ session: PoolSession) -> (any Error)? {
    do {
      let value = try self.body(try session.connected())
      self.report(.success(value))
      return nil
    } catch {
      return error
    }
  }

  private func mayRepeat(after error: any Error, _ attempts: Int, _ session: PoolSession) -> Bool {
    switch error {
    case PostgresFault.refused(let refusal): return refusal.isCollision
    case PostgresFault.lost:
      // A server that was started again is there; only this connection did not know it yet.
      guard self.isRepeatable, attempts == 1, session.isConnected else { return false }
      session.drop()
      return true
    default: return false
    }
  }

  func fail(_ error: StoreError) { self.report(.failure(error)) }
}
