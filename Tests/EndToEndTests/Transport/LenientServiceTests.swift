// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What services send against the letter of RFC 9112 and every peer relays: it reaches the client in the right form.
@Suite struct LenientServiceTests {
  static let responses = [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n0   \r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\t\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nhe\r\n3 junk\r\nllo\r\n0 \r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\n\n",
    "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\nX-A: b\r\nContent-Length: 5\r\n\nhello", "HTTP/1.1 200\nContent-Length: 5\n\nhello",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
    "HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  ]

  enum Cut: CaseIterable { case whole, bytes }

  @Test(arguments: Self.responses, Cut.allCases) func looseResponseIsRelayed(text: String, cut: Cut) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      _ = try exchange.readBody()
      if cut == .whole { return try exchange.send(text) }
      for byte in text.utf8 { try exchange.send([byte]) }
    }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 200)
      #expect(response.text == "hello")
      #expect(!response.head.raw.indices.contains { Self.isBareLineFeed(response.head.raw, $0) })
    }
    #expect(fixture.origin.failures == [])
  }

  private static func isBareLineFeed(_ bytes: [UInt8], _ index: Int) -> Bool {
    bytes[index] == 10 && (index == 0 || bytes[index - 1] != 13)
  }

  @Test(arguments: [600, 777, 999]) func statusBeyondTheRegistryIsRelayed(status: Int) throws {
    let fixture = try Fixture { try $0.send("HTTP/1.1 \(status) Request denied\r\nContent-Length: 2\r\n\r\nno") }
    let response = try fixture.gateway.get()
    #expect(response.head.startLine == "HTTP/1.1 \(status) Request denied")
    #expect(response.text == "no")
  }

  /// Padding is read alike by everybody, so the connection is kept; a bare LF is not.
  @Test(arguments: [("5  \r\nhello\r\n0\r\n\r\n", 1), ("5\nhello\r\n0\r\n\r\n", 3), ("5\r\nhello\r\n0\r\n\n", 3)])
  func connectionIsKeptWhereNothingIsInDoubt(body: String, connections: Int) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      _ = try exchange.readBody()
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
    }
    for _ in 0..<3 { #expect(try fixture.gateway.get().text == "hello") }
    #expect(fixture.origin.connectionCount == connections)
  }

  // MARK: For the proxy only

  private static let hidden = [
    "X-Accel-Redirect": "/secret", "X-Accel-Expires": "10", "X-Accel-Limit-Rate": "1", "X-Accel-Buffering": "no",
    "X-Accel-Charset": "koi8-r", "X-Pad": "x", "x-accel-REDIRECT": "/other",
  ]

  /// nginx keeps these to itself. Following a redirect of the service within the gateway would pass by its routes.
  @Test func fieldsForNginxStayHere() throws {
    let fixture = try Fixture(
      route: "plugins: [{name: proxy-cache, config: {strategy: memory}}]",
      settings: ["nginx_worker_processes": "1"]
    ) { exchange in
      let more = [("Content-Type", "text/plain"), ("X-Accel", "1"), ("X-Accel-Other", "2"), ("X-Padding", "3")]
      try exchange.respond(headers: Self.hidden.map { ($0.key, $0.value) } + more, body: "public")
    }
    for status in ["Miss", "Hit"] {
      let response = try fixture.gateway.get("/page")
      #expect(response["X-Cache-Status"] == status)
      #expect(response.status == 200 && response.text == "public")
      for name in Self.hidden.keys { #expect(response.head.all(name) == [], "\(name)") }
      #expect(response["X-Accel"] == "1" && response["X-Accel-Other"] == "2" && response["X-Padding"] == "3")
      #expect(response["Content-Type"] == "text/plain; charset=UTF-8")
    }
    #expect(fixture.origin.requests.map { $0.word(1) } == ["/page"])
  }

  @Test func interimResponsesKeepThemToo() throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 103 Early Hints\r\nX-Accel-Redirect: /secret\r\nLink: </a>\r\n\r\n")
      try exchange.echo()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    let interim = try client.reader.readHead()
    #expect(interim.word(1) == "103" && interim["Link"] == "</a>" && interim["X-Accel-Redirect"] == nil)
    #expect(try client.response().status == 200)
  }
}
