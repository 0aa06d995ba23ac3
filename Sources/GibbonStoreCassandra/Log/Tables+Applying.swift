// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonStore

/// Entities and what they are found by, as the log has them. Every row is written with the revision for its time, and
/// deleted so: whoever does it again, or late, changes nothing.
extension Tables {
  /// Batches of one entry's writes that are under way at the same time.
  private static let width = 32

  func apply(_ entry: LogEntry, _ revision: Revision) async throws(StoreError) {
    var batches = WriteBatches()
    for change in entry.changes {
      let part = WriteBatches.Partition(table: "entities", change.place.collection, "\(Shard.of(id: change.place.id))")
      batches.add(self.statement(change, revision), to: part)
    }
    for row in entry.removed { batches.add(self.deletion(row, revision), to: Self.partition(row)) }
    for row in entry.added { batches.add(self.insertion(row, revision), to: Self.partition(row)) }
    _ = try await concurrently(batches.all, atOnce: Self.width) { (batch) async throws(StoreError) in
      try await self.write(batch)
    }
  }

  /// nil for a row that has a partition of its own.
  private static func partition(_ row: IndexRow) -> WriteBatches.Partition? {
    switch row {
    case .unique: nil
    case .child(let key): WriteBatches.Partition(table: "children", key.parent.collection, key.parent.id.text)
    case .tag(let tag, _): WriteBatches.Partition(table: "tags", "\(Shard.of(hash: tag))")
    case .expiring(_, let place): WriteBatches.Partition(table: "expiring", "\(Shard.of(id: place.id))")
    }
  }

  private func statement(_ change: LogEntry.Change, _ revision: Revision) -> CQLStatement {
    let place = change.place
    let key: [CQLValue] = [.text(place.collection), .int(Shard.of(id: place.id)), .text(place.id.text)]
    guard let state = change.state else {
      return CQLStatement(
        "DELETE FROM \(self.keyspace).entities USING TIMESTAMP ? WHERE collection = ? AND shard = ? AND id = ?",
        [.bigint(revision)] + key)
    }
    return CQLStatement(
      """
      INSERT INTO \(self.keyspace).entities (collection, shard, id, document, workspace, revision, expires_at) \
      VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?
      """,
      key + [
        .text(state.document), .text(state.workspace), .bigint(revision),
        // Never null, which would be a tombstone to read over in every row.
        .double(state.expiresAt ?? .infinity), .bigint(revision),
      ])
  }

  private func insertion(_ row: IndexRow, _ revision: Revision) -> CQLStatement {
    let (table, columns, values) = Self.row(row)
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    return CQLStatement(
      "INSERT INTO \(self.keyspace).\(table) (\(columns.joined(separator: ", "))) VALUES (\(places)) USING TIMESTAMP ?",
      values + [.bigint(revision)])
  }

  func deletion(_ row: IndexRow, _ revision: Revision) -> CQLStatement {
    var (table, columns, values) = Self.row(row)
    if case .unique = row {
      // Not part of the key.
      columns.removeLast()
      values.removeLast()
    }
    let condition = columns.map { "\($0) = ?" }.joined(separator: " AND ")
    return CQLStatement(
      "DELETE FROM \(self.keyspace).\(table) USING TIMESTAMP ? WHERE \(condition)", [.bigint(revision)] + values)
  }

  private static func row(_ row: IndexRow) -> (table: String, columns: [String], values: [CQLValue]) {
    switch row {
    case .unique(let key, let id):
      return (
        "uniques", ["collection", "field", "value", "workspace", "id"],
        [.text(key.collection), .text(key.field), .text(key.value.text), .text(key.workspace), .text(id.text)]
      )
    case .child(let key):
      return (
        "children", ["parent_collection", "parent", "collection", "field", "id"],
        [
          .text(key.parent.collection), .text(key.parent.id.text), .text(key.child.collection), .text(key.field),
          .text(key.child.id.text),
        ]
      )
    case .tag(let tag, let place):
      return (
        "tags", ["shard", "tag", "collection", "id"],
        [.int(Shard.of(hash: tag)), .text(tag.text), .text(place.collection), .text(place.id.text)]
      )
    case .expiring(let end, let place):
      return (
        "expiring", ["shard", "expires_at", "collection", "id"],
        [.int(Shard.of(id: place.id)), .double(end), .text(place.collection), .text(place.id.text)]
      )
    }
  }
}
