// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// The columns of a table, and the statements that make it.
///
/// Texts are compared and ordered byte by byte, as every store does it, and not by the language of the database.
enum TableColumns {
  /// In the order in which rows are written.
  static func names(_ layout: TableLayout) -> [String] {
    ["id", "ws_id"] + layout.uniqueFields.map(\.field) + layout.references.map { Self.column($0) }
      + (layout.compositeKey.isEmpty ? [] : ["cache_key"]) + (layout.hasTTL ? ["expires_at"] : [])
      + ["revision", "document"]
  }

  static func column(_ reference: TableLayout.Reference) -> String { reference.field + "_id" }

  // MARK: Names of constraints, by which a refusal says what it is about

  /// Longer names are cut by the server.
  private static let nameLength = 63

  private static func name(_ layout: TableLayout, _ what: String) -> String {
    String("\(layout.name)_\(what)".prefix(Self.nameLength))
  }

  static func primary(_ layout: TableLayout) -> String { Self.name(layout, "pkey") }
  static func composite(_ layout: TableLayout) -> String { Self.name(layout, "cache_key") }
  static func unique(_ layout: TableLayout, _ field: String) -> String { Self.name(layout, "\(field)_unique") }
  static func foreign(_ layout: TableLayout, _ field: String) -> String { Self.name(layout, "\(field)_reference") }

  // MARK: Making a table

  private static let text = "text COLLATE \"C\""

  static func create(_ layout: TableLayout) -> [String] {
    let table = SQLName.quoted(layout.name)
    func constraint(_ name: String) -> String { "CONSTRAINT \(SQLName.quoted(name))" }
    var columns = ["id \(Self.text) NOT NULL \(constraint(Self.primary(layout))) PRIMARY KEY"]
    columns.append(
      layout.isWorkspaceable
        ? "ws_id \(Self.text) NOT NULL \(constraint(Self.foreign(layout, "ws"))) REFERENCES workspaces (id)"
        : "ws_id \(Self.text)")
    columns += layout.uniqueFields.map { "\(SQLName.quoted($0.field)) \(Self.text)" }
    // Deletions are done entity by entity, so that the change feed tells each; the constraint is the safety net.
    columns += layout.references.map { reference in
      "\(SQLName.quoted(Self.column(reference))) \(Self.text) \(constraint(Self.foreign(layout, reference.field))) "
        + "REFERENCES \(SQLName.quoted(reference.collection)) (id)"
    }
    if !layout.compositeKey.isEmpty {
      columns.append("cache_key \(Self.text) NOT NULL \(constraint(Self.composite(layout))) UNIQUE")
    }
    if layout.hasTTL { columns.append("expires_at double precision") }
    // `json` keeps a document as it is written; `jsonb` would change its order and its numbers.
    columns += ["revision bigint NOT NULL", "document json NOT NULL"]
    var statements = ["CREATE TABLE \(table) (\n  \(columns.joined(separator: ",\n  "))\n)"]
    for unique in layout.uniqueFields {
      // The field first: it is looked up with a workspace and without.
      let field = SQLName.quoted(unique.field)
      let name = SQLName.quoted(Self.unique(layout, unique.field))
      statements.append("CREATE UNIQUE INDEX \(name) ON \(table) (\(unique.isGlobal ? field : field + ", ws_id"))")
    }
    for reference in layout.references {
      let name = SQLName.quoted(Self.name(layout, reference.field))
      statements.append("CREATE INDEX \(name) ON \(table) (\(SQLName.quoted(Self.column(reference))), id)")
    }
    if layout.hasTTL {
      let name = SQLName.quoted(Self.name(layout, "expires_at"))
      statements.append("CREATE INDEX \(name) ON \(table) (expires_at) WHERE expires_at IS NOT NULL")
    }
    return statements
  }
}
