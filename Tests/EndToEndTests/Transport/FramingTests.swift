// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// How bodies end, on both sides.
@Suite struct FramingTests {
  private static let shared = Result { try Fixture(handler: Self.answer) }

  @Sendable private static func answer(_ exchange: Exchange) throws {
    _ = try exchange.readBody()
    let ok = "HTTP/1.1 200 OK\r\n"
    switch exchange.target {
    case "/head": try exchange.send(ok + "Content-Length: 1234\r\n\r\n")
    case "/204": try exchange.send("HTTP/1.1 204 No Content\r\n\r\n")
    case "/304": try exchange.send("HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\nContent-Length: 99\r\n\r\n")
    case "/empty": try exchange.send(ok + "Content-Length: 0\r\n\r\n")
    case "/length": try exchange.send(ok + "Content-Length: 5\r\n\r\nhello")
    case "/chunked":
      try exchange.send(ok + "Transfer-Encoding: chunked\r\n\r\n5;ext=\"v\"\r\nhello\r\n000001\r\n!\r\n0\r\n\r\n")
    case "/capital": try exchange.send(ok + "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n")
    case "/trailers":
      try exchange.send(ok + "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 42\r\n\r\n")
    case "/until-close":
      try exchange.send(ok + "\r\nuntil the end")
      exchange.close()
    case "/old":
      try exchange.send("HTTP/1.0 200 OK\r\nX-Old: 1\r\n\r\nold body")
      exchange.close()
    case "/pieces":
      let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
      for byte in text.utf8 { try exchange.send([byte]) }
    default: try exchange.echo()
    }
  }

  private func client() throws -> RawClient { try RawClient(port: Self.shared.get().gateway.port) }

  @Test func headHasTheLengthAndNoBody() throws {
    let client = try self.client()
    for _ in 0..<3 {
      try client.request("HEAD", "/head")
      let response = try client.response(to: "HEAD")
      #expect(response.status == 200)
      #expect(response["Content-Length"] == "1234")
    }
    try client.request("GET", "/length")
    #expect(try client.response().text == "hello")
  }

  @Test(arguments: [("/204", 204), ("/304", 304)]) func bodilessStatusKeepsTheConnection(path: String, status: Int)
    throws
  {
    let client = try self.client()
    for _ in 0..<3 {
      try client.request("GET", path)
      let response = try client.response()
      #expect(response.status == status)
      #expect(response["Transfer-Encoding"] == nil)
      if status == 204 { #expect(response["Content-Length"] == nil) }
    }
    try client.request("GET", "/length")
    #expect(try client.response().text == "hello")
  }

  @Test func lengthStaysALength() throws {
    for (path, text) in [("/length", "hello"), ("/empty", "")] {
      let client = try self.client()
      try client.request("GET", path)
      let response = try client.response()
      #expect(response["Content-Length"] == String(text.utf8.count))
      #expect(response["Transfer-Encoding"] == nil)
      #expect(response.text == text)
    }
  }

  @Test(arguments: [("/chunked", "hello!"), ("/capital", "0123456789"), ("/pieces", "abcdef")])
  func chunksStayChunks(path: String, text: String) throws {
    let client = try self.client()
    for _ in 0..<2 {
      try client.request("GET", path)
      let response = try client.response()
      #expect(response["Content-Length"] == nil)
      #expect(response.head.all("Transfer-Encoding") == ["chunked"])
      #expect(response.text == text)
    }
  }

  @Test(arguments: [("/until-close", "until the end"), ("/old", "old body")])
  func bodyUntilCloseBecomesChunksAndTheClientStays(path: String, text: String) throws {
    let client = try self.client()
    for _ in 0..<2 {
      try client.request("GET", path)
      let response = try client.response()
      #expect(response.head.startLine == "HTTP/1.1 200 OK")
      #expect(response.head.all("Transfer-Encoding") == ["chunked"])
      #expect(response.text == text)
    }
  }

  @Test func trailersReachAClientThatAsksForThem() throws {
    let client = try self.client()
    try client.request("GET", "/trailers", headers: [("TE", "trailers"), ("Connection", "TE")])
    let response = try client.response()
    #expect(response.text == "ab")
    #expect(response["Trailer"] == "X-Sum")
    #expect(response.trailers == [.init(name: "X-Sum", value: "42")])
  }

  @Test func clientThatDoesNotAskGetsABodyWithoutTrouble() throws {
    let client = try self.client()
    for _ in 0..<2 {
      try client.request("GET", "/trailers")
      let response = try client.response()
      #expect(response.text == "ab")
      #expect(response["Trailer"] == nil)
    }
  }

  static let uploads = [
    ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("0\r\n\r\n", ""), ("3;name=value\r\nabc\r\n1;x\r\nd\r\n000\r\n\r\n", "abcd"),
    ("a;q=\"quoted;\\\"text\"\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("00000003\r\nabc\r\n0\r\n\r\n", "abc"),
  ]

  @Test(arguments: Self.uploads) func chunkedUploadArrives(chunks: String, text: String) throws {
    let client = try self.client()
    for _ in 0..<2 {
      try client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
      let echo = try client.response().echo()
      #expect(echo.rest == text)
      let framings = echo.head.all("Transfer-Encoding") + echo.head.all("Content-Length")
      #expect(framings == ["chunked"] || framings == [String(text.utf8.count)])
    }
  }

  /// nginx drops the trailers of a request; passing them on as trailers is as good. Never may they become headers.
  @Test func requestTrailersNeverBecomeHeaders() throws {
    let client = try self.client()
    let text = "POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-End: 1\r\n\r\n"
    try client.send(text + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    let echo = try client.response().echo()
    #expect(echo.head.all("X-End") == [])
    #expect(echo.rest == "ab" || echo.rest == "abX-End: 1\r\n")
    #expect(try client.response().echo().head.word(1) == "/next")
  }

  @Test func getWithABodyIsForwarded() throws {
    let response = try Self.shared.get().gateway.send("GET", "/x", body: "body of a get")
    #expect(try response.echo().rest == "body of a get")
  }
}
