// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@testable import GibbonHTTP2

/// How large a field section may become, and what of it is kept.
@Suite struct HPACKLimitTests {
  @Test func fieldsAreCounted() throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 3, listBytes: 16_384))
    let three = try reader.read([0x82, 0x84, 0x86])
    #expect(three.outcome == HPACKDecoder.Outcome())
    let four = try reader.read([0x82, 0x84, 0x86, 0x82])
    #expect(four.outcome.isTooLarge)
    #expect(four.fields.map(\.name) == [":method", ":path", ":scheme"])
  }

  /// Each counts, though they are one field again later (RFC 9113, section 8.2.3).
  @Test func crumbsOfCookiesAreCounted() throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 90, listBytes: 1 << 20))
    let crumb = literal("cookie", "a=b")
    let few = try reader.read(Array(repeatElement(crumb, count: 90).joined()))
    #expect(!few.outcome.isTooLarge)
    #expect(few.known.allSatisfy { $0 == .cookie })
    let many = try reader.read(Array(repeatElement(crumb, count: 91).joined()))
    #expect(many.outcome.isTooLarge)
  }

  @Test(arguments: [0, 1, 2]) func bytesAreCountedWithTheOverhead(_ representation: Int) throws {
    // Name and value have 9 bytes, so the field has 41.
    let block =
      switch representation {
      case 0: literal("name", "value")
      case 1: literal("name", "value", first: 0x40)
      default:
        [0x00] + [0x80 | 3] + HuffmanTests.coded(Array("name".utf8)) + [0x80 | 4]
          + HuffmanTests.coded(Array("value".utf8))
      }
    var exact = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 82))
    #expect(try !exact.read(block + block).outcome.isTooLarge)
    var less = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 81))
    let decoded = try less.read(block + block)
    #expect(decoded.outcome.isTooLarge)
    #expect(decoded.fields == [TextField("name", "value")])
    #expect(decoded.bytes.count == 4 + 9)
  }

  /// What comes after is not kept even where it would fit, but the table goes on.
  @Test func tablesStayInStepBeyondALimit() throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 100))
    let large = literal("large", String(repeating: "x", count: 100), first: 0x40)
    let decoded = try reader.read([0x82] + large + literal("small", "y", first: 0x40) + [0xBE])
    #expect(decoded.outcome.isTooLarge)
    #expect(decoded.fields == [TextField(":method", "GET")])
    #expect(decoded.bytes.string == "fore" + ":methodGET")
    #expect(try reader.read([0xBE]).fields == [TextField("small", "y")])
    reader.limits.listBytes = 200
    #expect(try reader.read([0xBF]).fields == [TextField("large", String(repeating: "x", count: 100))])
  }

  @Test func muchBeyondTheLimitDecodingEnds() throws {
    let limits = HPACKLimits(fieldCount: 1000, listBytes: 420)
    // `:method: GET` has 42 bytes.
    var reader = BlockReader(limits: limits)
    #expect(try reader.read(Array(repeating: 0x82, count: 40)).outcome.isTooLarge)
    #expect(reader.error(Array(repeating: 0x82, count: 41)) == .excessive)
  }

  /// One large entry, and thousands of references to it (CVE-2016-6581; of a byte each, CVE-2026-49975).
  @Test(arguments: [0, 4000]) func bombsEndEarly(_ valueCount: Int) throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 16_384))
    let entry = literal("a", String(repeating: "x", count: valueCount), first: 0x40)
    _ = try reader.read(entry)
    var bytes = ByteBuffer()
    var fields: [HeaderField] = []
    let bomb = [UInt8](repeating: 0xBE, count: 60_000)
    #expect(throws: HPACKError.excessive) {
      try reader.decoder.decode(bomb.span, limits: reader.limits, into: &bytes, fields: &fields)
    }
    #expect(bytes.count <= 16_384)
    #expect(bytes.capacity <= 65_536)
    #expect(fields.count <= 100)
  }

  /// Literals with the name of a large entry are a bomb too.
  @Test func bombsOfNamesEndEarly() throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 16_384))
    _ = try reader.read(literal(String(repeating: "n", count: 4000), "", first: 0x40))
    var bytes = ByteBuffer()
    var fields: [HeaderField] = []
    let bomb = Array(repeatElement([UInt8(0x0F), 47, 0], count: 20_000).joined())
    #expect(throws: HPACKError.excessive) {
      try reader.decoder.decode(bomb.span, limits: reader.limits, into: &bytes, fields: &fields)
    }
    #expect(bytes.capacity <= 65_536)
  }

  @Test func emptyNamesAreMalformedAndCounted() throws {
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 320))
    let ten = try reader.read(Array(repeatElement(literal("", ""), count: 10).joined()))
    #expect(ten.outcome.isMalformed)
    #expect(!ten.outcome.isTooLarge)
    #expect(try reader.read(Array(repeatElement(literal("", ""), count: 11).joined())).outcome.isTooLarge)
  }
}
