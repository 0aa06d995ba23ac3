// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import Testing

@testable import GibbonStoreCassandra

@Suite struct WriteBatchesTests {
  private static func write(_ bytes: Int) -> CQLStatement {
    CQLStatement("INSERT", [.text(String(repeating: "x", count: bytes)), .bigint(1)])
  }

  @Test func `writes of one partition are together, however they come`() {
    var batches = WriteBatches()
    let parts = [WriteBatches.Partition(table: "entities", "routes", "1"), .init(table: "entities", "routes", "2")]
    for number in 0..<20 { batches.add(Self.write(10), to: parts[number % 2]) }
    #expect(batches.all.map(\.count) == [10, 10])
  }

  @Test func `texts are told apart byte by byte`() {
    var batches = WriteBatches()
    for key in ["\u{E9}", "e\u{301}"] { batches.add(Self.write(1), to: WriteBatches.Partition(table: "children", key)) }
    #expect(batches.all.map(\.count) == [1, 1])
  }

  @Test func `a batch is neither too many rows nor too many bytes`() {
    let part = WriteBatches.Partition(table: "entities", "routes", "1")
    for (size, partition, most) in [(100, part, 100), (100_000, part, 2), (8 << 20, part, 1)] {
      var batches = WriteBatches()
      for _ in 0..<500 { batches.add(Self.write(min(size, 1 << 20)), to: partition) }
      #expect(batches.all.reduce(0) { $0 + $1.count } == 500)
      #expect(batches.all.map(\.count).max() == most)
    }
  }

  /// The server warns of more than ten partitions, and of more than 5 KB.
  @Test func `of several partitions, few are together`() {
    for (size, most) in [(50, 10), (1500, 2), (8192, 1)] {
      var batches = WriteBatches()
      for _ in 0..<100 { batches.add(Self.write(size), to: nil) }
      #expect(batches.all.reduce(0) { $0 + $1.count } == 100)
      #expect(batches.all.map(\.count).max() == most)
    }
  }

  @Test(arguments: [(1, 1), (9, 1), (10, 1), (11, 2), (100, 10), (1000, 16)])
  func `as many parts are read as are likely to be needed`(wanted: Int, parts: Int) {
    var fill = ShardFill(isWhole: true)
    #expect(fill.shards(for: wanted) == 1)
    fill.add(10)
    #expect(Int(fill.shards(for: wanted)) == parts)
    // What is left of a part says nothing of the others.
    var late = ShardFill(isWhole: false)
    late.add(0)
    #expect(late.shards(for: wanted) == 1)
    late.add(10)
    #expect(Int(late.shards(for: wanted)) == parts)
    var empty = ShardFill(isWhole: true)
    empty.add(0)
    for wanted in [Int.min, 0, .max] { #expect((1...Shard.count).contains(empty.shards(for: wanted))) }
  }
}
