// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonSchema
public import GibbonStore

extension PostgresStore {
  var reader: RowReader { RowReader(difference: self.clock.difference) }

  public func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity? {
    let table = try self.tables.table(of: schema)
    let (now, reader) = (self.clock.now, self.reader)
    return try await self.read { connection in
      var arguments = Arguments()
      let condition = try Self.condition(lookup, table, now, &arguments)
      let rows = try connection.query(
        "SELECT \(RowReader.columns(table)) FROM \(table.quoted) WHERE \(condition) LIMIT 1", arguments.values)
      return rows.count == 0 ? nil : try reader.entity(rows, 0, table)
    }
  }

  public func find(
    _ lookup: EntityLookup, in schema: EntitySchema, with field: String, in parents: EntitySchema
  ) async throws(StoreError) -> (entity: StoredEntity, parent: StoredEntity)? {
    let table = try self.tables.table(of: schema)
    let parents = try self.tables.table(of: parents)
    guard let reference = table.layout.references.first(where: { $0.field == field }) else {
      throw StoreError.failure("\(table.name).\(field) is not a foreign field")
    }
    let (now, reader) = (self.clock.now, self.reader)
    return try await self.read { connection in
      var arguments = Arguments()
      let condition = try Self.condition(lookup, table, now, &arguments)
      let sql = """
        SELECT * FROM (SELECT \(RowReader.columns(table)), \(SQLName.quoted(TableColumns.column(reference))) AS parent \
        FROM \(table.quoted) WHERE \(condition)) e \
        JOIN (SELECT id AS parent_id, \(RowReader.columns(parents)) FROM \(parents.quoted) \
        WHERE \(parents.alive(now, &arguments))) p ON p.parent_id = e.parent LIMIT 1
        """
      let rows = try connection.query(sql, arguments.values)
      guard rows.count > 0 else { return nil }
      // Between the two: the reference and the id.
      let start = RowReader.width(table) + 2
      return (try reader.entity(rows, 0, table), try reader.entity(rows, 0, parents, from: start))
    }
  }

  private static func condition(
    _ lookup: EntityLookup, _ table: Table, _ now: Double, _ arguments: inout Arguments
  ) throws -> String {
    var condition: String
    switch lookup {
    case .id(let id): condition = "id = \(arguments.bind(.key(id)))"
    case .unique(let field, let value, let workspace):
      guard let unique = table.layout.uniqueFields.first(where: { $0.field == field }) else {
        throw StoreError.failure("\(table.name).\(field) is not unique")
      }
      condition = "\(SQLName.quoted(field)) = \(arguments.bind(.key(value)))"
      if !unique.isGlobal, let workspace {
        condition += " AND ws_id = \(arguments.bind(.text(workspace.description)))"
      }
    case .composite(let object, let workspace):
      let key = EntityKeys.composite(table.layout.compositeKey, object, workspace: workspace)
      condition = "cache_key = \(arguments.bind(.key(key)))"
    }
    return "\(condition) AND \(table.alive(now, &arguments))"
  }

  public func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage {
    let table = try self.tables.table(of: schema)
    let (now, reader) = (self.clock.now, self.reader)
    return try await self.read { connection in
      var arguments = Arguments()
      let condition = try Self.condition(request, table, now, &arguments)
      let limit = arguments.bind(.integer(Int64(request.size) + 1))
      let rows = try connection.query(
        "SELECT \(RowReader.columns(table)) FROM \(table.quoted) WHERE \(condition) ORDER BY id LIMIT \(limit)",
        arguments.values)
      var entities = try reader.entities(rows, table)
      guard entities.count > request.size else { return EntityPage(entities, next: nil) }
      entities.removeLast()
      return EntityPage(entities, next: entities.last?.key(schema))
    }
  }

  private static func condition(
    _ request: PageRequest, _ table: Table, _ now: Double, _ arguments: inout Arguments
  ) throws -> String {
    var conditions = [table.alive(now, &arguments)]
    if let after = request.after { conditions.append("id > \(arguments.bind(.key(after)))") }
    if let workspace = request.workspace, table.layout.isWorkspaceable {
      conditions.append("ws_id = \(arguments.bind(.text(workspace.description)))")
    }
    if let parent = request.parent {
      guard let reference = table.layout.references.first(where: { $0.field == parent.field }) else {
        throw StoreError.failure("\(table.name).\(parent.field) is not a foreign field")
      }
      conditions.append("\(SQLName.quoted(TableColumns.column(reference))) = \(arguments.bind(.key(parent.id)))")
    }
    let name = request.tags.map { _ in arguments.bind(.text(table.name)) } ?? ""
    let tagged = "id IN (SELECT entity_id FROM tags WHERE entity_name = \(name) AND tag"
    switch request.tags {
    case .all(let tags):
      for tag in tags { conditions.append("\(tagged) = \(arguments.bind(.key(tag))))") }
    case .any(let tags):
      let list = arguments.bind(.text(Self.list(tags)))
      conditions.append("\(tagged) IN (SELECT json_array_elements_text(\(list)::json)))")
    case nil: break
    }
    return conditions.joined(separator: " AND ")
  }

  /// Rows of one statement of a snapshot, so that none takes long, however many there are.
  private static let snapshotRows: Int64 = 5000

  /// Read where the feed is, so that it goes on from there.
  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    var tables: [Table] = []
    for schema in schemas { tables.append(try self.tables.table(of: schema)) }
    let wanted = tables
    let (now, reader) = (self.clock.now, self.reader)
    let snapshot = try await self.primary.run { connection in
      try connection.reading {
        var rows: [String: [StoredEntity]] = [:]
        for table in wanted { rows[table.name] = try Self.all(table, reader, now, connection) }
        return StoreSnapshot(rows: rows, revision: try Self.revision(connection))
      }
    }
    self.note(snapshot.revision)
    return snapshot
  }

  private static func all(
    _ table: Table, _ reader: RowReader, _ now: Double, _ connection: Connection
  ) throws -> [StoredEntity] {
    var entities: [StoredEntity] = []
    var last = ""
    while true {
      var arguments = Arguments()
      let rows = try connection.query(
        """
        SELECT \(RowReader.columns(table)), id FROM \(table.quoted) WHERE id > \(arguments.bind(.text(last))) \
        AND \(table.alive(now, &arguments)) ORDER BY id LIMIT \(arguments.bind(.integer(Self.snapshotRows)))
        """, arguments.values)
      entities += try reader.entities(rows, table)
      guard rows.count == Self.snapshotRows else { return entities }
      last = rows[rows.count - 1, RowReader.width(table)] ?? ""
    }
  }

  public func tags(_ request: TagRequest) async throws(StoreError) -> TagPage {
    try await self.read { connection in
      var arguments = Arguments()
      var conditions = ["true"]
      if let tag = request.tag { conditions.append("tag = \(arguments.bind(.key(tag)))") }
      if let after = request.after {
        let places = [after.tag, after.collection, after.id].map { arguments.bind(.key($0)) }
        conditions.append("(tag, entity_name, entity_id) > (\(places.joined(separator: ", ")))")
      }
      let sql = """
        SELECT tag, entity_name, entity_id FROM tags WHERE \(conditions.joined(separator: " AND ")) \
        ORDER BY tag, entity_name, entity_id LIMIT \(arguments.bind(.integer(Int64(request.size) + 1)))
        """
      let rows = try connection.query(sql, arguments.values)
      var uses = (0..<rows.count).map { row in
        TagUse(tag: rows.key(row, 0) ?? "", collection: rows.key(row, 1) ?? "", id: rows.key(row, 2) ?? "")
      }
      guard uses.count > request.size else { return TagPage(uses, next: nil) }
      uses.removeLast()
      return TagPage(uses, next: uses.last)
    }
  }
}
