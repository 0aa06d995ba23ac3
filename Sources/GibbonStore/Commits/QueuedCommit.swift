// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// What somebody wants to be done in a transaction, and whoever waits for it.
public final class QueuedCommit<Transaction>: Sendable {
  let cost: Int
  /// When its turn must have come.
  let deadline: ContinuousClock.Instant?
  private let body: @Sendable (Transaction) throws -> Void
  private let refuse: @Sendable (StoreError) -> Void
  private let reporter: @Sendable (StoreError?) -> Void

  init<Value: Sendable>(
    _ cost: Int, deadline: ContinuousClock.Instant?, _ body: @escaping @Sendable (Transaction) throws -> Value,
    report: @escaping @Sendable (Result<Value, StoreError>) -> Void
  ) {
    let outcome = CommitOutcome<Value>()
    self.cost = cost
    self.deadline = deadline
    self.body = { outcome.set(.success(try body($0))) }
    self.refuse = { outcome.set(.failure($0)) }
    self.reporter = { failure in report(failure.map { .failure($0) } ?? outcome.value) }
  }

  /// Does it.
  ///
  /// - Throws: why it cannot be done; what it did has to be undone then, and `fail` called.
  public func run(_ transaction: Transaction) throws { try self.body(transaction) }

  /// That it could not be done, while the rest of the transaction can.
  public func fail(_ error: StoreError) { self.refuse(error) }

  /// Tells who waits.
  ///
  /// - Parameter failure: of the transaction.
  func report(_ failure: StoreError?) { self.reporter(failure) }
}

private final class CommitOutcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, StoreError>>(.failure(.failure("the write did not run")))

  var value: Result<Value, StoreError> { self.result.withLock { $0 } }

  func set(_ result: Result<Value, StoreError>) { self.result.withLock { $0 = result } }
}
