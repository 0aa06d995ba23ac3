// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

@Suite struct FormArgumentsTests {
  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static let texts: [(String, String)] = [
    ("", ""), ("a=1&b=2", "a=1&b=2"), ("a", "a"), ("a=", "a="), ("=1&a=1", "a=1"), ("&&a=1&&", "a=1"),
    ("a=b=c", "a=b%3Dc"),
    ("a=%20+x", "a=%20%20x"), ("a=%zz&b=%4", "a=%25zz&b=%254"), ("a=%E9", "a=%E9"), ("a[0]=1", "a%5B0%5D=1"),
    ("a=-._~!'()*", "a=-._~!'()*"), ("a;b=1", "a%3Bb=1"), ("%61=1", "a=1"), ("a=é", "a=%C3%A9"), ("a=%", "a=%25"),
    ("a=%2", "a=%252"), ("=", ""), ("a=1&a=2&a", "a=1&a=2&a"),
  ]

  @Test(arguments: Self.texts) func areReadAndWritten(text: String, expected: String) {
    #expect(Self.text(FormArguments(Array(text.utf8)).encoded()) == expected)
  }

  @Test(arguments: [
    ("b=2&a=1&b=1", "a=1&b=2&b=1"), ("b&a=1", "a=1&b"), ("", ""), ("a=2&a=1", "a=2&a=1"),
    ("%C3%A9=1&z=1", "%C3%A9=1&z=1"),
  ])
  func aQueryIsInOrderOfNames(text: String, expected: String) {
    #expect(Self.text(FormArguments(Array(text.utf8)).encodedInOrder()) == expected)
  }

  private static func pair(_ name: String, _ value: String?) -> RenderedOperations.Pair {
    RenderedOperations.Pair(name: name, value: value)
  }

  static let operations: [(RenderedOperations, String, String)] = [
    (RenderedOperations(remove: ["a"]), "a=1&b=2&a=3", "b=2"), (RenderedOperations(remove: ["x"]), "a=1", "a=1"),
    (RenderedOperations(rename: [pair("a", "c")]), "a=1&b=2&a=3&c=4", "c=1&b=2&c=3"),
    (RenderedOperations(rename: [pair("a", "a")]), "a=1", "a=1"),
    (RenderedOperations(rename: [pair("x", "a")]), "a=1", "a=1"),
    (RenderedOperations(rename: [pair("a", "b")]), "a&b=1", "b"),
    (RenderedOperations(replace: [pair("a", "9")]), "b=1&a=1&c=2&a=2", "b=1&a=9&c=2"),
    (RenderedOperations(replace: [pair("x", "9")]), "a=1", "a=1"),
    (RenderedOperations(replace: [pair("a", "9")]), "a", "a=9"),
    (RenderedOperations(add: [pair("a", "9"), pair("b", "8")]), "a=1", "a=1&b=8"),
    (RenderedOperations(add: [pair("b", "1"), pair("b", "2")]), "", "b=1"),
    (RenderedOperations(append: [pair("a", "2"), pair("b", "3")]), "a=1", "a=1&a=2&b=3"),
    (RenderedOperations(append: [pair("a", "2")]), "a", "a=2"),
    (RenderedOperations(append: [pair("a", "2")]), "a&a=1", "a&a=1&a=2"),
    (
      RenderedOperations(
        remove: ["a"], rename: [pair("b", "a")], replace: [pair("a", "r")], add: [pair("c", "1")],
        append: [pair("c", "2")]), "a=1&b=2", "a=r&c=1&c=2"
    ),
  ]

  @Test(arguments: Self.operations)
  func areChangedInKongsOrder(operations: RenderedOperations, before: String, after: String) {
    var arguments = FormArguments(Array(before.utf8))
    #expect(arguments.apply(operations) == (before != after))
    #expect(Self.text(arguments.encoded()) == after)
  }

  @Test func manyArgumentsTakeLinearTime() {
    let text = (0..<50_000).map { "a\($0 % 25_000)=1" }.joined(separator: "&")
    var arguments = FormArguments(Array(text.utf8))
    arguments.apply(RenderedOperations(rename: [Self.pair("a1", "b")], replace: [Self.pair("b", "x")]))
    #expect(arguments.arguments.count == 49_999)
    #expect(arguments.encodedInOrder().count > 50_000)
  }
}
