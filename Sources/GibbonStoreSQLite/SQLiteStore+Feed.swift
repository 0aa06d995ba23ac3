// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
public import GibbonStore

extension SQLiteStore {
  public func revision() async throws(StoreError) -> Revision { try await self.read { try Self.revision($0) } }

  /// The feed's last number; it is kept apart from the feed, so that trimming does not lower it.
  static func revision(_ database: Database) throws -> Revision {
    try Int64.fetchOne(
      try database.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'changes'")) ?? 0
  }

  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    let tables = self.tables
    let now = self.now()
    return try await self.read { database in
      let last = try Self.revision(database)
      if last == revision { return ChangeBatch([], revision: last) }
      let rows = try Row.fetchAll(
        try database.cachedStatement(
          sql: "SELECT MAX(seq), entity_name, entity_id FROM changes WHERE seq > ? GROUP BY 2, 3 ORDER BY 1"),
        arguments: [revision])
      // Trimmed beyond what was asked for, or another database than the one that was read before.
      let first = try Int64.fetchOne(database, sql: "SELECT MIN(seq) FROM changes") ?? last + 1
      if last < revision || first > revision + 1 { return ChangeBatch([], revision: last, isIncomplete: true) }
      let changes = try rows.compactMap { row -> EntityChange? in
        let name: String = row[1]
        let id: String = row[2]
        // A plugin that is not enabled here has no table here.
        guard let table = try? tables.table(named: name) else { return nil }
        return EntityChange(collection: name, id: id, entity: try Self.find(.id(id), table, now, database))
      }
      return ChangeBatch(changes, revision: last)
    }
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) {
    try await self.queue.run { database in
      let oldest = try Self.revision(database) - Int64(count)
      try database.execute(sql: "DELETE FROM changes WHERE seq <= ?", arguments: [oldest])
    }
  }
}
