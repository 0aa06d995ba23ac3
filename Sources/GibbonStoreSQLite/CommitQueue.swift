// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
internal import GibbonStore
internal import Synchronization

/// Gathers writes that wait for the writer and runs them in one transaction, each in a savepoint of its own.
final class CommitQueue: Sendable {
  private struct State {
    var waiting: [any WaitingWrite] = []
    var isRunning = false
  }

  private let pool: DatabasePool
  private let state = Mutex(State())
  /// Writes in one transaction; more wait for the next.
  private static let batchLimit = 512

  init(_ pool: DatabasePool) { self.pool = pool }

  /// Runs `body` in a transaction. It is durable when this returns; what throws leaves no trace.
  func run<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
    let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
      self.add(SingleWrite(body, report: { continuation.resume(returning: $0) }))
    }
    return try result.get()
  }

  private func add(_ write: any WaitingWrite) {
    let mustStart = self.state.withLock { state in
      state.waiting.append(write)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if mustStart { self.schedule() }
  }

  private func schedule() {
    self.pool.asyncWriteWithoutTransaction { database in
      self.runBatch(database)
      let hasMore = self.state.withLock { state in
        state.isRunning = !state.waiting.isEmpty
        return state.isRunning
      }
      if hasMore { self.schedule() }
    }
  }

  private func runBatch(_ database: Database) {
    let batch = self.state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.batchLimit))
      state.waiting.removeFirst(batch.count)
      return batch
    }
    var failure: StoreError?
    do {
      try database.inTransaction(.immediate) {
        for write in batch { write.run(database) }
        return .commit
      }
    } catch {
      failure = SQLiteFault.storeError(error)
    }
    // Told only now: until the transaction is through, nothing is durable.
    for write in batch { write.report(failure) }
  }

  /// Waits for the writes before it.
  func finish() async { _ = try? await self.run { _ in true } }
}

/// A write and whoever waits for it.
private protocol WaitingWrite: Sendable {
  func run(_ database: Database)
  /// - Parameter failure: of the transaction around it.
  func report(_ failure: StoreError?)
}

private final class SingleWrite<Value: Sendable>: WaitingWrite {
  private let body: @Sendable (Database) throws -> Value
  private let reporter: @Sendable (Result<Value, StoreError>) -> Void
  private let outcome = Mutex<Result<Value, StoreError>>(.failure(.failure("the write did not run")))

  init(
    _ body: @escaping @Sendable (Database) throws -> Value,
    report: @escaping @Sendable (Result<Value, StoreError>) -> Void
  ) {
    self.body = body
    self.reporter = report
  }

  func run(_ database: Database) {
    let result: Result<Value, StoreError>
    do {
      var value: Value?
      try database.inSavepoint {
        value = try self.body(database)
        return .commit
      }
      result = value.map { .success($0) } ?? .failure(.failure("the write had no outcome"))
    } catch {
      result = .failure(SQLiteFault.storeError(error))
    }
    self.outcome.withLock { $0 = result }
  }

  func report(_ failure: StoreError?) {
    self.reporter(failure.map { .failure($0) } ?? self.outcome.withLock { $0 })
  }
}
