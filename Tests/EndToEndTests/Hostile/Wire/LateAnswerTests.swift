// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Answers that come late, and switches that were not asked for: none becomes the answer to another request.
@Suite struct LateAnswerTests {
  private static let one = ["nginx_worker_processes": "1"]

  /// What a service sends behind a response that has no body, and what its head said of one.
  static let bodiless = [
    ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"),
    ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 40\r\n\r\n"),
    ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 40\r\n\r\n"),
  ]

  @Test(arguments: Self.bodiless) func aBodyThatMustNotComeIsNoAnswer(method: String, head: String) throws {
    let fixture = try Fixture(settings: Self.one) { exchange in
      if exchange.target == "/first" {
        try exchange.send(head)
        return exchange.markBodyRead()
      }
      try exchange.respond(200, headers: [("X-Connection", "\(exchange.connectionNumber)")], body: "second")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request(method, "/first")
    _ = try client.response(to: method)
    try client.request("GET", "/second")
    let second = try client.response()
    #expect(second.status == 200 && second["X-Connection"] != "1")
  }

  /// The bytes wait in the gateway's socket when the next request asks for the connection.
  @Test func bytesBehindAResponseAreNoAnswer() throws {
    let sent = (0..<20).map { _ in Gate() }
    let fixture = try Fixture(settings: Self.one) { exchange in
      exchange.markBodyRead()
      guard exchange.target == "/first" else { return try exchange.respond(200, body: "honest") }
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
      if let round = exchange.head["X-Round"].flatMap({ Int($0) }) { sent[round].open() }
    }
    for round in 0..<20 {
      let client = try RawClient(port: fixture.gateway.port)
      try client.request("GET", "/first", headers: [("X-Round", "\(round)")])
      _ = try client.response()
      try sent[round].wait()
      try client.request("GET", "/second")
      #expect(try client.response().text == "honest")
    }
  }

  private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

  /// A handshake of another form goes on as the request it is.
  @Test(arguments: [
    "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(Self.key)Content-Length: 2\r\n\r\nhi",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(Self.key)Content-Length: 2\r\n\r\nhi",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(Self.key)"
      + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
  ])
  func onlyHandshakesAreUpgraded(request: String) throws {
    let fixture = try Fixture { exchange in
      if !exchange.head.all("Upgrade").isEmpty {
        return try exchange.send(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      }
      try exchange.echo()
    }
    let response = try fixture.gateway.raw(request)
    #expect(response.status == 200)
    #expect(try response.echo().head.all("Connection") == ["keep-alive"])
  }

  /// The write's time is over when it is done: an active tunnel goes on after `nginx_http_send_timeout`.
  @Test func anActiveTunnelOutlivesTheSendTimeout() throws {
    let fixture = try Fixture(settings: ["nginx_http_send_timeout": "1s"]) { exchange in
      exchange.markBodyRead()
      try exchange.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      try sendFiller(exchange.socket, count: 4 << 20)
      while true {
        let bytes = try exchange.reader.read(exactly: 4)
        try exchange.send(bytes)
      }
    }
    let client = try RawClient(port: fixture.gateway.port, receiveBuffer: 4096)
    try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(Self.key)\r\n")
    #expect(try client.reader.readHead().word(1) == "101")
    _ = try client.reader.read(exactly: 4 << 20)
    let clock = ContinuousClock()
    let start = clock.now
    // Longer than the timer that the blocked write armed.
    while clock.now - start < .seconds(2.5) {
      try client.send("ping")
      #expect(try client.reader.read(exactly: 4) == Array("ping".utf8))
    }
  }
}
