// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Upstream responses that break the rules: 502, the upstream connection is not used again, and the gateway goes on.
@Suite struct MalformedUpstreamTests {
  static let heads = [
    "garbage\r\n\r\n", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1\r\n\r\n", "SMTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: sideways\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Fold: 1\r\n 2\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Space : 1\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Nul: 1\u{0}\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\nContent-Length\n\n",
    "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-Big: \(String(repeating: "x", count: 200_000))\r\nContent-Length: 0\r\n\r\n",
  ]

  @Test(arguments: Self.heads) func brokenHeadIs502(_ answer: String) throws {
    let fixture = try Fixture(service: "retries: 0") { exchange in
      if exchange.target == "/good" { return try exchange.echo() }
      try exchange.send(answer)
      try exchange.waitForClose()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/bad")
    let response = try client.response()
    #expect(response.status == 502)
    #expect(response.text.hasPrefix("An invalid response was received from the upstream server\n"))
    try client.request("GET", "/good")
    #expect(try client.response().status == 200)
    #expect(fixture.origin.connectionCount == 2)
  }

  @Test func brokenHeadIsNotRetried() throws {
    let fixture = try Fixture(service: "retries: 3") { exchange in
      try exchange.send("garbage\r\n\r\n")
      exchange.close()
    }
    #expect(try fixture.gateway.get().status == 502)
    #expect(fixture.origin.requests.count == 1)
    try fixture.gateway.waitForLog("upstream")
  }

  /// The head is already with the client: all that is left is to end the connection so that it can tell.
  @Test(arguments: ["zz\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX", "FFFFFFFFFFFFFFFFFF\r\n", "5\r\nhel"])
  func brokenChunkCutsTheResponse(_ body: String) throws {
    let gate = Gate()
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
      try gate.wait()
      try exchange.send(body)
      exchange.close()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.reader.readHead().word(1) == "200")
    #expect(try client.reader.readChunk() == Array("abc".utf8))
    gate.open()
    let rest = String(decoding: try client.reader.readToEnd(acceptingReset: true), as: UTF8.self)
    #expect(!rest.hasSuffix("0\r\n\r\n"), "a cut response must not look complete")
  }

  @Test func shortBodyCutsTheResponse() throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
      exchange.close()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    let head = try client.reader.readHead()
    #expect(head["Content-Length"] == "100")
    #expect(try client.reader.readToEnd(acceptingReset: true) == Array("only this".utf8))
  }

  @Test func bytesBeyondTheLengthAreDroppedWithTheirConnection() throws {
    let fixture = try Fixture { exchange in
      try exchange.send(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
      _ = try exchange.readBody()
    }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<3 {
      try client.request("GET", "/")
      #expect(try client.response().text == "ok")
    }
    #expect(fixture.origin.connectionCount == 3)
  }

  @Test func bodyWhereNoneMayBeIsDropped() throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
      _ = try exchange.readBody()
    }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<3 {
      try client.request("GET", "/")
      #expect(try client.response().status == 204)
    }
  }

  @Test func switchThatNobodyAskedForIs502() throws {
    let fixture = try Fixture(service: "retries: 0") { exchange in
      try exchange.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nraw")
      try exchange.waitForClose()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.response().status == 502)
  }
}
