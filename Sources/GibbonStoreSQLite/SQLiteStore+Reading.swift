// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
internal import GibbonCore
public import GibbonSchema
public import GibbonStore

extension SQLiteStore {
  public func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity? {
    let table = try self.tables.table(of: schema)
    let now = self.now()
    return try await self.read { try Self.find(lookup, table, now, $0) }
  }

  static func find(_ lookup: EntityLookup, _ table: Table, _ now: Double, _ database: Database) throws -> StoredEntity?
  {
    let (condition, arguments) = try Self.condition(lookup, table, now)
    let sql = "SELECT \(RowReader.columns(table)) FROM \(table.name) WHERE \(condition)"
    return try Row.fetchOne(try database.cachedStatement(sql: sql), arguments: arguments).map {
      try RowReader.entity($0, table)
    }
  }

  public func find(
    _ lookup: EntityLookup, in schema: EntitySchema, with field: String, in parents: EntitySchema
  ) async throws(StoreError) -> (entity: StoredEntity, parent: StoredEntity)? {
    let table = try self.tables.table(of: schema)
    let parents = try self.tables.table(of: parents)
    guard table.layout.references.contains(where: { $0.field == field }) else {
      throw StoreError.failure("\(table.name).\(field) is not a foreign field")
    }
    let now = self.now()
    return try await self.read { database in
      let (condition, arguments) = try Self.condition(lookup, table, now)
      let sql = """
        SELECT * FROM (SELECT \(RowReader.columns(table)), \(field)_id AS parent FROM \(table.name) \
        WHERE \(condition)) \
        JOIN (SELECT id, \(RowReader.columns(parents)) FROM \(parents.name) WHERE \(parents.isAlive)) ON id = parent
        """
      return try Row.fetchOne(try database.cachedStatement(sql: sql), arguments: arguments + [now]).map { row in
        // Between the two: the reference and the id.
        let start = RowReader.width(table) + 2
        return (try RowReader.entity(row, table), try RowReader.entity(row, parents, from: start))
      }
    }
  }

  private static func condition(
    _ lookup: EntityLookup, _ table: Table, _ now: Double
  ) throws -> (String, StatementArguments) {
    let condition: String
    var arguments: StatementArguments
    switch lookup {
    case .id(let id):
      condition = "id = ?"
      arguments = [id]
    case .unique(let field, let value, let workspace):
      guard let unique = table.layout.uniqueFields.first(where: { $0.field == field }) else {
        throw StoreError.failure("\(table.name).\(field) is not unique")
      }
      condition = unique.isGlobal || workspace == nil ? "\(field) = ?" : "\(field) = ? AND ws_id = ?"
      arguments = [value]
      if !unique.isGlobal, let workspace { arguments += [workspace.description] }
    case .composite(let object, let workspace):
      condition = "cache_key = ?"
      arguments = [EntityKeys.composite(table.layout.compositeKey, object, workspace: workspace)]
    }
    return ("\(condition) AND \(table.isAlive)", arguments + [now])
  }

  public func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage {
    let table = try self.tables.table(of: schema)
    let now = self.now()
    return try await self.read { database in
      let (condition, arguments) = try Self.condition(request, table, now)
      let sql = "SELECT \(RowReader.columns(table)) FROM \(table.name) WHERE \(condition) ORDER BY id LIMIT ?"
      let rows = try Row.fetchCursor(
        try database.cachedStatement(sql: sql), arguments: arguments + [request.size + 1])
      var entities: [StoredEntity] = []
      while let row = try rows.next() { entities.append(try RowReader.entity(row, table)) }
      guard entities.count > request.size else { return EntityPage(entities, next: nil) }
      entities.removeLast()
      return EntityPage(entities, next: entities.last?.key(schema))
    }
  }

  private static func condition(
    _ request: PageRequest, _ table: Table, _ now: Double
  ) throws -> (String, StatementArguments) {
    var conditions = [table.isAlive]
    var arguments: StatementArguments = [now]
    if let after = request.after {
      conditions.append("id > ?")
      arguments += [after]
    }
    if let workspace = request.workspace, table.layout.isWorkspaceable {
      conditions.append("ws_id = ?")
      arguments += [workspace.description]
    }
    if let parent = request.parent {
      guard table.layout.references.contains(where: { $0.field == parent.field }) else {
        throw StoreError.failure("\(table.name).\(parent.field) is not a foreign field")
      }
      conditions.append("\(parent.field)_id = ?")
      arguments += [parent.id]
    }
    let tagged = "id IN (SELECT entity_id FROM tags WHERE entity_name = ? AND tag IN"
    switch request.tags {
    case .all(let tags):
      for tag in tags {
        conditions.append("\(tagged) (?))")
        arguments += [table.name, tag]
      }
    case .any(let tags):
      conditions.append("\(tagged) (\(tags.map { _ in "?" }.joined(separator: ", "))))")
      arguments += [table.name] + StatementArguments(tags)
    case nil: break
    }
    return (conditions.joined(separator: " AND "), arguments)
  }

  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    var tables: [Table] = []
    for schema in schemas { tables.append(try self.tables.table(of: schema)) }
    let wanted = tables
    let now = self.now()
    return try await self.read { database in
      var rows: [String: [StoredEntity]] = [:]
      for table in wanted {
        let sql = "SELECT \(RowReader.columns(table)) FROM \(table.name) WHERE \(table.isAlive)"
        let cursor = try Row.fetchCursor(database, sql: sql, arguments: [now])
        var entities: [StoredEntity] = []
        while let row = try cursor.next() { entities.append(try RowReader.entity(row, table)) }
        rows[table.name] = entities
      }
      return StoreSnapshot(rows: rows, revision: try Self.revision(database))
    }
  }

  public func tags(_ request: TagRequest) async throws(StoreError) -> TagPage {
    try await self.read { database in
      var conditions = ["1 = 1"]
      var arguments = StatementArguments()
      if let tag = request.tag {
        conditions.append("tag = ?")
        arguments += [tag]
      }
      if let after = request.after {
        conditions.append("(tag, entity_name, entity_id) > (?, ?, ?)")
        arguments += [after.tag, after.collection, after.id]
      }
      let sql = """
        SELECT tag, entity_name, entity_id FROM tags WHERE \(conditions.joined(separator: " AND ")) \
        ORDER BY tag, entity_name, entity_id LIMIT ?
        """
      var uses = try Row.fetchAll(database, sql: sql, arguments: arguments + [request.size + 1]).map {
        TagUse(tag: $0[0], collection: $0[1], id: $0[2])
      }
      guard uses.count > request.size else { return TagPage(uses, next: nil) }
      uses.removeLast()
      return TagPage(uses, next: uses.last)
    }
  }
}

/// Rows as entities.
enum RowReader {
  static func columns(_ table: Table) -> String {
    "document, ws_id, revision" + (table.layout.hasTTL ? ", expires_at" : "")
  }

  /// How many columns these are.
  static func width(_ table: Table) -> Int { table.layout.hasTTL ? 4 : 3 }

  /// - Parameter start: the first of the columns.
  static func entity(_ row: Row, _ table: Table, from start: Int = 0) throws -> StoredEntity {
    let text: String = row[start]
    guard case .success(.object(let object)) = JSONParser.parse(text) else {
      throw StoreError.failure("\(table.name): a document cannot be read: \(text.prefix(80))")
    }
    let workspace: String? = row[start + 1]
    return StoredEntity(
      object, workspace: workspace.flatMap { .init($0) }, revision: row[start + 2],
      expiresAt: table.layout.hasTTL ? row[start + 3] : nil)
  }
}
