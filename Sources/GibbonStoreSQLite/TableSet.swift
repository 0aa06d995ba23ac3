// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The tables of the collections this gateway knows, with their statements.
struct TableSet: Sendable {
  private let tables: [String: Table]

  init(_ registry: EntityRegistry) {
    var tables: [String: Table] = [:]
    for schema in registry.schemas where schema.name != TagsSchema.collection {
      tables[schema.name] = Table(schema)
    }
    // In the registry's order, so that a deletion always goes the same way.
    for schema in registry.schemas {
      for reference in tables[schema.name]?.layout.references ?? [] {
        tables[reference.collection]?.children.append((schema, reference))
      }
    }
    self.tables = tables
  }

  /// - Throws: for a collection that has no table.
  func table(of schema: EntitySchema) throws(StoreError) -> Table { try self.table(named: schema.name) }

  func table(named name: String) throws(StoreError) -> Table {
    guard let table = self.tables[name] else { throw .failure("there is no collection '\(name)'") }
    return table
  }

  var all: [Table] { self.tables.values.sorted { $0.name < $1.name } }
}

/// One collection's table: `id`, its workspace, a column for each key, and the entity as a JSON document.
struct Table: Sendable {
  let schema: EntitySchema
  let layout: TableLayout
  /// Collections whose entities name entities of this one.
  var children: [(schema: EntitySchema, reference: TableLayout.Reference)] = []
  let insert: String
  let upsert: String
  let replace: String
  /// The condition that leaves out what has outlived its time; one argument: now.
  let isAlive: String

  init(_ schema: EntitySchema) {
    self.schema = schema
    self.layout = TableLayout(schema)
    let columns = TableColumns.names(self.layout)
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    let list = columns.joined(separator: ", ")
    let settings = columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let changes = columns.dropFirst().map { "\($0) = ?" }.joined(separator: ", ")
    self.insert = "INSERT INTO \(schema.name) (\(list)) VALUES (\(places))"
    self.upsert = self.insert + " ON CONFLICT (id) DO UPDATE SET " + settings
    self.isAlive = self.layout.hasTTL ? "(expires_at IS NULL OR expires_at > ?)" : "? IS NOT NULL"
    self.replace = "UPDATE \(schema.name) SET \(changes) WHERE id = ? AND revision = ? AND \(self.isAlive)"
  }

  var name: String { self.schema.name }
}

/// The columns of a table, and the statements that make it.
enum TableColumns {
  /// In the order in which rows are written.
  static func names(_ layout: TableLayout) -> [String] {
    ["id", "ws_id"] + layout.uniqueFields.map(\.field) + layout.references.map { $0.field + "_id" }
      + (layout.compositeKey.isEmpty ? [] : ["cache_key"]) + (layout.hasTTL ? ["expires_at"] : [])
      + ["revision", "document"]
  }

  static func create(_ layout: TableLayout) -> [String] {
    let name = layout.name
    var columns = ["id TEXT PRIMARY KEY NOT NULL"]
    columns.append(layout.isWorkspaceable ? "ws_id TEXT NOT NULL REFERENCES workspaces(id)" : "ws_id TEXT")
    columns += layout.uniqueFields.map { "\($0.field) TEXT" }
    // Deletions are done entity by entity, so that the change feed tells each; the constraint is the safety net.
    columns += layout.references.map { "\($0.field)_id TEXT REFERENCES \($0.collection)(id)" }
    if !layout.compositeKey.isEmpty { columns.append("cache_key TEXT NOT NULL UNIQUE") }
    if layout.hasTTL { columns.append("expires_at REAL") }
    columns += ["revision INTEGER NOT NULL", "document TEXT NOT NULL"]
    var statements = ["CREATE TABLE \(name) (\n  \(columns.joined(separator: ",\n  "))\n)"]
    for unique in layout.uniqueFields {
      // The field first: it is looked up with a workspace and without.
      let scope = unique.isGlobal ? unique.field : "\(unique.field), ws_id"
      statements.append("CREATE UNIQUE INDEX \(name)_\(unique.field) ON \(name) (\(scope))")
    }
    for reference in layout.references {
      statements.append("CREATE INDEX \(name)_\(reference.field) ON \(name) (\(reference.field)_id, id)")
    }
    if layout.hasTTL {
      statements.append("CREATE INDEX \(name)_expires_at ON \(name) (expires_at) WHERE expires_at IS NOT NULL")
    }
    return statements
  }
}
