// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonHTTP2

/// The dynamic table of a decoder: sizes, eviction, limits (RFC 7541, sections 2.3.2 and 4).
@Suite struct HPACKTableTests {
  @Test func theOldestAreEvicted() throws {
    // Each of these has 34 bytes.
    var reader = BlockReader(tableLimit: 102)
    for name in ["a", "b", "c", "d"] { _ = try reader.read(literal(name, "1", first: 0x40)) }
    #expect(reader.decoder.table.size == 102)
    #expect(try reader.read([0xBE, 0xBF, 0xC0]).fields.map(\.name) == ["d", "c", "b"])
    #expect(reader.error([0xC1]) == .invalidIndex)
  }

  @Test func anEntryOfJustTheLimitFits() throws {
    var reader = BlockReader(tableLimit: 64)
    _ = try reader.read(literal("a", "1", first: 0x40))
    let value = String(repeating: "x", count: 31)
    #expect(try reader.read(literal("b", value, first: 0x40) + [0xBE]).fields.last == TextField("b", value))
    #expect(reader.decoder.table.count == 1)
  }

  @Test func anEntryBeyondTheLimitEmptiesTheTable() throws {
    var reader = BlockReader(tableLimit: 64)
    _ = try reader.read(literal("a", "1", first: 0x40))
    let value = String(repeating: "x", count: 32)
    #expect(try reader.read(literal("b", value, first: 0x40)).fields == [TextField("b", value)])
    #expect(reader.decoder.table.count == 0)
    #expect(reader.decoder.table.size == 0)
    #expect(reader.error([0xBE]) == .invalidIndex)
  }

  /// RFC 7541, section 4.4: the name may be of the very entry that makes room.
  @Test func aNameOutlivesItsEntry() throws {
    for limits in [HPACKLimits(fieldCount: 9, listBytes: 999), HPACKLimits(fieldCount: 0, listBytes: 999)] {
      var reader = BlockReader(tableLimit: 64)
      _ = try reader.read(literal("some-name", "value", first: 0x40))
      reader.limits = limits
      _ = try reader.read([0x7E] + string("another-value"))
      reader.limits = HPACKLimits(fieldCount: 9, listBytes: 999)
      #expect(reader.decoder.table.count == 1)
      #expect(try reader.read([0xBE]).fields == [TextField("some-name", "another-value")])
    }
  }

  @Test func sizeUpdatesEvict() throws {
    var reader = BlockReader()
    for name in ["a", "b", "c"] { _ = try reader.read(literal(name, "1", first: 0x40)) }
    #expect(try reader.read(integer(68, bits: 5, pattern: 0x20) + [0xBE, 0xBF]).fields.map(\.name) == ["c", "b"])
    #expect(reader.error([0xC0]) == .invalidIndex)
    reader = BlockReader()
    _ = try reader.read(literal("a", "1", first: 0x40))
    #expect(reader.error([0x20] + integer(4096, bits: 5, pattern: 0x20) + [0xBE]) == .invalidIndex)
    #expect(reader.decoder.table.limit == 4096)
  }

  @Test func manyEntriesKeepTheirText() throws {
    var random = SplitMix64(state: 5)
    var reader = BlockReader()
    var model: [TextField] = []
    for number in 0..<3000 {
      let field = TextField(
        "n\(number)", String(repeating: "v\(number)", count: Int.random(in: 0...40, using: &random)))
      _ = try reader.read(literal(field.name, field.value, first: 0x40))
      model.insert(field, at: 0)
      var size = 0
      model = model.filter { entry in
        size += entry.name.utf8.count + entry.value.utf8.count + 32
        return size <= 4096
      }
      #expect(reader.decoder.table.count == model.count)
      let position = Int.random(in: 0..<model.count, using: &random)
      let index = integer(62 + position, bits: 7, pattern: 0x80)
      #expect(try reader.read(index).fields == [model[position]])
    }
  }

  @Test func aLoweredLimitMustBeAcknowledgedInTheNextBlock() throws {
    var silent = BlockReader()
    silent.decoder.setTableLimit(100)
    #expect(silent.error([0x82]) == .missingSizeUpdate)
    var large = BlockReader()
    large.decoder.setTableLimit(100)
    #expect(large.error(integer(101, bits: 5, pattern: 0x20)) == .sizeUpdateBeyondLimit)
    var good = BlockReader()
    good.decoder.setTableLimit(100)
    #expect(good.error(integer(100, bits: 5, pattern: 0x20) + [0x82]) == nil)
    #expect(good.error([0x82]) == nil)
    #expect(good.decoder.table.limit == 100)
  }

  /// The lowest limit counts, also if it went up again (section 4.2).
  @Test func theLowestLimitMustBeToldFirst() throws {
    for (block, error) in [
      (integer(200, bits: 5, pattern: 0x20), HPACKError.missingSizeUpdate),
      (integer(100, bits: 5, pattern: 0x20) + integer(200, bits: 5, pattern: 0x20), nil),
      (integer(50, bits: 5, pattern: 0x20), nil),
    ] {
      var reader = BlockReader()
      reader.decoder.setTableLimit(100)
      reader.decoder.setTableLimit(200)
      #expect(reader.error(block + [0x82]) == error)
    }
  }

  /// A connection begins with 4096 bytes, whatever is announced (RFC 9113, section 6.5.2).
  @Test func moreThanTheInitialSizeNeedsAnUpdate() throws {
    var reader = BlockReader(tableLimit: 8192)
    #expect(reader.decoder.table.limit == 4096)
    #expect(reader.error(integer(8192, bits: 5, pattern: 0x20)) == nil)
    #expect(reader.decoder.table.limit == 8192)
    reader.decoder.setTableLimit(16_384)
    #expect(reader.error([0x82]) == nil)
  }
}
