// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct WireTests {
  private static func varint(_ text: String) -> String {
    var reader = WireReader(bytes(text))
    do {
      let value = try reader.varint()
      return reader.isAtEnd ? "\(value)" : "\(value) and more"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("00", "0"), ("7f", "127"), ("8001", "128"), ("ffffffffffffffffff01", "\(UInt64.max)"), ("8000", "0"),
    ("80808080808080808000", "0"), ("0101", "1 and more"), ("", "the message is cut off"),
    ("80", "the message is cut off"), ("ffffffffff", "the message is cut off"),
    ("ffffffffffffffffff02", "a number of the message is longer than 64 bits"),
    ("ffffffffffffffffffff01", "a number of the message is longer than 64 bits"),
    ("8080808080808080808000", "a number of the message is longer than 64 bits"),
  ])
  func varints(text: String, value: String) { #expect(Self.varint(text) == value) }

  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64.max - 1, UInt64.max])
  func varintsComeBack(value: UInt64) throws {
    var writer = WireWriter()
    writer.varint(value)
    var reader = WireReader(writer.bytes)
    #expect(try reader.varint() == value && reader.isAtEnd)
  }

  @Test(arguments: [(0, 0), (-1, 1), (1, 2), (-2, 3), (Int64.max, UInt64.max - 1), (Int64.min, UInt64.max)])
  func zigzag(value: Int64, coded: UInt64) {
    #expect(WireWriter.zigzag(value) == coded && WireWriter.unzigzag(coded) == value)
  }

  private static let types = """
    message M {
      string text = 1; M inner = 2; repeated int32 packed = 3; map<string, M> map = 4; int32 number = 5;
      bytes data = 6; fixed64 wide = 7; oneof o { string a = 8; int32 b = 9; M c = 10; }
    }
    """

  @Test(arguments: [
    ("0a", "the message is cut off"), ("0a05 6161", "the message is cut off"),
    ("0affffffffffffffff7f", "the message is cut off"), ("0affffffffffffffffff01", "the message is cut off"),
    ("00", "a field of the message has no valid tag"), ("0e", "a field of the message has no valid tag"),
    ("0f", "a field of the message has no valid tag"), ("8080808080 01 00", "a field of the message has no valid tag"),
    ("0a02 c328", "field text of the message is not valid UTF-8"), ("39 00", "the message is cut off"),
    ("1a02 80 80", "the message is cut off"), ("9b01", "a group of the message has no beginning or no end"),
    ("9c01", "a group of the message has no beginning or no end"),
    ("9b01 a401", "a group of the message has no beginning or no end"),
  ])
  func hostileBytesAreRefused(text: String, message: String) throws {
    #expect(try pool(Self.types).decoded("M", text) == message)
  }

  @Test(arguments: [
    // Fields nobody knows, of each wire type, and a group with a group in it.
    ("9801 01 9901 0000000000000000 9a01 02 ffff 9d01 00000000 9b01 a301 08 01 a401 9c01 28 07", #""number":7"#),
    // The last of several; messages are merged.
    ("28 01 28 02", #""number":2"#), ("1202 2801 1203 0a0161", #""inner":{"text":"a","#),
    ("1202 2801 1203 0a0161", #""number":1,"data""#),
    // Packed, not packed, and both.
    ("1a02 01 02 18 03", #""packed":[1,2,3]"#), ("1a00", #""packed":[]"#),
    // Of a oneof the last.
    ("42 01 78 48 05", #""b":5"#), ("48 05 42 01 78", #""a":"x"}"#),
    // Entries of a map without key or value; of equal keys the last.
    ("2200", #""map":{"":{"#),
    ("2205 0a0161 1200 2207 0a0161 1202 2809", #""map":{"a":{"text":"","packed":[],"map":{},"number":9"#),
    // Laid out as another type: passed over.
    ("08 01", #""text":"""#), ("2d 00000000", #""number":0"#), ("10 01", #""text":"""#), ("20 01", #""map":{}"#),
    ("2202 08 01", #""map":{"":{"#), ("1d 00000000", #""packed":[]"#),
    // Numbers are cut to 32 bits.
    ("28 ffffffffffffffffff01", #""number":-1"#), ("28 8080808010", #""number":0"#),
  ])
  func whatIsAllowedIsRead(text: String, part: String) throws {
    let json = try pool(Self.types).decoded("M", text)
    #expect(json.contains(part), "\(json)")
  }

  @Test func nestingIsBounded() throws {
    let pool = try pool(Self.types)
    func nested(_ count: Int) -> [UInt8] {
      (0..<count).reduce([]) { inner, _ in
        var writer = WireWriter()
        writer.tag(2, .lengthDelimited)
        writer.delimited(inner)
        return writer.bytes
      }
    }
    #expect(pool.decoded("M", nested(99)).contains("number"))
    #expect(pool.decoded("M", nested(100)) == "the message is nested too deep")
    #expect(pool.decoded("M", nested(5000)) == "the message is nested too deep")
    let open = (0..<100_000).flatMap { _ in [0x9B, 0x01] as [UInt8] }
    #expect(pool.decoded("M", open) == "the message is nested too deep")
  }

  @Test func valuesAreBounded() throws {
    let pool = try pool(Self.types)
    let type = try #require(pool.message(named: "M"))
    let many = (0..<100).flatMap { _ in [0x12, 0x00] as [UInt8] } + [0x1A, 0x64] + [UInt8](repeating: 1, count: 100)
    #expect(throws: Never.self) {
      try MessageDecoder.decode(many, as: type, in: pool, budget: ConversionBudget(values: 201))
    }
    #expect(throws: WireError.tooManyValues) {
      try MessageDecoder.decode(many, as: type, in: pool, budget: ConversionBudget(values: 200))
    }
    let message = try MessageDecoder.decode(many, as: type, in: pool)
    #expect(throws: TranscodingError("the message has too many values")) {
      try MessageToJSON.convert(message, in: pool, budget: ConversionBudget(values: 50))
    }
  }

  /// No input traps, and what is read comes back.
  @Test func changedBytesAreReadOrRefused() throws {
    let pool = try pool(Self.types)
    let type = try #require(pool.message(named: "M"))
    let json = #"{"text":"é","inner":{"number":-5,"c":{}},"packed":[1,2,-3],"map":{"k":{"wide":"7"}},"data":"AAE="}"#
    let text = bytes(pool.encoded("M", json))
    #expect(text.count > 40)
    for end in text.indices { _ = try? MessageDecoder.decode(Array(text[..<end]), as: type, in: pool) }
    var dice = Dice(state: 7)
    for _ in 0..<5000 {
      var changed = text
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        changed[Int.random(in: text.indices, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      }
      guard let message = try? MessageDecoder.decode(changed, as: type, in: pool) else { continue }
      let again = try MessageDecoder.decode(MessageEncoder.encode(message, in: pool), as: type, in: pool)
      #expect(MessageEncoder.encode(again, in: pool) == MessageEncoder.encode(message, in: pool))
      _ = try? MessageToJSON.convert(message, in: pool)
    }
  }
}
