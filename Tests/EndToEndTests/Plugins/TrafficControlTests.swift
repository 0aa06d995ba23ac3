// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The plugins cors, ip-restriction, redirect and request-size-limiting (facts: plugins.md 3).
@Suite struct TrafficControlTests {
  private func fixture(_ plugin: String, _ config: String, settings: [String: String] = [:]) throws -> Fixture {
    try Fixture(
      global: "plugins:\n- name: \(plugin)\n  config: {\(config)}\n", settings: settings)
  }

  // MARK: cors

  @Test func aPreflightDoesNotReachTheService() throws {
    let fixture = try self.fixture("cors", "origins: ['https://shop.example'], max_age: 60")
    let headers = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT")]
    let answer = try fixture.gateway.send("OPTIONS", "/", headers: headers)
    #expect(answer.status == 200 && answer.text.isEmpty)
    #expect(answer["Access-Control-Allow-Origin"] == "https://shop.example" && answer["Vary"] == "Origin")
    #expect(answer["Access-Control-Max-Age"] == "60")
    #expect(answer["Access-Control-Allow-Methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT")
    #expect(fixture.origin.requests.isEmpty)
  }

  /// What the service says of origins is replaced; its Vary stays beside ours.
  @Test func theServicesAnswerIsLabelled() throws {
    let config = "origins: ['https://a.example', '.*\\.b\\.example'], credentials: true"
    let fixture = try Fixture(global: "plugins:\n- name: cors\n  config: {\(config)}\n") { call in
      try call.respond(headers: [("Access-Control-Allow-Origin", "http://evil.example"), ("Vary", "Accept")])
    }
    let known = try fixture.gateway.get(headers: [("Origin", "https://www.b.example:443")])
    #expect(known.head.all("Access-Control-Allow-Origin") == ["https://www.b.example"])
    #expect(known.head.all("Access-Control-Allow-Credentials") == ["true"])
    #expect(known.head.all("Vary") == ["Accept", "Origin"])
    let unknown = try fixture.gateway.get(headers: [("Origin", "https://c.example")])
    #expect(unknown.status == 200 && unknown.head.all("Access-Control-Allow-Origin").isEmpty)
  }

  // MARK: ip-restriction

  @Test func addressesAreLetInOrNot() throws {
    let trusting = ["trusted_ips": "127.0.0.1", "real_ip_header": "X-Forwarded-For"]
    let fixture = try self.fixture("ip-restriction", "allow: [10.0.0.0/8], deny: [10.9.0.0/16]", settings: trusting)
    func status(from address: String) throws -> Int {
      try fixture.gateway.get(headers: [("X-Forwarded-For", address)]).status
    }
    #expect(try status(from: "10.1.2.3") == 200)
    #expect(try status(from: "10.9.2.3") == 403)
    let refused = try fixture.gateway.get(headers: [("Accept", "application/json")])
    #expect(refused.status == 403 && refused.text.contains("IP address not allowed: 127.0.0.1"))
  }

  // MARK: redirect

  @Test func clientsAreSentElsewhere() throws {
    let fixture = try self.fixture(
      "redirect", "location: 'https://new.example/x', keep_incoming_path: true, status_code: 308")
    let answer = try fixture.gateway.get("/a%20b%0d%0aX-Evil:1?c=%20d")
    #expect(answer.status == 308 && answer.text == "redirecting")
    #expect(answer["X-Evil"] == nil)
    let location = try #require(answer["Location"])
    #expect(location.hasPrefix("https://new.example/a%20b") && location.hasSuffix("?c=%20d"))
    #expect(fixture.origin.requests.isEmpty)
  }

  // MARK: request-size-limiting

  private static let fourBytes = "allowed_payload_size: 4, size_unit: bytes"

  @Test func largeBodiesAreRefused() throws {
    let fixture = try self.fixture("request-size-limiting", Self.fourBytes)
    #expect(try fixture.gateway.send("POST", "/", body: "four").status == 200)
    let refused = try fixture.gateway.send("POST", "/", headers: [("Accept", "application/json")], body: "fives")
    #expect(refused.status == 413 && refused.text.contains("Request size limit exceeded"))
    #expect(fixture.origin.requests.count == 1)
  }

  @Test func chunksAreCountedAsTheyCome() throws {
    let fixture = try self.fixture("request-size-limiting", Self.fourBytes)
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(try fixture.gateway.raw(head + "4\r\nfour\r\n0\r\n\r\n", method: "POST").status == 200)
    let refused = try fixture.gateway.raw(head + "4\r\nfour\r\n1\r\n!\r\n0\r\n\r\n", method: "POST")
    #expect(refused.status == 413 && refused.text.contains("Request size limit exceeded"))
    // Nothing of the limit sticks to the connection's next request.
    #expect(try fixture.gateway.raw(head + "4\r\nfour\r\n0\r\n\r\n", method: "POST").status == 200)
  }

  @Test func aLengthMayBeAskedFor() throws {
    let fixture = try self.fixture("request-size-limiting", "require_content_length: true")
    #expect(try fixture.gateway.get().status == 411)
    #expect(try fixture.gateway.send("POST", "/", body: "x").status == 200)
  }
}
