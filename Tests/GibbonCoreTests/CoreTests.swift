// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@Suite struct EntityIDTests {
  @Test func parsesAndPrints() throws {
    let text = "0dc6f45b-8f8d-40d2-a504-473544ee190b"
    #expect(try #require(EntityID(text)).description == text)
    #expect(EntityID(text.uppercased()) == EntityID(text))
  }

  @Test(arguments: [
    "", "0dc6f45b", "0dc6f45b-8f8d-40d2-a504-473544ee190", "0dc6f45b_8f8d-40d2-a504-473544ee190b",
    "gdc6f45b-8f8d-40d2-a504-473544ee190b", "0dc6f45b-8f8d-40d2-a504-473544ee190b0",
  ])
  func refuses(_ text: String) {
    #expect(EntityID(text) == nil)
  }

  /// The example of RFC 9562, appendix A.4.
  @Test func namesAsTheRFCDoes() throws {
    let dns = try #require(EntityID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
    #expect(EntityID.named("www.example.com", in: dns).description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  @Test func randomIDsAreVersion4() {
    let text = Array(EntityID.random().description)
    #expect(text[14] == "4" && "89ab".contains(text[19]))
    #expect(EntityID.random() != EntityID.random())
  }
}

@Suite struct ByteBufferTests {
  @Test func appendsNumbers() {
    var buffer = ByteBuffer()
    let powers = (0..<19).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
    let values = [0, 7, 65535, -42, Int.max, Int.min] + powers + powers.map { $0 - 1 } + powers.map { -$0 }
    for value in values {
      buffer.append(decimal: value)
      buffer.append(UInt8(ascii: " "))
    }
    #expect(buffer.string == values.map { "\($0) " }.joined())
    buffer.clear()
    buffer.append(hex: 0)
    buffer.append(hex: 0xDEAD, width: 8)
    buffer.append(hex: .max, width: 1)
    buffer.append(hex: 0x10, width: 99)
    #expect(buffer.string == "00000deadffffffffffffffff0000000000000010")
  }

  @Test func takesWhatThereIsRoomFor() {
    var buffer = ByteBuffer("a")
    buffer.append(upTo: 3) { output in
      output.append("bc")
      output.append(copying: Array("de".utf8).span)
      // There is no room left.
      output.append(decimal: 1)
      output.append(hex: 1, width: 1)
      output.append("e")
    }
    #expect(buffer.string == "abcd")
    for _ in 0..<1000 { buffer.append(upTo: 10) { $0.append("0123456789") } }
    #expect(buffer.string == "abcd" + String(repeating: "0123456789", count: 1000))
  }

  /// Digits, a sign and literals are written whole or not at all.
  @Test(arguments: [(3, "-42"), (2, ""), (4, "-42x"), (5, "-42xa")])
  func writesNumbersWhole(room: Int, expected: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    bytes.append(addingCapacity: room) { output in
      output.append(decimal: -42)
      if output.count == 3 { output.append("x") }
      if output.count == 4 { output.append(hex: 10, width: 1) }
      if output.count > 0 { output.append("yz") }
    }
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
    let exact = [UInt8](capacity: 20) { $0.append(decimal: .min) }
    #expect(String(decoding: exact, as: UTF8.self) == "\(Int.min)")
    let short = [UInt8](capacity: 19) { $0.append(decimal: .min) }
    #expect(short.isEmpty)
  }

  @Test func consumesFromTheFront() {
    var buffer = ByteBuffer("hello world")
    buffer.consume(6)
    #expect(buffer.string == "world")
    #expect(buffer.string(ByteRange(1..<3)) == "or")
    buffer.compact()
    #expect(buffer.string == "world")
    buffer.consume(100)
    #expect(buffer.isEmpty)
  }
}

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("1.2.3.4", "1.2.3.4"), ("::1", "::1"), ("::", "::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("fe80::", "fe80::"),
    ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
  ])
  func parsesAndPrints(_ text: String, _ expected: String) { #expect(IPAddress(text)?.description == expected) }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a", ":::", "1:2", "::1::", "1:2:3:4:5:6:7:8:9", "12345::", "1.2.3.-4",
  ])
  func refuses(_ text: String) { #expect(IPAddress(text) == nil) }

  @Test(arguments: [
    ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.0", false), ("1.2.3.4", "1.2.3.4", true),
    ("0.0.0.0/0", "9.9.9.9", true), ("fe80::/10", "fe80::1", true), ("fe80::/10", "fec0::1", false),
    ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("::/0", "1.1.1.1", false), ("::1/128", "::1", true),
  ])
  func containsAddresses(_ block: String, _ address: String, _ expected: Bool) throws {
    #expect(try #require(AddressBlock(block)).contains(try #require(IPAddress(address))) == expected)
  }

  @Test(arguments: ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "x/8", "1.1.1.1/-1"])
  func refusesBlocks(_ text: String) { #expect(AddressBlock(text) == nil) }

  @Test(
    arguments: [
      ([10, 1, 2, 3], 8, "10.9.9.9", true), ([10, 1, 2, 3], 8, "11.0.0.0", false),
      ([10, 1, 2, 3], 32, "10.1.2.3", true),
      ([10, 1, 2, 3], 31, "10.1.2.2", true), ([0, 0, 0, 0], 0, "255.255.255.255", true),
      ([0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [1], 128, "2001:db8::1", true),
      ([0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [1], 127, "2001:db8::2", false),
      ([0xFE, 0x80] + Array(repeating: 0, count: 14), 10, "febf::1", true),
      (Array(repeating: 0xFF, count: 16), 64, "ffff:ffff:ffff:ffff::", true),
      (Array(repeating: 0xFF, count: 16), 65, "ffff:ffff:ffff:ffff::", false),
    ] as [([UInt8], Int, String, Bool)])
  func isMadeOfNetworkBytes(bytes: [UInt8], length: Int, address: String, expected: Bool) throws {
    let block = try #require(AddressBlock(networkBytes: bytes, prefixLength: length))
    #expect(block.prefixLength == length)
    #expect(block.contains(try #require(IPAddress(address))) == expected)
    #expect(block == AddressBlock("\(block.address)/\(length)"))
  }

  @Test(
    arguments: [
      ([], 0), ([1], 0), ([1, 2, 3], 8), ([1, 2, 3, 4, 5], 8), ([1, 2, 3, 4], 33), ([1, 2, 3, 4], -1),
      (Array(repeating: 0, count: 16), 129), (Array(repeating: 0, count: 17), 8), ([1, 2, 3, 4], .max),
      ([1, 2, 3, 4], .min),
    ] as [([UInt8], Int)])
  func refusesNetworkBytes(bytes: [UInt8], length: Int) {
    #expect(AddressBlock(networkBytes: bytes, prefixLength: length) == nil)
  }
}

@Suite struct ByteKeyedTableTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func find(_ table: ByteKeyedTable<Int>, _ key: String) -> Int? {
    let bytes = self.bytes(key)
    return table.value(for: bytes.span)
  }

  @Test func anEmptyTableFindsNothing() {
    #expect(Self.find(ByteKeyedTable<Int>(), "") == nil)
    #expect(Self.find(ByteKeyedTable<Int>(minimumCapacity: 100), "a") == nil)
    #expect(ByteKeyedTable<Int>(minimumCapacity: 100).count == 0)
  }

  @Test func findsWhatWasSetAndNothingElse() {
    var table = ByteKeyedTable<Int>()
    for (value, key) in ["", "a", "b", "ab", "a\u{0}", "\u{0}a", "key"].enumerated() {
      table.set(value, for: Self.bytes(key))
    }
    #expect(table.count == 7)
    for (value, key) in ["", "a", "b", "ab", "a\u{0}", "\u{0}a", "key"].enumerated() {
      #expect(Self.find(table, key) == value)
    }
    for key in ["A", "ba", "ke", "keys", "\u{0}", "a\u{0}\u{0}"] { #expect(Self.find(table, key) == nil) }
  }

  @Test func theLastValueOfAKeyCounts() {
    var table = ByteKeyedTable<Int>()
    for value in 0..<5 { table.set(value, for: Self.bytes("same")) }
    #expect(table.count == 1 && Self.find(table, "same") == 4)
  }

  @Test func isAValue() {
    var table = ByteKeyedTable<Int>()
    table.set(1, for: Self.bytes("k"))
    var copy = table
    copy.set(2, for: Self.bytes("k"))
    copy.set(3, for: Self.bytes("other"))
    #expect(Self.find(table, "k") == 1 && table.count == 1)
    #expect(Self.find(copy, "k") == 2 && copy.count == 2)
  }

  /// Against a dictionary, with keys of any bytes.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func agreesWithADictionary(seed: UInt64) {
    var state = seed
    func next(_ limit: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % limit)
    }
    var table = ByteKeyedTable<Int>(minimumCapacity: next(50))
    var model: [[UInt8]: Int] = [:]
    for value in 0..<4_000 {
      let key = (0..<next(4)).map { _ in UInt8(next(12) * 23) }
      if next(2) == 0 {
        table.set(value, for: key)
        model[key] = value
      }
      #expect(table.value(for: key.span) == model[key])
    }
    #expect(table.count == model.count)
  }
}
