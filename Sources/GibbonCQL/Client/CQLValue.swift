// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A value of a column or a bind marker, in the types that Gibbon uses.
public enum CQLValue: Sendable, Hashable {
  case null
  /// Leaves the column as it is (protocol v4 and later; v3 knows no such thing and gets an error before sending).
  case unset
  case text(String)
  case bigint(Int64)
  case int(Int32)
  case double(Double)
  case boolean(Bool)
  case blob([UInt8])
  case uuid(EntityID)
  /// A `list<text>` or `set<text>`.
  case texts([String])
}

/// The answer to a statement: rows, or whether a condition held.
public struct CQLRows: Sendable {
  public let columns: [String]
  public let rows: [[CQLValue]]
  /// Where to go on; nil at the end.
  public let pagingState: [UInt8]?

  public init(columns: [String] = [], rows: [[CQLValue]] = [], pagingState: [UInt8]? = nil) {
    self.columns = columns
    self.rows = rows
    self.pagingState = pagingState
  }
}
