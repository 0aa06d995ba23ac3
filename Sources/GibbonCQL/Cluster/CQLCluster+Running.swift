// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

extension CQLCluster {
  /// Asks one node after the other, as long as that does no harm and time is left.
  func run(_ operation: Operation) async throws(CQLError) -> CQLRows {
    let isClosed = self.state.withLock { state in
      if !state.isClosed { state.underWay += 1 }
      return state.isClosed
    }
    guard !isClosed else { throw .unavailable("the session is closed") }
    defer { self.state.withLock { $0.underWay -= 1 } }
    let deadline = self.deadline()
    let pools = self.plan(self.place(operation))
    var last: CQLError?
    for (index, pool) in pools.enumerated() {
      guard last == nil || deadline > .now() else { break }
      do throws(OperationFailure) {
        let share = self.share(of: deadline, operation, isLast: index == pools.count - 1)
        return try await self.run(operation, at: pool, share)
      } catch {
        let rule = RetryRule.judge(error, isIdempotent: operation.isIdempotent)
        guard rule.mayGoOn else { throw rule.error }
        last = Self.graver(last, rule.error)
      }
    }
    throw last ?? .unavailable("no node is known")
  }

  /// On one node: on a second connection if the first one turns out to be closed before anything was sent.
  private func run(
    _ operation: Operation, at pool: HostPool, _ deadline: NIODeadline
  ) async throws(OperationFailure) -> CQLRows {
    var hasFailed = false
    while true {
      let connection: CQLConnection
      do throws(CQLError) {
        connection = try await pool.connection(until: deadline)
      } catch {
        throw .connecting(error)
      }
      do throws(OperationFailure) {
        let rows = try await connection.perform(operation, self.settings, deadline)
        self.learn(operation, connection)
        return rows
      } catch {
        guard case .request(.notSent) = error, !connection.isOpen, !hasFailed else { throw error }
        hasFailed = true
      }
    }
  }

  /// What may be done twice does not spend all its time on one node.
  private func share(of deadline: NIODeadline, _ operation: Operation, isLast: Bool) -> NIODeadline {
    guard operation.isIdempotent, !isLast else { return deadline }
    let left = deadline - .now()
    return .now() + .nanoseconds(max(0, left.nanoseconds) / 2)
  }

  /// Of two nodes' failures, the one that says more of what became of the statement.
  private static func graver(_ one: CQLError?, _ other: CQLError) -> CQLError {
    func weight(_ error: CQLError) -> Int {
      switch error {
      case .unknownOutcome: 4
      case .malformed: 3
      case .refused: 2
      case .tooFewReplicas: 1
      case .unavailable: 0
      }
    }
    guard let one, weight(one) > weight(other) else { return other }
    return one
  }

  /// Of the row that is asked for, once a node has said which values are its key; a batch is where its first row is.
  private func place(_ operation: Operation) -> RowPlace? {
    guard let first = operation.first, let route = self.routes.withLock({ $0[first.text]?.route }),
      self.state.withLock({ $0.topology.hosts.count > 1 && $0.topology.replications[route.keyspace] != nil }),
      let bytes = PartitionKey.bytes(first.values, route.partitionKey)
    else { return nil }
    return RowPlace(keyspace: route.keyspace, token: Murmur3.token(bytes))
  }

  private func learn(_ operation: Operation, _ connection: CQLConnection) {
    guard let first = operation.first, first.isPrepared, self.routes.withLock({ $0[first.text] == nil }),
      let id = connection.prepared.withLock({ $0[first.text] })
    else { return }
    self.routes.withLock { $0.insert(id, first.text) }
  }
}
