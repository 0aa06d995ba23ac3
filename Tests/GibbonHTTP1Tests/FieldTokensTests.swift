// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@Suite struct FieldTokensTests {
  @Test(arguments: [
    ("", []), (",", []), (" , ,\t", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b c\t,,d ", ["a", "b c", "d"]),
    ("203.0.113.7, ::1,[::1]:80", ["203.0.113.7", "::1", "[::1]:80"]),
  ])
  func walksAList(_ list: String, _ expected: [String]) {
    let bytes = Array(list.utf8)
    var tokens = FieldTokens(count: bytes.count)
    var found: [String] = []
    while let token = tokens.next(in: bytes) { found.append(bytes.text(token)) }
    #expect(found == expected)
    #expect(tokens.next(in: bytes) == nil)
  }

  @Test func staysInsideItsValue() {
    let bytes = Array("x,a, b,y".utf8)
    var tokens = FieldTokens(ByteRange(2..<6))
    #expect(tokens.next(in: bytes) == ByteRange(2..<3))
    #expect(tokens.next(in: bytes) == ByteRange(5..<6))
    #expect(tokens.next(in: bytes) == nil)
  }

  @Test func endsWhereTheInputDoes() {
    let bytes = Array("a,b".utf8)
    var tokens = FieldTokens(ByteRange(0..<100))
    #expect(tokens.next(in: bytes) == ByteRange(0..<1))
    #expect(tokens.next(in: bytes) == ByteRange(2..<3))
    #expect(tokens.next(in: bytes) == nil)
  }
}
