// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension CQLRows {
  /// Whether the condition of a statement with `IF` held; true for an answer that speaks of none.
  public var wasApplied: Bool {
    guard let column = self.columns.firstIndex(of: "[applied]"), let row = self.rows.first, column < row.count else {
      return true
    }
    return row[column] == .boolean(true)
  }

  /// The value of a column by its name; nil if there is none.
  public func value(_ column: String, row: Int = 0) -> CQLValue? {
    guard let index = self.columns.firstIndex(of: column), self.rows.indices.contains(row),
      self.rows[row].indices.contains(index)
    else { return nil }
    return self.rows[row][index]
  }
}
