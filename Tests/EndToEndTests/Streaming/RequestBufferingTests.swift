// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `request_buffering`, on by default: the service is contacted when the body is complete, or larger than
/// `request_buffer_size`.
@Suite struct RequestBufferingTests {
  private static let shared = Result { try Fixture(settings: ["nginx_worker_processes": "1"]) }
  private static let head = "POST /up HTTP/1.1\r\nHost: a\r\n"
  private static let chunkedHead = head + "Transfer-Encoding: chunked\r\n\r\n"

  private static func text(_ count: Int) -> String {
    String(decoding: (0..<count).map { UInt8(97 + $0 % 23) }, as: UTF8.self)
  }

  private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

  private func expectCounted(_ response: Response, _ body: String) throws {
    let echo = try response.echo()
    #expect(echo.head.all("Transfer-Encoding") == [])
    #expect(echo.head.all("Content-Length") == ["\(body.utf8.count)"])
    let isWhole = echo.rest == body
    #expect(isWhole, "\(echo.rest.utf8.count) bytes")
  }

  // MARK: Complete bodies

  static let uploads = [
    ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n", "abc"),
    ("3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "abc"),
  ]

  @Test(arguments: Self.uploads) func chunkedBodyGoesWithItsLength(chunks: String, body: String) throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for parts in [
      [Self.chunkedHead + chunks], [Self.chunkedHead, chunks], (Self.chunkedHead + chunks).map { "\($0)" },
    ] {
      try client.send(parts: parts)
      try self.expectCounted(client.response(), body)
    }
  }

  /// The size of the buffer, 64 KiB, is still a complete body.
  @Test(arguments: [8192, 65_535, 65_536]) func bodyThatFitsGoesWithItsLength(count: Int) throws {
    let body = Self.text(count)
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for _ in 0..<2 {
      try client.send(Self.chunkedHead + Self.chunk(String(body.prefix(5000))))
      try client.send(Self.chunk(String(body.dropFirst(5000))) + "0\r\n\r\n")
      try self.expectCounted(client.response(), body)
    }
    try client.request("POST", "/up", body: Array(body.utf8))
    try self.expectCounted(client.response(), body)
  }

  @Test func pipelinedUploadsKeepTheirBodies() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send(
      Self.chunkedHead + "3\r\nabc\r\n0\r\n\r\n" + Self.head + "Content-Length: 3\r\n\r\ndef"
        + Self.chunkedHead + "0\r\n\r\n" + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    for body in ["abc", "def", ""] { try self.expectCounted(client.response(), body) }
    #expect(try client.response().echo().head.startLine == "GET /next HTTP/1.1")
  }

  // MARK: Slow ones

  @Test(arguments: ["Transfer-Encoding: chunked", "Content-Length: 5", "Content-Length: 500000"])
  func slowUploadDoesNotOccupyTheService(framing: String) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"])
    let isChunked = framing.hasSuffix("chunked")
    let slow = try (0..<20).map { _ in try RawClient(port: fixture.gateway.port) }
    for client in slow { try client.send(Self.head + framing + "\r\n\r\n" + (isChunked ? "2\r\nhe\r\n" : "he")) }
    // The one loop has read all of that by now, or reads it before this.
    for _ in 0..<3 { #expect(try fixture.gateway.get("/quick").status == 200) }
    #expect(fixture.origin.connectionCount == 1)
    #expect(fixture.origin.requests.map { $0.word(1) } == ["/quick", "/quick", "/quick"])
    guard !framing.hasSuffix("500000") else { return }
    for client in slow {
      try client.send(isChunked ? "3\r\nllo\r\n0\r\n\r\n" : "llo")
      try self.expectCounted(client.response(), "hello")
    }
  }

  @Test func clientThatLeavesNeverReachesTheService() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.head + "Content-Length: 5\r\n\r\nhe")
    client.close()
    #expect(try fixture.gateway.waitForAccessLine("POST /up").contains(" 499 "))
    #expect(fixture.origin.connectionCount == 0)
  }

  @Test func bodyThatStopsIs408WithoutTheService() throws {
    let fixture = try Fixture(settings: ["nginx_http_client_body_timeout": "1s"])
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + "2\r\nhe\r\n")
    let response = try client.response()
    #expect(response.status == 408 && response["Connection"]?.lowercased() == "close")
    #expect(fixture.origin.connectionCount == 0)
  }

  @Test func expectationIsInvitedBeforeTheServiceIsContacted() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    for round in 1...2 {
      try client.send(Self.head + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
      #expect(try client.reader.readHead().startLine == "HTTP/1.1 100 Continue")
      #expect(fixture.origin.requests.count == round - 1)
      try client.send("hello")
      try self.expectCounted(client.response(), "hello")
    }
  }

  // MARK: Refused ones

  @Test func bodyBeyondTheLargestIs413WithoutTheService() throws {
    let fixture = try Fixture(settings: ["nginx_http_client_max_body_size": "1000"])
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(Self.text(600)) + Self.chunk(Self.text(600)))
    #expect(try client.response().status == 413)
    #expect(fixture.origin.connectionCount == 0)
  }

  @Test func bodyBeyondAPluginsLimitIs413WithoutTheService() throws {
    let plugin = "{name: request-size-limiting, config: {allowed_payload_size: 1000, size_unit: bytes}}"
    let fixture = try Fixture(route: "plugins: [\(plugin)]")
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(Self.text(600)) + Self.chunk(Self.text(600)))
    #expect(try client.response().status == 413)
    #expect(fixture.origin.connectionCount == 0)
  }

  @Test(arguments: ["zz\r\n", "3\r\nabcd\r\n", "3\nabc\r\n", "3 \r\nabc\r\n0\r\n\r\n"])
  func malformedBodyIs400WithoutTheService(chunks: String) throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + "2\r\nhe\r\n" + chunks)
    #expect(try client.response().status == 400)
    #expect(fixture.origin.connectionCount == 0)
  }
}
