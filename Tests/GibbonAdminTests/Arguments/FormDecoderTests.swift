// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonAdmin

@Suite struct FormDecoderTests {
  private static func read(_ text: String) throws -> [String] {
    try Self.read(Array(text.utf8))
  }

  /// `name:text`, or the name alone for a flag.
  private static func read(_ bytes: [UInt8]) throws -> [String] {
    try FormDecoder.pairs(urlEncoded: bytes).get().map { pair in
      pair.value.text.map { "\(pair.name):\($0)" } ?? pair.name
    }
  }

  @Test(
    arguments: [
      ("", []),
      ("a=b", ["a:b"]),
      ("a=b&c=d&a=e", ["a:b", "c:d", "a:e"]),
      ("a", ["a"]),
      ("a&b=", ["a", "b:"]),
      ("a=b=c", ["a:b=c"]),
      ("a+b=c+d", ["a b:c d"]),
      ("a%5B%5d=%26%3D%2B", ["a[]:&=+"]),
      ("%C3%A9=%e2%82%ac", ["é:€"]),
      ("=a&&=&b=c&", ["b:c"]),
    ] as [(String, [String])])
  func namesAndValuesAreDecodedInTheirOrder(text: String, pairs: [String]) throws {
    #expect(try Self.read(text) == pairs)
  }

  @Test(arguments: [
    ("a=100%", "a:100%"), ("a=%4", "a:%4"), ("a=%zz%4g", "a:%zz%4g"), ("a=%%41", "a:%A"), ("%=b", "%:b"),
  ])
  func percentSignWithoutTwoDigitsStays(text: String, pair: String) throws {
    #expect(try Self.read(text) == [pair])
  }

  @Test func whatIsNotUTF8IsRepaired() throws {
    #expect(try Self.read("a=%FFb") == ["a:\u{FFFD}b"])
    #expect(try Self.read(Array("a=".utf8) + [0xC3]) == ["a:\u{FFFD}"])
  }

  @Test func nulsAreKept() throws {
    #expect(try Self.read("a%00=b%00") == ["a\0:b\0"])
    #expect(try Self.read([0x61, 0, 0x3D, 0]) == ["a\0:\0"])
  }

  @Test func thousandArgumentsAreReadAndOneMoreIsTooMany() throws {
    let thousand = (1...1000).map { "a=\($0)" }.joined(separator: "&")
    #expect(try Self.read(thousand).count == 1000)
    for text in [thousand + "&b=c", thousand + "&", String(repeating: "&", count: 1000)] {
      #expect(throws: ArgumentError.tooMany) { try Self.read(text) }
    }
  }

  @Test func queryGivesTheFirstValueOfAName() throws {
    let query = try QueryArguments.parse("size=1&size=2&tags=a%2Cb&flag&empty=").get()
    #expect(query.pairs.count == 5)
    #expect(query.first("size") == .text("1"))
    #expect(query.first("tags") == .text("a,b"))
    #expect(query.first("flag") == .flag)
    #expect(query.first("empty") == .text(""))
    #expect(query.first("SIZE") == nil)
    #expect(try QueryArguments.parse(nil).get().pairs.isEmpty)
  }

  @Test func queryOfTooManyArgumentsIsRefused() {
    let text = [String](repeating: "a=b", count: 1001).joined(separator: "&")
    #expect(throws: ArgumentError.tooMany) { try QueryArguments.parse(text).get() }
  }
}
