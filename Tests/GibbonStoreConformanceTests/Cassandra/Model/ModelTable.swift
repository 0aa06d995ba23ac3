// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL

/// A table as Cassandra keeps it: cells with times, of which the latest counts, whatever the order of writes, and a
/// deletion that goes before a write of the same time.
struct ModelTable {
  private struct Cell {
    let value: CQLValue
    let timestamp: Int64
  }

  private struct Row {
    var key: [String: CQLValue]
    var cells: [String: Cell] = [:]
    /// Of the row itself, which may have no other cells.
    var insertedAt = Int64.min
    var deletedAt = Int64.min

    func value(_ column: String) -> CQLValue? {
      if let value = self.key[column] { return value }
      guard let cell = self.cells[column], cell.timestamp > self.deletedAt else { return nil }
      return cell.value
    }

    var isThere: Bool {
      self.insertedAt > self.deletedAt
        || self.cells.values.contains { $0.timestamp > self.deletedAt && $0.value != .null }
    }
  }

  let columns: [String]
  let partitionKey: [String]
  let clustering: [String]
  /// By partition key, then by the rest of the key.
  private var partitions: [[CQLValue]: [[CQLValue]: Row]] = [:]

  init(_ statement: ModelStatement) {
    self.columns = statement.columns
    self.partitionKey = statement.partitionKey
    self.clustering = statement.clustering
  }

  // MARK: Comparing

  /// Texts byte by byte.
  private static func exact(_ value: CQLValue) -> CQLValue {
    if case .text(let text) = value { return .blob(Array(text.utf8)) }
    if case .int(let number) = value { return .bigint(Int64(number)) }
    return value
  }

  private static func isBefore(_ left: CQLValue, _ right: CQLValue) -> Bool? {
    switch (self.exact(left), self.exact(right)) {
    case (.blob(let left), .blob(let right)): left == right ? nil : left.lexicographicallyPrecedes(right)
    case (.bigint(let left), .bigint(let right)): left == right ? nil : left < right
    case (.double(let left), .double(let right)): left == right ? nil : left < right
    case (.uuid(let left), .uuid(let right)): left == right ? nil : left < right
    default: nil
    }
  }

  private static func isBefore(_ left: [CQLValue], _ right: [CQLValue]) -> Bool? {
    for (left, right) in zip(left, right) { if let isBefore = self.isBefore(left, right) { return isBefore } }
    return nil
  }

  private static func holds(_ condition: ModelStatement.Condition, _ row: Row) -> Bool {
    let found = condition.columns.map { row.value($0) ?? .null }
    switch condition.comparison {
    case "=": return found.map(self.exact) == condition.values.map(self.exact)
    case "IN": return condition.listed.map(self.exact).contains(self.exact(found[0]))
    case ">": return self.isBefore(condition.values, found) == true
    case "<=": return self.isBefore(condition.values, found) != true
    default: return false
    }
  }

  // MARK: Reading

  func select(_ statement: ModelStatement) throws(CQLError) -> CQLRows {
    let given = Set(statement.conditions.filter { ["=", "IN"].contains($0.comparison) }.flatMap(\.columns))
    guard statement.conditions.isEmpty || given.isSuperset(of: self.partitionKey) else {
      throw .refused(code: 0x2200, "the partition key is not given")
    }
    let order = self.partitionKey + self.clustering
    let place = self.partitionKey.compactMap { name in
      statement.conditions.first { $0.columns == [name] && $0.comparison == "=" }?.values.first.map(Self.exact)
    }
    let candidates =
      place.count == self.partitionKey.count
      ? self.partitions[place].map { Array($0.values) } ?? [] : self.partitions.values.flatMap(\.values)
    let found = candidates.filter { row in
      row.isThere && statement.conditions.allSatisfy { Self.holds($0, row) }
    }
    let sorted = found.sorted { left, right in
      Self.isBefore(order.map { left.key[$0] ?? .null }, order.map { right.key[$0] ?? .null }) == true
    }
    let rows = sorted.prefix(statement.limit).map { row in statement.columns.map { row.value($0) ?? .null } }
    return CQLRows(columns: statement.columns, rows: rows)
  }

  // MARK: Writing

  /// - Returns: what stands there, where a condition does not hold.
  mutating func write(_ statement: ModelStatement, at now: Int64) -> CQLRows {
    let timestamp = statement.timestamp ?? now
    if statement.kind == .delete, !statement.conditions.flatMap(\.columns).contains(where: self.clustering.contains) {
      return self.deletePartition(statement, timestamp)
    }
    var key: [String: CQLValue] = [:]
    for name in self.partitionKey + self.clustering {
      key[name] = statement.assigned[name] ?? statement.conditions.first { $0.columns == [name] }?.values.first
    }
    let partition = self.partitionKey.map { Self.exact(key[$0] ?? .null) }
    let place = self.clustering.map { Self.exact(key[$0] ?? .null) }
    var row = self.partitions[partition]?[place] ?? Row(key: key)
    let isConditional = statement.isIfNotExists || !statement.expected.isEmpty
    if isConditional {
      let holds =
        statement.isIfNotExists ? !row.isThere : row.isThere && statement.expected.allSatisfy { Self.holds($0, row) }
      guard holds else {
        let there = row.isThere ? self.columns.map { row.value($0) ?? .null } : []
        return CQLRows(
          columns: ["[applied]"] + (row.isThere ? self.columns : []), rows: [[.boolean(false)] + there])
      }
    }
    if statement.kind == .delete {
      row.deletedAt = max(row.deletedAt, timestamp)
    } else {
      if statement.kind == .insert { row.insertedAt = max(row.insertedAt, timestamp) }
      for (name, value) in statement.assigned where key[name] == nil {
        if row.cells[name].map({ $0.timestamp <= timestamp }) ?? true {
          row.cells[name] = Cell(value: value, timestamp: timestamp)
        }
      }
    }
    self.partitions[partition, default: [:]][place] = row
    return isConditional ? CQLRows(columns: ["[applied]"], rows: [[.boolean(true)]]) : CQLRows()
  }

  private mutating func deletePartition(_ statement: ModelStatement, _ timestamp: Int64) -> CQLRows {
    let partition = self.partitionKey.map { name in
      Self.exact(statement.conditions.first { $0.columns == [name] }?.values.first ?? .null)
    }
    for (place, row) in self.partitions[partition] ?? [:] {
      guard statement.expected.allSatisfy({ Self.holds($0, row) }) else {
        return CQLRows(columns: ["[applied]"], rows: [[.boolean(false)]])
      }
      self.partitions[partition]?[place]?.deletedAt = max(row.deletedAt, timestamp)
    }
    return CQLRows(columns: ["[applied]"], rows: [[.boolean(true)]])
  }
}
