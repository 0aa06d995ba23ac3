// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCQL
internal import Synchronization

/// A session that is begun when it is first needed, and tried again while the cluster is away: a gateway starts before
/// its datastore, if it must.
public final class ConnectingSession: CQLSession {
  private struct State {
    var session: (any CQLSession)?
    var attempt: Task<Result<any CQLSession, CQLError>, Never>?
    var isClosed = false
    /// Of the last attempt; it is the answer for everybody until the next one.
    var failure: (error: CQLError, until: ContinuousClock.Instant)?
  }

  private let connect: @Sendable () async -> Result<any CQLSession, CQLError>
  private let state = Mutex(State())

  /// Between two attempts, so that requests do not queue for a cluster that is away.
  private static let pause = Duration.milliseconds(250)

  public init(_ connect: @escaping @Sendable () async throws(CQLError) -> any CQLSession) {
    self.connect = {
      do throws(CQLError) { return .success(try await connect()) } catch { return .failure(error) }
    }
  }

  private func session() async throws(CQLError) -> any CQLSession {
    let connect = self.connect
    let known: Result<Task<Result<any CQLSession, CQLError>, Never>, CQLError>? = self.state.withLock { state in
      if state.isClosed { return .failure(.unavailable("the session is closed")) }
      if state.session != nil { return nil }
      if let attempt = state.attempt { return .success(attempt) }
      if let failure = state.failure, ContinuousClock.now < failure.until { return .failure(failure.error) }
      let attempt = Task { await connect() }
      state.attempt = attempt
      return .success(attempt)
    }
    if let known {
      let attempt = try known.get()
      let outcome = await attempt.value
      self.note(outcome, of: attempt)
      return try outcome.get()
    }
    guard let session = self.state.withLock({ $0.session }) else { throw .unavailable("the session is closed") }
    return session
  }

  private func note(
    _ outcome: Result<any CQLSession, CQLError>, of attempt: Task<Result<any CQLSession, CQLError>, Never>
  ) {
    self.state.withLock { state in
      guard state.attempt == attempt else { return }
      state.attempt = nil
      switch outcome {
      case .success(let session): state.session = session
      case .failure(let error): state.failure = (error, ContinuousClock.now.advanced(by: Self.pause))
      }
    }
  }

  public func execute(_ statement: CQLStatement) async throws(CQLError) -> CQLRows {
    try await self.session().execute(statement)
  }

  public func batch(_ statements: [CQLStatement], _ kind: CQLBatchKind) async throws(CQLError) {
    try await self.session().batch(statements, kind)
  }

  public func awaitSchemaAgreement() async throws(CQLError) { try await self.session().awaitSchemaAgreement() }

  public func close() async {
    let (session, attempt) = self.state.withLock { state in
      state.isClosed = true
      defer { (state.session, state.attempt) = (nil, nil) }
      return (state.session, state.attempt)
    }
    await session?.close()
    if let attempt, case .success(let late) = await attempt.value { await late.close() }
  }
}
