// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Bodies that are not held back: larger than `request_buffer_size`, or on routes without `request_buffering`.
@Suite struct RequestStreamingTests {
  private static let chunkedHead = "PUT /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  private static func chunk(_ count: Int) -> String {
    "\(String(count, radix: 16))\r\n\(String(repeating: "x", count: count))\r\n"
  }

  @Test(arguments: [65_537, 300_000], [true, false]) func largerBodyStreamsAsItCame(count: Int, isChunked: Bool) throws
  {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"])
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      if isChunked {
        try client.send(Self.chunkedHead + Self.chunk(10_000) + Self.chunk(count - 10_000) + "0\r\nX-Sum: 1\r\n\r\n")
      } else {
        try client.request("PUT", "/up", body: [UInt8](repeating: UInt8(ascii: "x"), count: count))
      }
      let echo = try client.response().echo()
      #expect(echo.head.all("Transfer-Encoding") == (isChunked ? ["chunked"] : []))
      #expect(echo.head.all("Content-Length") == (isChunked ? [] : ["\(count)"]))
      let isWhole = echo.rest == String(repeating: "x", count: count) + (isChunked ? "X-Sum: 1\r\n" : "")
      #expect(isWhole, "\(echo.rest.utf8.count) bytes")
    }
  }

  @Test func serviceIsContactedOnceTheBufferIsFull() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(70_000))
    try fixture.origin.waitForRequests(1)
    try client.send(Self.chunk(5) + "0\r\n\r\n")
    #expect(try client.response().echo().rest.utf8.count == 70_005)
  }

  @Test func sizeOfTheBufferIsAProperty() throws {
    let fixture = try Fixture(settings: ["request_buffer_size": "10"])
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(10) + "0\r\n\r\n")
    #expect(try client.response().echo().head.all("Content-Length") == ["10"])
    try client.send(Self.chunkedHead + Self.chunk(11))
    try fixture.origin.waitForRequests(2)
    try client.send("0\r\n\r\n")
    #expect(try client.response().echo().head.all("Transfer-Encoding") == ["chunked"])
  }

  @Test(arguments: [("request_buffering: false", "64k"), ("", "0")])
  func nothingIsHeldBackWhenOff(route: String, size: String) throws {
    let fixture = try Fixture(route: route, settings: ["request_buffer_size": size])
    let client = try RawClient(port: fixture.gateway.port)
    for round in 1...2 {
      try client.send(Self.chunkedHead + Self.chunk(2))
      try fixture.origin.waitForRequests(round)
      try client.send(Self.chunk(3) + "0\r\nX-Sum: 1\r\n\r\n")
      let echo = try client.response().echo()
      #expect(echo.head.all("Transfer-Encoding") == ["chunked"])
      #expect(echo.rest == "xxxxxX-Sum: 1\r\n")
      try client.send(Self.chunkedHead + Self.chunk(2) + "0\r\n\r\n")
      #expect(try client.response().echo().head.all("Transfer-Encoding") == ["chunked"])
      try fixture.origin.waitForRequests(round * 2)
    }
  }

  // MARK: Tries

  /// Closes the first `failures` connections without an answer once the body was read, then echoes.
  private func flaky(_ failures: Int, route: String = "", settings: [String: String] = [:]) throws -> Fixture {
    try Fixture(service: "retries: 5", route: route, settings: settings) { exchange in
      if exchange.connectionNumber > failures { return try exchange.echo() }
      _ = try exchange.readBody()
      exchange.close()
    }
  }

  @Test func everyTryHasTheHeldBody() throws {
    let fixture = try self.flaky(2)
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(30_000) + Self.chunk(30_000) + "0\r\n\r\n")
    let echo = try client.response().echo()
    #expect(echo.head.all("Content-Length") == ["60000"])
    #expect(echo.rest.utf8.count == 60_000)
    #expect(fixture.origin.requests.map { $0["Content-Length"] } == ["60000", "60000", "60000"])
  }

  @Test func everyTryHasTheStreamedBody() throws {
    let fixture = try self.flaky(2, route: "request_buffering: false")
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(30_000) + Self.chunk(30_000) + "0\r\nX-Sum: 1\r\n\r\n")
    let echo = try client.response().echo()
    #expect(echo.head.all("Transfer-Encoding") == ["chunked"])
    let isWhole = echo.rest == String(repeating: "x", count: 60_000) + "X-Sum: 1\r\n"
    #expect(isWhole)
  }

  @Test func aBodyThatIsNoLongerHereIsNotTriedAgain() throws {
    let fixture = try self.flaky(1)
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.chunkedHead + Self.chunk(100_000) + Self.chunk(100_000) + "0\r\n\r\n")
    #expect(try client.response().status == 502)
    #expect(fixture.origin.requests.count == 1)
  }

  /// Nothing of it was sent before a connection stood.
  @Test func aLargeBodyIsTriedElsewhereWhenTheFirstTargetRefuses() throws {
    let origin = try Origin()
    let refused = try ListeningSocket(backlog: nil)
    let text = """
      _format_version: "3.0"
      upstreams:
      - name: pool
        targets: [{target: "127.0.0.1:\(refused.port)"}, {target: "127.0.0.1:\(origin.port)"}]
      services:
      - {name: pooled, host: pool, routes: [{name: r, paths: [/]}]}
      """
    let gateway = try GatewayProcess(text, settings: ["nginx_worker_processes": "1"])
    for _ in 0..<2 {
      let client = try RawClient(port: gateway.port)
      try client.send(Self.chunkedHead + Self.chunk(70_000) + "0\r\n\r\n")
      #expect(try client.response().echo().rest.utf8.count == 70_000)
    }
  }

  // MARK: Plugins that read bodies

  @Test(arguments: [100, 8192, 20_000, 65_536, 100_000]) func bodyOfAPluginGoesOn(count: Int) throws {
    let fixture = try Fixture(
      global: """
        plugins:
        - {name: key-auth, config: {key_in_body: true}}
        consumers:
        - {username: alice, keyauth_credentials: [{key: alice-key}]}
        """)
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.send("PUT /?apikey=alice-key HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      try client.send(Self.chunk(count / 2) + Self.chunk(count - count / 2) + "0\r\n\r\n")
      let echo = try client.response().echo()
      #expect(echo.rest.utf8.count == count)
      #expect(echo.head.all("Content-Length") == (count <= 65_536 ? ["\(count)"] : []))
    }
  }
}
