// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is asked of a cluster: one statement, or several as a batch.
enum Operation: Sendable {
  case statement(CQLStatement)
  case batch([CQLStatement], CQLBatchKind)

  /// The one that speaks for all.
  var first: CQLStatement? {
    switch self {
    case .statement(let statement): statement
    case .batch(let statements, _): statements.first
    }
  }

  var isRead: Bool {
    if case .statement(let statement) = self { statement.isRead } else { false }
  }

  /// Whether it does no harm to do it twice.
  var isIdempotent: Bool { self.isRead || self.first?.isIdempotent == true }

  /// All texts that are to be prepared.
  var texts: [String] {
    switch self {
    case .statement(let statement): statement.isPrepared ? [statement.text] : []
    case .batch(let statements, _): Array(Set(statements.filter(\.isPrepared).map(\.text)))
    }
  }
}

extension CQLStatement {
  var isRead: Bool {
    let word = self.text.utf8.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }.prefix(6)
    return word.elementsEqual("select".utf8) { $0 | 0x20 == $1 }
  }

  func options(_ settings: CQLSettings) -> QueryOptions {
    QueryOptions(
      consistency: self.consistency ?? (self.isRead ? settings.readConsistency : settings.writeConsistency),
      serialConsistency: self.serialConsistency,
      pageSize: self.pageSize ?? (self.isRead ? settings.pageSize : nil), pagingState: self.pagingState,
      timestamp: self.timestamp)
  }
}
