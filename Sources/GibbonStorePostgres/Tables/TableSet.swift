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
  /// Its values are those of the columns but for the id, then the id, the revision, and now where there is an end.
  let replace: String
  /// The quoted name.
  let quoted: String

  init(_ schema: EntitySchema) {
    self.schema = schema
    self.layout = TableLayout(schema)
    self.quoted = SQLName.quoted(schema.name)
    let columns = TableColumns.names(self.layout).map(SQLName.quoted)
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let list = columns.joined(separator: ", ")
    let settings = columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let changes = columns.dropFirst().enumerated().map { "\($1) = $\($0 + 1)" }.joined(separator: ", ")
    let count = columns.count
    self.insert = "INSERT INTO \(self.quoted) (\(list)) VALUES (\(places))"
    self.upsert = self.insert + " ON CONFLICT (id) DO UPDATE SET " + settings
    let alive = self.layout.hasTTL ? " AND (expires_at IS NULL OR expires_at > $\(count + 2))" : ""
    self.replace =
      "UPDATE \(self.quoted) SET \(changes) WHERE id = $\(count) AND revision = $\(count + 1)" + alive
  }

  var name: String { self.schema.name }

  /// The condition that leaves out what has outlived its time.
  func alive(_ now: Double, _ arguments: inout Arguments) -> String {
    self.layout.hasTTL ? "(expires_at IS NULL OR expires_at > \(arguments.bind(.real(now))))" : "true"
  }
}

/// Names in statements.
enum SQLName {
  static func quoted(_ name: String) -> String {
    "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
