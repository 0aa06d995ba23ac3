// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore

extension SQLiteStore {
  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    let tables = self.tables
    let now = self.now()
    return try await self.queue.run(cost: writes.count) { database in
      for write in writes { try WriteRun(database, tables, now).apply(write) }
      return try Self.revision(database)
    }
  }
}

/// One write inside a transaction.
struct WriteRun {
  let database: Database
  let tables: TableSet
  let now: Double

  init(_ database: Database, _ tables: TableSet, _ now: Double) {
    self.database = database
    self.tables = tables
    self.now = now
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

  // MARK: Storing

  private func store(_ entity: StoredEntity, _ table: Table, _ sql: String, matching revision: Revision?) throws {
    let keys = EntityKeys(entity, table.layout, table.schema)
    try self.database.cachedStatement(
      sql: "INSERT INTO changes (entity_name, entity_id, changed_at) VALUES (?, ?, ?)"
    ).execute(arguments: [table.name, keys.id, self.now])
    var values: [(any DatabaseValueConvertible)?] = [keys.id, entity.workspace?.description]
    values += keys.uniques.map(\.value)
    values += keys.references.map(\.id)
    if let composite = keys.composite { values.append(composite) }
    if table.layout.hasTTL { values.append(entity.expiresAt) }
    values += [
      self.database.lastInsertedRowID,
      String(decoding: JSONValue.object(entity.object).serialized(), as: UTF8.self),
    ]
    var arguments = StatementArguments(values)
    if let revision { arguments = StatementArguments(values.dropFirst()) + [keys.id, revision, self.now] }
    try self.execute(sql, arguments, entity, table, keys)
    if let revision, self.database.changesCount == 0 { throw self.replaceFailure(keys.id, table, revision) }
    try self.writeTags(keys, table, isNew: sql == table.insert)
  }

  private func execute(
    _ sql: String, _ arguments: StatementArguments, _ entity: StoredEntity, _ table: Table, _ keys: EntityKeys
  ) throws {
    do {
      try self.database.cachedStatement(sql: sql).execute(arguments: arguments)
    } catch let error as DatabaseError {
      // What has outlived its time must not stand in the way.
      if error.resultCode == .SQLITE_CONSTRAINT, table.layout.hasTTL, try self.deleteExpired(table) > 0 {
        return try self.execute(sql, arguments, entity, table, keys)
      }
      throw try self.violation(error, entity, table, keys)
    }
  }

  private func writeTags(_ keys: EntityKeys, _ table: Table, isNew: Bool) throws {
    if !isNew { try self.deleteTags(keys.id, table) }
    for tag in keys.tags {
      try self.database.cachedStatement(
        sql: "INSERT OR IGNORE INTO tags (tag, entity_name, entity_id) VALUES (?, ?, ?)"
      ).execute(arguments: [tag, table.name, keys.id])
    }
  }

  private func deleteTags(_ id: String, _ table: Table) throws {
    try self.database.cachedStatement(sql: "DELETE FROM tags WHERE entity_name = ? AND entity_id = ?")
      .execute(arguments: [table.name, id])
  }

  // MARK: Refusals

  /// What a broken constraint means.
  private func violation(
    _ error: DatabaseError, _ entity: StoredEntity, _ table: Table, _ keys: EntityKeys
  ) throws -> any Error {
    switch error.extendedResultCode {
    case .SQLITE_CONSTRAINT_PRIMARYKEY: return StoreError.primaryKey(collection: table.name, id: keys.id)
    case .SQLITE_CONSTRAINT_UNIQUE:
      let column = Self.column(of: error)
      if column == "id" { return StoreError.primaryKey(collection: table.name, id: keys.id) }
      if column == "cache_key" {
        return StoreError.unique(
          collection: table.name, fields: EntityKeys.compositeFields(table.layout, entity.object))
      }
      return StoreError.unique(collection: table.name, fields: [column: entity.object[column] ?? .null])
    case .SQLITE_CONSTRAINT_FOREIGNKEY:
      for case (let reference, let id?) in keys.references where try !self.exists(id, in: reference.collection) {
        return StoreError.foreign(field: reference.field, collection: reference.collection, id: id)
      }
      return StoreError.foreign(field: "ws_id", collection: "workspaces", id: entity.workspace?.description ?? "")
    default: return error
    }
  }

  /// SQLite names the columns: `UNIQUE constraint failed: routes.name, routes.ws_id`.
  private static func column(of error: DatabaseError) -> String {
    let list = error.message?.split(separator: ": ").last ?? ""
    let columns = list.split(separator: ",").compactMap { $0.split(separator: ".").last.map(String.init) }
    return columns.first { $0 != "ws_id" } ?? ""
  }

  private func replaceFailure(_ id: String, _ table: Table, _ revision: Revision) -> StoreError {
    (try? SQLiteStore.find(.id(id), table, self.now, self.database)) != nil
      ? .conflict(collection: table.name, id: id) : .missing(collection: table.name, id: id)
  }

  private func exists(_ id: String, in collection: String) throws -> Bool {
    try Bool.fetchOne(
      self.database, sql: "SELECT EXISTS (SELECT 1 FROM \(try self.tables.table(named: collection).name) WHERE id = ?)",
      arguments: [id]) ?? false
  }

  // MARK: Deleting

  private func delete(_ id: String, _ table: Table) throws {
    if table.name == Workspace.collection { try self.checkEmpty(workspace: id) }
    for (schema, reference) in table.children {
      let child = try self.tables.table(of: schema)
      if reference.deletion == .restrict, child.layout.hasTTL { try self.deleteExpired(child) }
      let ids = try String.fetchAll(
        try self.database.cachedStatement(
          sql: "SELECT id FROM \(child.name) WHERE \(reference.field)_id = ?"
            + (reference.deletion == .restrict ? " LIMIT 1" : "")), arguments: [id])
      if reference.deletion == .restrict, !ids.isEmpty {
        throw StoreError.referenced(collection: table.name, by: child.name)
      }
      for id in ids { try self.delete(id, child) }
    }
    try self.deleteTags(id, table)
    try self.database.cachedStatement(sql: "DELETE FROM \(table.name) WHERE id = ?").execute(arguments: [id])
    guard self.database.changesCount > 0 else { return }
    try self.database.cachedStatement(
      sql: "INSERT INTO changes (entity_name, entity_id, changed_at) VALUES (?, ?, ?)"
    ).execute(arguments: [table.name, id, self.now])
  }

  /// A workspace with entities stays.
  private func checkEmpty(workspace id: String) throws {
    for table in self.tables.all where table.layout.isWorkspaceable {
      let sql = "SELECT EXISTS (SELECT 1 FROM \(table.name) WHERE ws_id = ?)"
      if try Bool.fetchOne(self.database, sql: sql, arguments: [id]) == true {
        throw StoreError.referenced(collection: Workspace.collection, by: table.name)
      }
    }
  }

  /// - Returns: how many entities were deleted.
  @discardableResult
  func deleteExpired(_ table: Table) throws -> Int {
    let ids = try String.fetchAll(
      self.database, sql: "SELECT id FROM \(table.name) WHERE expires_at <= ? LIMIT 1000", arguments: [self.now])
    for id in ids { try self.delete(id, table) }
    return ids.count
  }
}
