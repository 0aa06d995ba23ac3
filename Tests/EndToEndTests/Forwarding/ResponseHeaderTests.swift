// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What the client sees of a proxied response (facts: proxy.md 4).
@Suite struct ResponseHeaderTests {
  private static let shared = Result { try Fixture(handler: Self.answer) }

  /// Answers as the path says.
  @Sendable private static func answer(_ exchange: Exchange) throws {
    switch exchange.target {
    case "/bare": try exchange.respond(body: "x")
    case "/via": try exchange.respond(headers: [("Via", "1.0 origin"), ("Server", "mine")], body: "x")
    case "/hops":
      let fields = [
        ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("X-Stays", "2"),
        ("Upgrade", "h2c"), ("Trailer", "X-End"),
      ]
      try exchange.respond(headers: fields, body: "x")
    case "/mixed":
      let fields = [
        ("X-CaSe", "A"), ("Set-Cookie", "a=1"), ("x-lower", "b"), ("Set-Cookie", "b=2"), ("X-Empty", ""),
        ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"), ("ETag", "\"e\""), ("Cache-Control", "no-store"),
      ]
      try exchange.respond(201, headers: fields, body: "x")
    case "/reason": try exchange.send("HTTP/1.1 299 Odd But Fine\r\nContent-Length: 0\r\n\r\n")
    default: try exchange.echo()
    }
  }

  private func get(_ path: String, headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(path, headers: headers)
  }

  @Test func saysHowLongItTookAndWhoWasBetween() throws {
    let response = try self.get("/")
    #expect(response.status == 200)
    #expect(response.head.all("Via") == [Wire.via])
    #expect(Wire.isLatency(response["X-Kong-Upstream-Latency"]))
    #expect(Wire.isLatency(response["X-Kong-Proxy-Latency"]))
    #expect(response["X-Kong-Response-Latency"] == nil)
    #expect(response["X-Kong-Upstream-Status"] == nil)
  }

  @Test func requestIDIsTheSameUpstreamAndDownstream() throws {
    let response = try self.get("/", headers: [("X-Kong-Request-Id", "forged")])
    let upstream = try response.echo().head.all("X-Kong-Request-Id")
    #expect(upstream.count == 1)
    #expect(Wire.isRequestID(upstream.first))
    #expect(response.head.all("X-Kong-Request-Id") == upstream)
    #expect(try self.get("/")["X-Kong-Request-Id"] != upstream.first)
  }

  @Test func upstreamViaIsExtendedAndItsServerKept() throws {
    let response = try self.get("/via")
    #expect(response.head.all("Via") == ["1.0 origin, \(Wire.via)"])
    #expect(response.head.all("Server") == ["mine"])
  }

  @Test func missingServerIsFilledIn() throws {
    #expect(try self.get("/bare").head.all("Server") == [Wire.serverToken])
  }

  @Test func hopByHopFieldsStay() throws {
    let response = try self.get("/hops")
    #expect(response.status == 200)
    for name in ["X-Hop", "Keep-Alive", "Upgrade", "Trailer"] { #expect(response.head.all(name) == [], "\(name)") }
    #expect(response["X-Stays"] == "2")
  }

  @Test func endToEndFieldsKeepNameCaseValueAndOrder() throws {
    let response = try self.get("/mixed")
    #expect(response.status == 201)
    let expected = ["X-CaSe", "Set-Cookie", "x-lower", "Set-Cookie", "X-Empty"]
    #expect(response.head.names.filter { expected.contains($0) } == expected)
    #expect(response.head.all("Set-Cookie") == ["a=1", "b=2"])
    #expect(response.head.all("Date") == ["Thu, 01 Jan 1970 00:00:00 GMT"])
    #expect(response["ETag"] == "\"e\"")
  }

  @Test func statusAndReasonPass() throws {
    #expect(try self.get("/reason").head.startLine == "HTTP/1.1 299 Odd But Fine")
  }

  @Test func dateIsAddedWhenTheUpstreamHasNone() throws {
    let date = try #require(try self.get("/bare")["Date"])
    #expect(date.hasSuffix(" GMT") && date.utf8.count == 29)
  }

  @Test func traceIsOffWithoutPermission() throws {
    let response = try self.get("/", headers: [("Kong-Debug", "1")])
    #expect(response["Kong-Route-Id"] == nil)
    #expect(response["Kong-Service-Name"] == nil)
  }
}
