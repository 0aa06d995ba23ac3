// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

@Suite struct StreamTableTests {
  private func waiting(_ answered: StreamTable<Int>.Answered) -> Int? {
    if case .to(let waiting) = answered { waiting } else { nil }
  }

  @Test func `answers go to those who asked, in any order`() {
    var table = StreamTable<Int>()
    let ids = (0..<3).compactMap { table.add($0) }
    #expect(ids == [0, 1, 2])
    #expect(self.waiting(table.answer(2)) == 2)
    #expect(self.waiting(table.answer(0)) == 0)
    #expect(table.add(7) == 0)
    #expect(self.waiting(table.answer(0)) == 7)
    #expect(!table.isEmpty)
    #expect(self.waiting(table.answer(1)) == 1)
    #expect(table.isEmpty)
  }

  @Test func `a stream is not used again before its late answer has come`() {
    var table = StreamTable<Int>()
    #expect(table.add(1) == 0)
    #expect(table.abandon(0) == 1)
    #expect(table.abandon(0) == nil)
    #expect(table.abandonedCount == 1 && table.isEmpty)
    #expect(table.add(2) == 1)
    guard case .toNobody = table.answer(0) else {
      Issue.record("somebody got it")
      return
    }
    #expect(table.add(3) == 0)
  }

  @Test func `streams are limited, and unknown ones are told`() {
    var table = StreamTable<Int>()
    for number in 0..<StreamTable<Int>.limit { #expect(table.add(number) != nil) }
    #expect(table.add(-1) == nil)
    guard case .unknown = table.answer(Int16.max), case .unknown = table.answer(-1) else {
      Issue.record("an answer to nothing")
      return
    }
    #expect(table.removeAll().count == StreamTable<Int>.limit)
    #expect(table.add(0) == 0)
  }

  @Test func `prepared statements are limited, and the newest stay`() {
    var prepared = PreparedStatements()
    for number in 0..<5_000 { prepared.insert(PreparedID(id: [UInt8(number & 0xFF)]), "\(number)") }
    #expect(prepared["4999"] != nil)
    #expect(prepared["0"] == nil)
    #expect((0..<5_000).count { prepared["\($0)"] != nil } <= PreparedStatements.limit)
    prepared.remove("4999")
    prepared.remove("4999")
    #expect(prepared["4999"] == nil)
  }
}
