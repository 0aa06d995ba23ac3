// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Large bodies that a plugin changes do not keep others waiting, and may be left at any time.
@Suite struct HostileBodyWorkTests {
  /// Some 7 MB of JSON, near the limit of what is changed.
  private static let large =
    #"{"secret":1,"list":["# + (0..<700_000).map { "\(1_000_000 + $0)" }.joined(separator: ",") + #"],"end":true}"#
  private static let plugin =
    "plugins:\n- {name: response-transformer, config: {remove: {json: [secret]}, add: {json: [\"more:x\"]}}}\n"

  private static func fixture(_ body: String, more: String = "") throws -> Fixture {
    try Fixture(global: Self.plugin + more) { exchange in
      if exchange.target.hasPrefix("/small") {
        return try exchange.respond(headers: [("Content-Type", "application/json")], body: "{}")
      }
      let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      try exchange.send(head)
      try exchange.send(Array(body.utf8), seconds: 30)
    }
  }

  @Test func aLargeBodyIsChangedWhole() throws {
    let fixture = try Self.fixture(Self.large)
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.request("GET", "/large")
      let response = try client.response(seconds: 60)
      #expect(response.status == 200)
      #expect(response.text.hasPrefix(#"{"list":[1000000,"#) && response.text.hasSuffix(#""end":true,"more":"x"}"#))
    }
  }

  /// The thread that changes it is not one that carries traffic: small requests on every loop go on meanwhile.
  @Test func othersGoOnMeanwhile() throws {
    let fixture = try Self.fixture(Self.large)
    let busy = try (0..<4).map { _ in try RawClient(port: fixture.gateway.port) }
    for client in busy { try client.request("GET", "/large") }
    for _ in 0..<50 { #expect(try fixture.gateway.get("/small").text == #"{"more":"x"}"#) }
    for client in busy { #expect(try client.response(seconds: 90).status == 200) }
  }

  @Test func aClientThatLeavesIsForgotten() throws {
    let fixture = try Self.fixture(Self.large)
    for _ in 0..<6 {
      let client = try RawClient(port: fixture.gateway.port)
      try client.request("GET", "/large")
      #expect(try client.reader.readHead(seconds: 60).word(1) == "200")
      client.close()
    }
    #expect(try fixture.gateway.get("/small").status == 200)
    try Deadline.wait(for: "all of them in the log", seconds: 60) {
      fixture.gateway.accessLog.split(separator: "\n").count { $0.contains("GET /large") } == 6
    }
    #expect(try fixture.gateway.get("/large", seconds: 60).text.hasSuffix(#""more":"x"}"#))
  }

  @Test func whatIsNoJSONPassesAsBefore() throws {
    let broken = String(Self.large.dropLast(100_000))
    let fixture = try Self.fixture(broken)
    let response = try fixture.gateway.get("/large", seconds: 60)
    #expect(response.status != 200 || response.text == broken)
    try fixture.gateway.waitForLog("[response-transformer]")
  }

  /// A cache behind the plugin keeps what the client got.
  @Test func whatIsMadeElsewhereIsCached() throws {
    let middle = #"{"secret":1,"text":"\#(String(repeating: "x", count: 100_000))"}"#
    let cache = "- {name: proxy-cache, config: {strategy: memory}}\n"
    let fixture = try Self.fixture(middle, more: cache)
    let first = try fixture.gateway.get("/large")
    let second = try fixture.gateway.get("/large")
    #expect(first["X-Cache-Status"] == "Miss" && second["X-Cache-Status"] == "Hit")
    #expect(!first.text.contains("secret") && second.text == first.text)
    #expect(fixture.origin.requests.count == 1)
  }

  // MARK: Trailers

  @Test func trailersCountAsTheBodyTheyGoOnWith() throws {
    let fixture = try Fixture(
      global: "plugins:\n- {name: request-size-limiting, config: {allowed_payload_size: 40, size_unit: bytes}}\n")
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n"
    #expect(try fixture.gateway.raw(head + "\r\n", method: "POST").status == 200)
    #expect(try fixture.gateway.raw(head + "X-Small: 1\r\n\r\n", method: "POST").status == 200)
    let long = String(repeating: "x", count: 64)
    let refused = try fixture.gateway.raw(head + "X-Long: \(long)\r\n\r\n", method: "POST")
    #expect(refused.status == 413 && refused.text.contains("Request size limit exceeded"))
    let many = (0..<8).map { "X-\($0): 1\r\n" }.joined()
    #expect(try fixture.gateway.raw(head + many + "\r\n", method: "POST").status == 413)
  }
}
