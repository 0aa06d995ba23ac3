// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Paths that the router and a service behind it could resolve to different resources.
@Suite struct PathReadingTests {
  private static let shared = Result {
    try Fixture(declarative: { port in
      """
      _format_version: "3.0"
      services:
      - name: all
        url: http://127.0.0.1:\(port)
        routes:
        - {name: all, paths: [/], strip_path: false}
        - {name: stripped, paths: [/api], strip_path: true}
      """
    })
  }

  private static func status(_ target: String) throws -> Int {
    try Self.shared.get().gateway.raw("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").status
  }

  private static func sent(_ target: String) throws -> String {
    let response = try Self.shared.get().gateway.raw("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(response.status == 200, "\(target)")
    return try response.echo().head.word(1)
  }

  @Test(arguments: [
    "/../x", "/a/../../b", "/%2e%2e/x", "/a/%2E./../b", "//..", "/..", "/./..", "http://a/../x", "/a/..//../x",
  ])
  func pathsAboveTheRootAreRefused(target: String) throws { #expect(try Self.status(target) == 400) }

  @Test(arguments: [
    "/x/..%2fadmin", "/%2e%2e%2Fadmin", "/x;/..%2fadmin", "/%2fadmin", "/x%2f/admin", "/x/..%5cadmin", "/x/..\\admin",
    "/\\admin", "/x/..;/admin", "/;/admin", "/x/..%3b/admin", "/x/..%c0%afadmin", "/x/%c0%ae%c0%ae/admin",
    "http://a/x/..%2fadmin", "/x/.%2fadmin", "/x%2f..",
  ])
  func pathsWithTwoReadingsAreRefused(target: String) throws { #expect(try Self.status(target) == 400) }

  @Test(arguments: ["/api..%2fadmin", "/api..;/admin", "/api%2f..%2fadmin", "/api..%5cadmin", "/api%2fadmin"])
  func whatStrippingUncoversIsRefused(target: String) throws { #expect(try Self.status(target) == 400) }

  @Test(arguments: [
    ("/a%2Fb", "/a%2Fb"), ("/a/../b", "/b"), ("/a;v=1/b", "/a;v=1/b"), ("/a%5cb", "/a%5Cb"), ("/x/...", "/x/..."),
    ("/a/./b//c", "/a/b/c"), ("/?p=/../x", "/?p=/../x"),
  ])
  func plainPathsPass(target: String, seen: String) throws { #expect(try Self.sent(target) == seen) }

  @Test func ambiguousPathsPassWhereTheyAreAllowed() throws {
    let fixture = try Fixture(settings: ["allow_ambiguous_paths": "on"])
    #expect(try fixture.gateway.get("/x/..%2fadmin").echo().head.word(1) == "/x/..%2Fadmin")
    #expect(try fixture.gateway.get("/../x").status == 400)
  }

  /// Bytes beyond ASCII mean what their percent-encoding means, and leave as it.
  @Test(arguments: [
    ("/caf\u{e9}", "/caf%C3%A9"), ("/?q=\u{f8}", "/?q=%C3%B8"), ("/a?\u{1F412}=1", "/a?%F0%9F%90%92=1"),
  ])
  func textBeyondASCIIGoesOnEncoded(target: String, seen: String) throws { #expect(try Self.sent(target) == seen) }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send(Array("GET /?q=".utf8) + [0xF8] + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(try client.response().status == 400)
  }

  /// Work that once grew with the square of the path's length: many at once, and the others are served.
  @Test func manyBackwardStepsAreResolved() throws {
    let up = String(repeating: "/a", count: 1300)
    let target = up + String(repeating: "/..", count: 1299) + "/b"
    #expect(try Self.sent(target) == "/a/b")
  }
}
