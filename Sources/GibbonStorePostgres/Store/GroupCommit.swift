// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// The commits of this node that wait, as one transaction: the one of all nodes that may write entities just now.
struct GroupCommit: Sendable {
  let queue: CommitQueue<WriteRun>
  let tables: TableSet
  let clock: DatabaseClock
  let seen: SeenRevision

  func run(on pool: ConnectionPool) {
    pool.submit { connection in
      // Where this is repeated, the batch still is the same.
      let batch = self.queue.batch()
      guard !batch.isEmpty else { return }
      do {
        try self.attempt(batch, connection, isApart: false)
      } catch let refused as RefusedCommit {
        guard batch.count > 1 else { return refused.commit.fail(StoreError(postgres: refused.reason)) }
        // Savepoints cost a round trip each, and mostly nothing is refused: they are taken where something is.
        try self.attempt(batch, connection, isApart: true)
      }
    } report: { result in
      switch result {
      case .success: self.queue.end(nil)
      case .failure(let error): self.queue.end(error)
      }
    }
  }

  /// The lock is held until the commit: who comes after it gets the next revision, and no reader sees that one first.
  private static let begin = "BEGIN; SELECT revision FROM feed_revision FOR UPDATE"

  /// - Parameter isApart: what is refused is undone alone.
  private func attempt(_ batch: [QueuedCommit<WriteRun>], _ connection: Connection, isApart: Bool) throws {
    let revision = try connection.transaction(Self.begin) { rows in
      let run = WriteRun(connection, self.tables, self.clock, revision: rows.integer(0, 0) ?? 0)
      if isApart {
        try self.runApart(batch, run, connection)
      } else {
        try self.runTogether(batch, run)
      }
      try run.finish()
      return run.revision
    }
    self.seen.note(revision)
  }

  private func runTogether(_ batch: [QueuedCommit<WriteRun>], _ run: WriteRun) throws {
    for commit in batch {
      do {
        try commit.run(run)
      } catch let error where Self.isOfOne(error) {
        throw RefusedCommit(commit: commit, reason: error)
      }
    }
  }

  private func runApart(_ batch: [QueuedCommit<WriteRun>], _ run: WriteRun, _ connection: Connection) throws {
    for commit in batch {
      let mark = run.mark
      try connection.run(script: "SAVEPOINT one")
      do {
        try commit.run(run)
        try connection.run(script: "RELEASE SAVEPOINT one")
      } catch let error where Self.isOfOne(error) {
        try connection.run(script: "ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one")
        run.forget(since: mark)
        commit.fail(StoreError(postgres: error))
      }
    }
  }

  /// Whether an error is one commit's own, and not the connection's or the transaction's.
  private static func isOfOne(_ error: any Error) -> Bool {
    switch error {
    case PostgresFault.lost, PostgresFault.inDoubt: false
    case PostgresFault.refused(let refusal): !refusal.isCollision
    default: true
    }
  }
}

/// A commit that cannot be done, for a reason of its own.
private struct RefusedCommit: Error {
  let commit: QueuedCommit<WriteRun>
  let reason: any Error
}
