// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import Testing

@testable import GibbonEngine

/// How parts of a request and of a configuration are read for balancing.
@Suite struct HashTextTests {
  private static func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  @Test(arguments: [
    ("/", "/"), ("/a/b", "/a/b"), ("/a//b", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/a%2Fb", "/a/b"),
    ("/%61", "/a"), ("/a/", "/a/"), ("/a/..", "/"), ("/a/%2e%2e/b", "/b"), ("/%", "/%"), ("/%zz", "/%zz"),
    ("/../../a", "/a"), ("", "/"),
  ]) func pathsAreDecodedAndResolved(path: String, expected: String) {
    #expect(Self.text(HashText.decodedPath(Array(path.utf8))) == expected)
  }

  @Test(
    arguments: [
      ("k=1", "1"), ("k=2&k=1", "1,2"), ("a=1&k=%41+b", "A b"), ("k", "true"), ("k=&k=z", ",z"), ("%6b=x", "x"),
      ("kk=1", nil), ("", nil), ("k=1=2", "1=2"),
    ] as [(String, String?)]) func argumentsAreSortedAndJoined(query: String, expected: String?)
  {
    #expect(Self.text(HashText.argument("k", in: Array(query.utf8))) == expected)
  }

  @Test func argumentsBeyondAHundredAreNotLookedAt() {
    let query = String(repeating: "a=1&", count: 100) + "k=1"
    #expect(HashText.argument("k", in: Array(query.utf8)) == nil)
  }

  @Test(
    arguments: [
      ("a=1", "1"), ("b=2; a=1", "1"), ("A=1", "1"), ("a=1 ; b", "1"), ("aa=1", nil), ("a", nil), ("a=", ""),
      ("b=a=1", nil), ("a=x=y", "x=y"),
    ] as [(String, String?)]) func cookiesAreFound(field: String, expected: String?)
  {
    #expect(Self.text(HashText.cookie("a", in: Array(field.utf8))) == expected)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK", 200), ("HTTP/1.0 503", 503), ("HTTP/2.0  404 x", 404), ("HTTP/1.1 20", 20), ("HTTP/1.1", 0),
    ("HTTP/1.1 x", 0), ("http/1.1 200", 0), ("", 0), ("HTTP/1. 200", 0), ("HTTP/1.1 99999 x", 0), ("SSH-2.0-x", 0),
  ]) func statusLinesOfProbesAreRead(line: String, status: Int) {
    #expect(StatusLineText.status(Array(line.utf8)) == status)
  }

  @Test(
    arguments: [
      ("a.test:80", "a.test", 80), ("a.test", "a.test", 8000), ("[::1]:81", "[::1]", 81), ("[::1]", "[::1]", 8000),
      ("1.2.3.4:0", "1.2.3.4", 0),
    ] as [(String, String, UInt16)]) func targetsAreRead(text: String, host: String, port: UInt16)
  {
    let target = UpstreamTarget(id: .random(), text: text, weight: 1)
    #expect(target?.host == host && target?.port == port)
  }

  @Test(arguments: ["a.test:", "a.test:99999", "a.test:x"]) func targetsThatMakeNoSenseAreNone(text: String) {
    #expect(UpstreamTarget(id: .random(), text: text, weight: 1) == nil)
  }

  @Test func changesOfUpstreamsAreFoundByPages() {
    var first = UpstreamSet()
    let (a, b) = (
      UpstreamRuntime(entity: Upstream(name: "a"), targets: []),
      UpstreamRuntime(entity: Upstream(name: "b"), targets: [])
    )
    first.set([(0, a), (300, b)])
    #expect(first.changes(since: UpstreamSet()).compactMap(\.new).map(\.entity.name) == ["a", "b"])
    var second = first
    second.set([(300, nil)])
    let changes = second.changes(since: first)
    #expect(changes.count == 1 && changes[0].old === b && changes[0].new == nil)
    #expect(second.changes(since: second).isEmpty)
  }
}
