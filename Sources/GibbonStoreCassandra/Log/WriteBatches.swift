// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonStore

/// Puts writes together into batches. Those of one partition are one mutation for the server, however many they are;
/// of several partitions, it warns of more than ten or 5 KB, and refuses 50 KB.
struct WriteBatches {
  struct Partition: Hashable {
    let table: String
    /// Told apart byte by byte.
    let key: [ExactText]

    init(table: String, _ key: String...) {
      self.table = table
      self.key = key.map(ExactText.init)
    }
  }

  private struct Limit {
    let rows: Int
    let bytes: Int
  }

  private static let ofOnePartition = Limit(rows: 100, bytes: 256 * 1024)
  private static let ofSeveral = Limit(rows: 10, bytes: 4096)
  /// Of a row, besides its values.
  private static let rowBytes = 64

  private(set) var all: [[CQLStatement]] = []
  /// The batch that the next write of a partition goes to: its index, and the bytes that are in it.
  private var open: [Partition?: (index: Int, bytes: Int)] = [:]

  /// - Parameter partition: nil for a write that shares its partition with no other.
  mutating func add(_ statement: CQLStatement, to partition: Partition?) {
    let limit = partition == nil ? Self.ofSeveral : Self.ofOnePartition
    let bytes = statement.values.reduce(Self.rowBytes) { $0 + $1.size }
    if let (index, used) = self.open[partition], used + bytes <= limit.bytes, self.all[index].count < limit.rows {
      self.all[index].append(statement)
      self.open[partition] = (index, used + bytes)
    } else {
      self.open[partition] = (self.all.count, bytes)
      self.all.append([statement])
    }
  }
}

extension CQLValue {
  /// Bytes, about.
  fileprivate var size: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .blob(let bytes): bytes.count
    default: 16
    }
  }
}
