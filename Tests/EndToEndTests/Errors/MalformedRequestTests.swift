// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Requests that mean different things to different readers: each is a 400, the connection ends, nothing of it reaches
/// the upstream, and everybody else is served on.
@Suite struct MalformedRequestTests {
  private static let shared = Result { try Fixture() }
  private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

  private static func post(_ lines: String, _ body: String = "") -> String {
    "POST /bad HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)\(Self.smuggled)"
  }

  static let lengths = [
    post("Content-Length: 5\r\nContent-Length: 6", "hello!"), post("Content-Length: 5\r\nContent-Length: 5", "hello"),
    post("Content-Length: 5, 5", "hello"), post("Content-Length: +5", "hello"), post("Content-Length: -1"),
    post("Content-Length: 0x5", "hello"), post("Content-Length: 5 5", "hello"), post("Content-Length: five"),
    post("Content-Length: 99999999999999999999"), post("Content-Length: 18446744073709551621", "hello"),
    post("Content-Length:"), post("Content-Length: 5.0", "hello"),
  ]

  static let codings = [
    post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"), post("Transfer-Encoding: chunked\u{0b}", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
    post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"), post("Transfer-Encoding : chunked", "0\r\n\r\n"),
    post("Transfer-Encoding: chunked;q=1", "0\r\n\r\n"), post("Transfer-Encoding:", "0\r\n\r\n"),
    "POST /bad HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(smuggled)",
  ]

  static let lines = [
    "GET /bad HTTP/1.1\r\nHost: a\r\nX-Fold: one\r\n two\r\n\r\n", "GET /bad HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\r\nX-Space : 1\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a\r\nX-Bare: 1\nX-B: 2\r\n\r\n",
    "GET /bad HTTP/1.1\nHost: a\n\n", "GET /bad HTTP/1.1\r\nHost: a\r\nX-Cr: 1\r2\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\r\nX-Nul: 1\u{0}2\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a\r\nX-Ctl: 1\u{1}\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\r\nX-D\u{e9}: 1\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a\r\nX(Y): 1\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\r\nno colon here\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
  ]

  static let requestLines = [
    "G@T /bad HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b\u{e9}d HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /bad\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", "GET /bad\t HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET bad HTTP/1.1\r\nHost: a\r\n\r\n", "GET /bad HTP/1.1\r\nHost: a\r\n\r\n",
    "GET /bad HTTP/1.x\r\nHost: a\r\n\r\n",
    "GET /bad path HTTP/1.1\r\nHost: a\r\n\r\n", " GET /bad HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /bad HTTP/1.1 x\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n",
    "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
  ]

  static let hosts = [
    "GET /bad HTTP/1.1\r\nX: no host\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a/b\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "GET /bad HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n", "GET /bad HTTP/1.1\r\nHost: a, b\r\n\r\n",
  ]

  @Test(arguments: Self.lengths) func unclearLength(_ request: String) throws { try self.refuse(request) }
  @Test(arguments: Self.codings) func unclearCoding(_ request: String) throws { try self.refuse(request) }
  /// A coding that is well-formed and unknown is not malformed (RFC 9112 section 6.1, and nginx).
  @Test func unknownCodingIs501() throws {
    try self.refuse(Self.post("Transfer-Encoding: xchunked", "0\r\n\r\n"), status: 501)
  }

  @Test(arguments: Self.lines) func brokenHeaderLine(_ request: String) throws { try self.refuse(request) }
  @Test(arguments: Self.requestLines) func brokenRequestLine(_ request: String) throws { try self.refuse(request) }
  @Test(arguments: Self.hosts) func brokenHost(_ request: String) throws { try self.refuse(request) }

  static let chunks = [
    "zz\r\n\r\n", "-1\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "8000000000000000\r\n",
    "5\r\nhelloX0\r\n\r\n", "5\nhello\n0\n\n", "5 5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
    "5;a=\u{0}\r\nhello\r\n0\r\n\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n", "\r\n\r\n",
    "0\r\nBad Trailer: 1\r\n\r\n", "0\r\nX: \u{0}\r\n\r\n",
  ]

  /// The head is fine and may be on its way already; the body is not.
  @Test(arguments: Self.chunks) func brokenChunk(_ body: String) throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send("POST /bad-chunk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
    try client.send(Self.smuggled)
    let response = try client.response()
    #expect(response.status == 400)
    #expect(try client.isClosedByPeer())
    try self.expectNothingSmuggled()
  }

  @Test func refusalIsATemplatedError() throws {
    let response = try Self.shared.get().gateway.raw("GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    #expect(response.status == 400)
    #expect(response["Content-Type"] == "text/plain; charset=utf-8")
    #expect(response["Connection"]?.lowercased() == "close")
    #expect(response["Server"] == Wire.serverToken)
    #expect(response.text == "Bad request\nrequest_id: \(response["X-Kong-Request-Id"] ?? "")\n")
  }

  private func refuse(_ request: String, status: Int = 400) throws {
    let fixture = try Self.shared.get()
    let neighbour = try RawClient(port: fixture.gateway.port)
    try neighbour.request("GET", "/neighbour")
    #expect(try neighbour.response().status == 200)
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(request.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    let answer = try client.reader.readToEnd(acceptingReset: true)
    let text = String(decoding: answer, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 \(status) "), "answered: \(text.prefix(200))")
    #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2, "one answer only")
    try self.expectNothingSmuggled()
    #expect(!fixture.origin.requests.contains { $0.word(1).hasPrefix("/bad") && !$0.word(1).hasPrefix("/bad-chunk") })
    try neighbour.request("GET", "/neighbour")
    #expect(try neighbour.response().status == 200)
  }

  private func expectNothingSmuggled() throws {
    #expect(try !Self.shared.get().origin.requests.contains { $0.word(1) == "/smuggled" })
  }
}
