// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The writes of one transaction.
final class WriteRun {
  private let connection: Connection
  private let tables: TableSet
  private let now: Double
  private let difference: Double
  /// Of the last change.
  private(set) var revision: Revision
  private var changes: [JSONValue] = []

  init(_ connection: Connection, _ tables: TableSet, _ clock: DatabaseClock, revision: Revision) {
    self.connection = connection
    self.tables = tables
    self.now = clock.now
    self.difference = clock.difference
    self.revision = revision
  }

  func apply(_ write: EntityWrite) throws {
    switch write {
    case .insert(let schema, let entity):
      let table = try self.tables.table(of: schema)
      try self.store(entity, table, table.insert, matching: nil)
    case .put(let schema, let entity):
      let table = try self.tables.table(of: schema)
      try self.store(entity, table, table.upsert, matching: nil)
    case .replace(let schema, let entity, let revision):
      let table = try self.tables.table(of: schema)
      try self.store(entity, table, table.replace, matching: revision)
    case .delete(let schema, let id):
      try self.delete(id, try self.tables.table(of: schema))
    }
  }

  /// What was written so far.
  var mark: (revision: Revision, changes: Int) { (self.revision, self.changes.count) }

  /// Forgets what was written since then, which the server undid.
  func forget(since mark: (revision: Revision, changes: Int)) {
    self.revision = mark.revision
    self.changes.removeLast(self.changes.count - mark.changes)
  }

  /// Writes the feed and tells the other nodes, which hear of it when the transaction is through.
  func finish() throws {
    guard !self.changes.isEmpty else { return }
    try self.connection.query(
      """
      WITH f AS (UPDATE feed_revision SET revision = $1), \
      c AS (INSERT INTO changes (seq, entity_name, entity_id, changed_at) \
      SELECT (e ->> 0)::bigint, e ->> 1, e ->> 2, $3 FROM json_array_elements($2::json) AS e) \
      SELECT pg_notify(\(ChangeListener.channel), $1::text)
      """,
      [
        .integer(self.revision),
        .text(String(decoding: JSONValue.array(self.changes).serialized(), as: UTF8.self)), .real(self.now),
      ])
  }

  private func note(_ id: String, _ table: Table) {
    self.changes.append(
      .array([.int(self.revision), .string(ColumnText.encode(table.name)), .string(ColumnText.encode(id))]))
  }

  // MARK: Storing

  private func store(_ entity: StoredEntity, _ table: Table, _ sql: String, matching revision: Revision?) throws {
    let keys = EntityKeys(entity, table.layout, table.schema)
    if table.layout.hasTTL { try self.deleteExpired(inTheWayOf: keys, table) }
    self.revision += 1
    self.note(keys.id, table)
    var values: [Parameter] = [.key(keys.id), .text(entity.workspace?.description)]
    values += keys.uniques.map { .key($0.value) }
    values += keys.references.map { .key($0.id) }
    if let composite = keys.composite { values.append(.key(composite)) }
    if table.layout.hasTTL { values.append(.real(entity.expiresAt.map { $0 + self.difference })) }
    values += [
      .integer(self.revision), .text(String(decoding: JSONValue.object(entity.object).serialized(), as: UTF8.self)),
    ]
    if let revision {
      values = values.dropFirst() + [.key(keys.id), .integer(revision)]
      if table.layout.hasTTL { values.append(.real(self.now)) }
    }
    let affected: Int
    do {
      affected = try self.connection.query(sql, values).affected
    } catch PostgresFault.refused(let refusal) {
      throw Self.violation(refusal, entity, table, keys)
    }
    if revision != nil, affected == 0 { throw try self.replaceFailure(keys.id, table) }
    try self.writeTags(keys, table, isNew: sql == table.insert)
  }

  private func writeTags(_ keys: EntityKeys, _ table: Table, isNew: Bool) throws {
    if !isNew { try self.deleteTags(keys.id, table) }
    guard !keys.tags.isEmpty else { return }
    try self.connection.query(
      """
      INSERT INTO tags (tag, entity_name, entity_id) \
      SELECT json_array_elements_text($1::json), $2, $3 ON CONFLICT DO NOTHING
      """, [.text(PostgresStore.list(keys.tags)), .text(table.name), .key(keys.id)])
  }

  private func deleteTags(_ id: String, _ table: Table) throws {
    try self.connection.query(
      "DELETE FROM tags WHERE entity_name = $1 AND entity_id = $2", [.text(table.name), .key(id)])
  }

  // MARK: Refusals

  /// What a broken constraint means; its name says which it is.
  private static func violation(
    _ refusal: Refusal, _ entity: StoredEntity, _ table: Table, _ keys: EntityKeys
  ) -> any Error {
    let layout = table.layout
    switch refusal.state {
    case Refusal.uniqueViolation:
      if refusal.constraint == TableColumns.primary(layout) {
        return StoreError.primaryKey(collection: table.name, id: keys.id)
      }
      if !layout.compositeKey.isEmpty, refusal.constraint == TableColumns.composite(layout) {
        return StoreError.unique(collection: table.name, fields: EntityKeys.compositeFields(layout, entity.object))
      }
      for unique in layout.uniqueFields where TableColumns.unique(layout, unique.field) == refusal.constraint {
        return StoreError.unique(
          collection: table.name, fields: [unique.field: entity.object[unique.field] ?? .null])
      }
    case Refusal.foreignViolation:
      for (reference, id) in keys.references where TableColumns.foreign(layout, reference.field) == refusal.constraint {
        return StoreError.foreign(field: reference.field, collection: reference.collection, id: id ?? "")
      }
      return StoreError.foreign(
        field: "ws_id", collection: Workspace.collection, id: entity.workspace?.description ?? "")
    default: break
    }
    return PostgresFault.refused(refusal)
  }

  private func replaceFailure(_ id: String, _ table: Table) throws -> StoreError {
    var arguments = Arguments()
    let condition = "id = \(arguments.bind(.key(id))) AND \(table.alive(self.now, &arguments))"
    let rows = try self.connection.query("SELECT 1 FROM \(table.quoted) WHERE \(condition)", arguments.values)
    return rows.count > 0 ? .conflict(collection: table.name, id: id) : .missing(collection: table.name, id: id)
  }

  // MARK: Deleting

  private func delete(_ id: String, _ table: Table) throws {
    if table.name == Workspace.collection { try self.checkEmpty(workspace: id) }
    for (schema, reference) in table.children {
      let child = try self.tables.table(of: schema)
      if reference.deletion == .restrict, child.layout.hasTTL { try self.deleteExpired(child) }
      let ids = try self.connection.query(
        "SELECT id FROM \(child.quoted) WHERE \(SQLName.quoted(TableColumns.column(reference))) = $1 ORDER BY id"
          + (reference.deletion == .restrict ? " LIMIT 1" : ""), [.key(id)]
      ).keys
      if reference.deletion == .restrict, !ids.isEmpty {
        throw StoreError.referenced(collection: table.name, by: child.name)
      }
      for id in ids { try self.delete(id, child) }
    }
    try self.deleteTags(id, table)
    let deleted: Int
    do {
      deleted = try self.connection.query("DELETE FROM \(table.quoted) WHERE id = $1", [.key(id)]).affected
    } catch PostgresFault.refused(let refusal) where refusal.state == Refusal.foreignViolation {
      // By entities of a plugin that is not enabled on this node.
      throw StoreError.referenced(collection: table.name, by: refusal.table ?? "")
    }
    guard deleted > 0 else { return }
    self.revision += 1
    self.note(id, table)
  }

  /// A workspace with entities stays.
  private func checkEmpty(workspace id: String) throws {
    for table in self.tables.all where table.layout.isWorkspaceable {
      let rows = try self.connection.query("SELECT 1 FROM \(table.quoted) WHERE ws_id = $1 LIMIT 1", [.key(id)])
      if rows.count > 0 { throw StoreError.referenced(collection: Workspace.collection, by: table.name) }
    }
  }

  /// - Returns: how many entities were deleted.
  @discardableResult
  func deleteExpired(_ table: Table) throws -> Int {
    let ids = try self.connection.query(
      "SELECT id FROM \(table.quoted) WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 1000", [.real(self.now)]
    ).keys
    for id in ids { try self.delete(id, table) }
    return ids.count
  }

  /// What has outlived its time must not stand in the way. A refused statement would end the transaction: it is looked
  /// for before.
  private func deleteExpired(inTheWayOf keys: EntityKeys, _ table: Table) throws {
    var arguments = Arguments()
    let now = arguments.bind(.real(self.now))
    var rivals = ["id = \(arguments.bind(.key(keys.id)))"]
    for (unique, value) in keys.uniques {
      rivals.append("\(SQLName.quoted(unique.field)) = \(arguments.bind(.key(value)))")
    }
    if let composite = keys.composite { rivals.append("cache_key = \(arguments.bind(.key(composite)))") }
    let ids = try self.connection.query(
      "SELECT id FROM \(table.quoted) WHERE expires_at <= \(now) AND (\(rivals.joined(separator: " OR ")))",
      arguments.values
    ).keys
    for id in ids { try self.delete(id, table) }
  }
}
