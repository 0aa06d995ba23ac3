// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// Redis's protocol, without a Redis.
@Suite struct RESPParserTests {
  private static let answers: [(String, RESPValue)] = [
    ("+OK\r\n", .simple("OK")), ("-ERR no\r\n", .error("ERR no")), (":42\r\n", .integer(42)),
    (":-7\r\n", .integer(-7)), ("$5\r\nhel\rl\r\n", .bulk(Array("hel\rl".utf8))), ("$0\r\n\r\n", .bulk([])),
    ("$-1\r\n", .bulk(nil)), ("*0\r\n", .array([])), ("*-1\r\n", .array(nil)),
    ("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", .array([.integer(1), .array([.bulk([0x78])])])),
  ]

  @Test func answersAreReadWholeAndByteByByte() throws {
    for (text, value) in Self.answers {
      var whole = RESPParser()
      whole.append(text.utf8)
      #expect(try whole.next() == value)
      #expect(try whole.next() == nil)
      var drip = RESPParser()
      for (index, byte) in text.utf8.enumerated() {
        drip.append([byte])
        #expect(try drip.next() == (index == text.utf8.count - 1 ? value : nil), "\(text) at \(index)")
      }
    }
  }

  @Test func answersThatComeTogetherAreReadOneByOne() throws {
    var parser = RESPParser()
    for (text, _) in Self.answers { parser.append(text.utf8) }
    for (_, value) in Self.answers { #expect(try parser.next() == value) }
    #expect(try parser.next() == nil)
  }

  @Test(arguments: [
    "x\r\n", ":1x\r\n", ":\r\n", "$abc\r\n", "$-2\r\n", "$1\r\nxyz", "+a\rb\r\n", "$99999999999999999999\r\n",
    "$1048577\r\n", "*65537\r\n",
  ])
  func whatIsNoAnswerIsRefused(text: String) {
    var parser = RESPParser()
    parser.append(text.utf8)
    #expect(throws: RESPError.self) { try parser.next() }
  }

  @Test func depthAndLinesHaveABound() {
    var deep = RESPParser()
    deep.append(String(repeating: "*1\r\n", count: 20).utf8)
    #expect(throws: RESPError.self) { try deep.next() }
    var long = RESPParser()
    long.append(String(repeating: "+", count: 70_000).utf8)
    #expect(throws: RESPError.self) { try long.next() }
  }

  @Test func commandsAreArraysOfTexts() {
    #expect(RESPParser.command(["SET", "ä", ""]) == Array("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$0\r\n\r\n".utf8))
  }
}
