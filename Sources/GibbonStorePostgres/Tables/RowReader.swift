// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema
internal import GibbonStore

/// Rows as entities.
struct RowReader {
  /// Seconds that the database's clock is ahead of this node's, by which its entities end.
  let difference: Double

  static func columns(_ table: Table) -> String {
    "document, ws_id, revision" + (table.layout.hasTTL ? ", expires_at" : "")
  }

  /// How many columns these are.
  static func width(_ table: Table) -> Int { table.layout.hasTTL ? 4 : 3 }

  /// - Parameter start: the first of the columns.
  func entity(_ rows: Rows, _ row: Int, _ table: Table, from start: Int = 0) throws -> StoredEntity {
    let text = rows[row, start] ?? ""
    guard case .success(.object(let object)) = JSONParser.parse(text) else {
      throw StoreError.failure("\(table.name): a document cannot be read: \(text.prefix(80))")
    }
    let end = table.layout.hasTTL ? rows.real(row, start + 3) : nil
    return StoredEntity(
      object, workspace: rows.key(row, start + 1).flatMap { EntityID($0) }, revision: rows.integer(row, start + 2) ?? 0,
      expiresAt: end.map { $0 - self.difference })
  }

  func entities(_ rows: Rows, _ table: Table, from start: Int = 0) throws -> [StoredEntity] {
    try (0..<rows.count).map { try self.entity(rows, $0, table, from: start) }
  }
}
