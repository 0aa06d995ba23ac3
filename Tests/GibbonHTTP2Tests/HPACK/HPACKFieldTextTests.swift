// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import Testing

@testable import GibbonHTTP2

/// Which names and values make a stream malformed (RFC 9113, section 8.2.1).
@Suite struct HPACKFieldTextTests {
  static let bad = [
    ("", "v"), (":", "v"), ("Name", "v"), ("namE", "v"), ("a b", "v"), ("a:b", "v"), ("a\r", "v"), ("a\n", "v"),
    ("a\0", "v"), ("a\u{7F}", "v"), ("na\u{E9}", "v"), ("a(b)", "v"), ("a,b", "v"), ("::a", "v"), ("a\t", "v"),
    ("n", "a\0b"), ("n", "a\rb"), ("n", "a\nb"), ("n", "a\r\nb: c"), ("n", " a"), ("n", "a "), ("n", "\ta"),
    ("n", "a\t"), ("n", " "), ("n", "\u{7F}"), ("n", "a\u{1}"), ("n", "12345678\n"), ("n", "1234567\u{0}8"),
    ("n", "12345678\u{7F}12345678"), ("n", "1234\t567\u{1F}8"),
  ]
  static let good = [
    ("n", ""), ("n", "a"), ("n", "a b\tc"), ("n", "12345678\t12345678"), (":path", "/"), ("!#$%&'*+-.^_`|~09az", "v"),
    ("n", "caf\u{E9}"), ("n", "\u{80}\u{FF}\u{A0}12345"),
  ]

  private static func text(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

  private static func block(_ name: String, _ value: String, first: UInt8) -> [UInt8] {
    let (name, value) = (Self.text(name), Self.text(value))
    return [first] + integer(name.count, bits: 7) + name + integer(value.count, bits: 7) + value
  }

  @Test(arguments: bad) func isMalformed(_ name: String, value: String) throws {
    for first: UInt8 in [0x00, 0x10, 0x40] {
      var reader = BlockReader()
      #expect(try reader.read(Self.block(name, value, first: first)).outcome.isMalformed)
      guard first == 0x40 else { continue }
      // A reference is as bad as what it refers to.
      #expect(try reader.read([0xBE]).outcome.isMalformed)
      let isBadName = !Self.good.contains { $0.0 == name }
      #expect(try reader.read([0x0F, 47] + string("v")).outcome.isMalformed == isBadName)
    }
  }

  @Test(arguments: good) func isNotMalformed(_ name: String, value: String) throws {
    for first: UInt8 in [0x00, 0x10, 0x40] {
      var reader = BlockReader()
      let decoded = try reader.read(Self.block(name, value, first: first))
      #expect(!decoded.outcome.isMalformed)
      #expect(decoded.fields == [TextField(name, value)])
    }
  }

  @Test func everyByteOfAName() throws {
    let tokens = Array("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    for byte in UInt8.min ... .max {
      var reader = BlockReader()
      let isMalformed = try reader.read([0x00, 2, 0x61, byte] + string("v")).outcome.isMalformed
      #expect(isMalformed == !tokens.contains(byte), "\(byte)")
    }
  }

  @Test func everyByteOfAValue() throws {
    for byte in UInt8.min ... .max {
      for place in 0..<10 {
        var value = Array("0123456789abc".utf8)
        value[place + 1] = byte
        var reader = BlockReader()
        let isMalformed = try reader.read([0x00, 1, 0x61, 13] + value).outcome.isMalformed
        #expect(isMalformed == ((byte < 0x20 && byte != 9) || byte == 0x7F), "\(byte) at \(place)")
      }
    }
  }

  @Test func knownNamesAreTold() throws {
    var reader = BlockReader()
    for index in 1...61 {
      let decoded = try reader.read([0x80 | UInt8(index)])
      #expect(decoded.known == [KnownField.of(Array(decoded.fields[0].name.utf8).span)])
    }
    #expect(try reader.read([0x80 | 31]).known == [.contentType])
    #expect(try reader.read(literal("x-real-ip", "1.2.3.4", first: 0x40) + [0xBE]).known == [.xRealIP, .xRealIP])
    #expect(try reader.read([0x7E] + string("5.6.7.8")).known == [.xRealIP])
    #expect(try reader.read(literal("Content-Length", "1")).known == [.contentLength])
  }
}
