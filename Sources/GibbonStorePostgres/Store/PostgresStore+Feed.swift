// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema
public import GibbonStore

extension PostgresStore {
  public func revision() async throws(StoreError) -> Revision {
    try await self.primary.run { try Self.revision($0) }
  }

  static func revision(_ connection: Connection) throws -> Revision {
    try connection.query("SELECT revision FROM feed_revision").integer(0, 0) ?? 0
  }

  /// Read where it is written, and not from a replica: whoever wrote waits for it.
  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    let tables = self.tables
    let clock = self.clock
    let batch = try await self.primary.run { connection in
      try connection.reading {
        // The upper end is there for the planner, which takes an open range for a third of the feed and reads it all.
        let rows = try connection.query(
          """
          SELECT f.revision, (SELECT min(seq) FROM changes), c.seq, c.entity_name, c.entity_id FROM feed_revision f \
          LEFT JOIN (SELECT max(seq) AS seq, entity_name, entity_id FROM changes WHERE seq > $1 AND seq <= $2 \
          GROUP BY 2, 3) c ON true ORDER BY c.seq
          """, [.integer(revision), .integer(.max)])
        let last = rows.integer(0, 0) ?? 0
        if last == revision { return ChangeBatch([], revision: last) }
        // Trimmed beyond what was asked for, or another database than the one that was read before.
        let first = rows.integer(0, 1) ?? last + 1
        if last < revision || first > revision + 1 { return ChangeBatch([], revision: last, isIncomplete: true) }
        var named: [(collection: String, id: String)] = []
        for row in 0..<rows.count {
          if let name = rows.key(row, 3), let id = rows.key(row, 4) { named.append((name, id)) }
        }
        return ChangeBatch(
          try Self.entities(named, tables, RowReader(difference: clock.difference), clock.now, connection),
          revision: last)
      }
    }
    self.note(batch.revision, isAnew: batch.isIncomplete)
    return batch
  }

  /// The changed entities as they are now, one statement for each collection.
  private static func entities(
    _ named: [(collection: String, id: String)], _ tables: TableSet, _ reader: RowReader, _ now: Double,
    _ connection: Connection
  ) throws -> [EntityChange] {
    var found: [String: [String: StoredEntity]] = [:]
    for (name, changes) in Dictionary(grouping: named, by: \.collection) {
      // A plugin that is not enabled here has no table here.
      guard let table = try? tables.table(named: name) else { continue }
      var arguments = Arguments()
      let ids = arguments.bind(.text(Self.list(changes.map(\.id))))
      let condition = table.alive(now, &arguments)
      // OFFSET 0 keeps this from becoming a join, for which a planner that knows little of the table reads all of it.
      let rows = try connection.query(
        """
        SELECT found.* FROM json_array_elements_text(\(ids)::json) AS wanted (key), LATERAL \
        (SELECT id, \(RowReader.columns(table)) FROM \(table.quoted) WHERE id = wanted.key COLLATE "C" \
        AND \(condition) OFFSET 0) AS found
        """, arguments.values)
      var entities: [String: StoredEntity] = [:]
      for row in 0..<rows.count {
        entities[rows.key(row, 0) ?? ""] = try reader.entity(rows, row, table, from: 1)
      }
      found[name] = entities
    }
    return named.compactMap { name, id in
      found[name].map { EntityChange(collection: name, id: id, entity: $0[id]) }
    }
  }

  /// Texts as one parameter.
  static func list(_ texts: [String]) -> String {
    String(decoding: JSONValue.strings(texts.map(ColumnText.encode)).serialized(), as: UTF8.self)
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) {
    try await self.primary.run { connection in
      _ = try connection.query(
        "DELETE FROM changes WHERE seq <= (SELECT revision FROM feed_revision) - $1::bigint", [.integer(Int64(count))])
    }
  }
}
