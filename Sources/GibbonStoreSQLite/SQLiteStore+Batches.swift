// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
internal import GibbonStore

extension SQLiteStore {
  /// Commits that wait at the same time; the Admin API has far fewer connections.
  private static let backlog = 65_536

  /// Commits that share transactions, each in a savepoint of its own.
  static func commits(_ pool: DatabasePool) -> CommitQueue<Database> {
    CommitQueue(CommitQueue.Limits(backlog: Self.backlog)) { queue in
      pool.asyncWriteWithoutTransaction { database in
        var failure: StoreError?
        do {
          let batch = queue.batch()
          try database.inTransaction(.immediate) {
            for commit in batch { Self.run(commit, database) }
            return .commit
          }
        } catch {
          failure = SQLiteFault.storeError(error)
        }
        queue.end(failure)
      }
    }
  }

  private static func run(_ commit: QueuedCommit<Database>, _ database: Database) {
    do {
      try database.inSavepoint {
        try commit.run(database)
        return .commit
      }
    } catch {
      commit.fail(SQLiteFault.storeError(error))
    }
  }
}
