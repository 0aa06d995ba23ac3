// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Keep-alive, pipelining and HTTP/1.0 on the client's side.
@Suite struct ClientConnectionTests {
  private static let shared = Result { try Fixture(handler: Self.answer) }

  @Sendable private static func answer(_ exchange: Exchange) throws {
    guard exchange.target == "/chunked" else { return try exchange.echo() }
    try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
  }

  private func client() throws -> RawClient { try RawClient(port: Self.shared.get().gateway.port) }

  @Test func oneConnectionCarriesManyRequests() throws {
    let client = try self.client()
    for number in 0..<20 {
      try client.request("POST", "/n/\(number)", body: Array("body \(number)".utf8))
      let echo = try client.response().echo()
      #expect(echo.head.word(1) == "/n/\(number)")
      #expect(echo.rest == "body \(number)")
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let client = try self.client()
    let batch = (0..<30).map { number in
      number % 3 == 0
        ? "POST /p/\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        : number % 3 == 1
          ? "POST /p/\(number) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
          : "GET /p/\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
    }
    try client.send(batch.joined())
    for number in 0..<30 {
      let echo = try client.response().echo()
      #expect(echo.head.word(1) == "/p/\(number)")
      #expect(echo.rest == (number % 3 == 2 ? "" : "abc"))
    }
  }

  @Test func pipelinedErrorsKeepTheirPlace() throws {
    let fixture = try Fixture(route: "paths: [/in]")
    let client = try RawClient(port: fixture.gateway.port)
    let paths = ["/in", "/out", "/in", "/out"]
    try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
    for path in paths { #expect(try client.response().status == (path == "/in" ? 200 : 404)) }
  }

  @Test func requestByteByByteIsUnderstood() throws {
    let client = try self.client()
    let text = "POST /slow?x HTTP/1.1\r\nHost: a\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    try client.send(parts: text.map { String($0) })
    let echo = try client.response().echo()
    #expect(echo.head.word(1) == "/slow?x")
    #expect(echo.rest == "abc")
  }

  @Test func emptyLinesBeforeARequestAreSkipped() throws {
    let client = try self.client()
    try client.send("\r\nGET /after HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try client.response().echo().head.word(1) == "/after")
  }

  @Test(arguments: ["close", "Close", "keep-alive, close"]) func closeIsHonoured(value: String) throws {
    let client = try self.client()
    try client.request("GET", "/", headers: [("Connection", value)])
    let response = try client.response()
    #expect(response.status == 200)
    #expect(response["Connection"]?.lowercased() == "close")
    #expect(try client.isClosedByPeer())
  }

  @Test func oldClientIsClosedAfterItsAnswer() throws {
    let client = try self.client()
    try client.send("GET /old HTTP/1.0\r\n\r\n")
    let response = try client.response()
    #expect(response.status == 200)
    #expect(response.head.word(0) == "HTTP/1.1")
    #expect(try response.echo().head.startLine == "GET /old HTTP/1.1")
    #expect(try client.isClosedByPeer())
  }

  @Test func oldClientMayAskToStay() throws {
    let client = try self.client()
    for _ in 0..<2 {
      try client.send("GET /old HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
      let response = try client.response()
      #expect(response.status == 200)
      #expect(response["Connection"]?.lowercased() == "keep-alive")
    }
  }

  @Test func oldClientGetsNoChunks() throws {
    let client = try self.client()
    try client.send("GET /chunked HTTP/1.0\r\nHost: a\r\n\r\n")
    let head = try client.reader.readHead()
    #expect(head["Transfer-Encoding"] == nil)
    #expect(head["Content-Length"] == nil)
    #expect(try client.reader.readToEnd() == Array("hello world".utf8))
  }

  @Test func connectionEndsAfterItsAllowedRequests() throws {
    let fixture = try Fixture(settings: ["nginx_http_keepalive_requests": "3"])
    let client = try RawClient(port: fixture.gateway.port)
    for number in 1...3 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect((response["Connection"]?.lowercased() == "close") == (number == 3))
    }
    #expect(try client.isClosedByPeer())
  }

  @Test func clientThatEndsItsSideStillGetsItsAnswer() throws {
    let client = try self.client()
    try client.request("GET", "/half", headers: [("Connection", "close")])
    client.socket.shutdownWrite()
    // As nginx with its defaults, a gateway may also take this for a client that went away.
    let answer = String(decoding: try client.reader.readToEnd(acceptingReset: true), as: UTF8.self)
    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 200 "))
  }

  @Test func manyClientsAtOnceAreServed() throws {
    let clients = try (0..<300).map { _ in try self.client() }
    for (number, client) in clients.enumerated() { try client.request("GET", "/c/\(number)") }
    for (number, client) in clients.enumerated() {
      #expect(try client.response().echo().head.word(1) == "/c/\(number)")
    }
  }
}
