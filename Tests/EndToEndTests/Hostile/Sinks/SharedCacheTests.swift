// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// What one client can make `proxy-cache` give to another.
@Suite struct HostileSharedCacheTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative, handler: Self.answer) }

  private static func declarative(port: Int) -> String {
    let routes = [("plain", ""), ("posts", "request_method: [GET, POST]"), ("some", "vary_query_params: [id]")]
    let lines = routes.map { name, config in
      """
        - name: \(name)
          paths: [/\(name)]
          preserve_host: true
          plugins:
          - {name: proxy-cache, config: {strategy: memory, response_code: [200, 206, 404, 412, 429], \(config)}}
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(lines.joined(separator: "\n"))
      """
  }

  /// Tells what it was asked, with the fields that the query names: `?Vary=Cookie`.
  private static func answer(_ exchange: Exchange) throws {
    let body = String(decoding: try exchange.readBody(), as: UTF8.self)
    var headers = [("Content-Type", "text/plain")]
    let query = exchange.target.split(separator: "?").dropFirst().first ?? ""
    for part in query.split(separator: "&") where part.contains("=") {
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.removingPercentEncoding ?? "" }
      if pair.count == 2, pair[0].first?.isUppercase == true { headers.append((pair[0], pair[1])) }
    }
    let shown = ["Host", "Cookie", "Authorization", "X-Original-URL", "X-HTTP-Method-Override", "Range"]
      .map { exchange.head[$0] ?? "-" }
    let status = exchange.head["Range"] != nil ? 206 : exchange.head["If-Match"] != nil ? 412 : 200
    try exchange.respond(status, headers: headers, body: (shown + [body]).joined(separator: "|"))
  }

  private func send(
    _ method: String = "GET", _ target: String, _ headers: (String, String)..., body: String? = nil
  ) throws -> Response {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body)
  }

  /// What the attacker sends first, and what the victim gets then: its own answer.
  private func expectUntouched(_ target: String, by attack: (String, String)..., body: String? = nil) throws {
    let gateway = try Self.shared.get().gateway
    let attacked = try gateway.send("GET", target, headers: attack, body: body)
    let clean = try gateway.get(target)
    #expect(clean.status == 200 && clean["X-Cache-Status"] != "Hit", "\(attack) \(attacked.text)")
    #expect(clean.text == "gateway.test|-|-|-|-|-|", "\(attack)")
    // Nor does the attacker get, or change, what is kept now.
    _ = try gateway.send("GET", target, headers: attack, body: body)
    let again = try gateway.get(target)
    #expect(again["X-Cache-Status"] == "Hit" && again.text == clean.text)
  }

  @Test func anotherHostIsAnotherThing() throws {
    try self.expectUntouched("/plain/host", by: ("Host", "evil.test"))
    try self.expectUntouched("/plain/port", by: ("Host", "gateway.test:81"))
  }

  @Test(arguments: ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override"])
  func anotherMethodIsAnotherThing(name: String) throws {
    try self.expectUntouched("/plain/method/\(name)", by: (name, "DELETE"))
  }

  @Test(arguments: ["X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Forwarded-Scheme", "Forwarded"])
  func anotherTargetIsAnotherThing(name: String) throws {
    try self.expectUntouched("/plain/target/\(name)", by: (name, "host=evil.test"))
  }

  @Test func aBodyOfAGetIsAnotherThing() throws {
    try self.expectUntouched("/plain/body", body: "id=1")
    try self.expectUntouched("/posts/body", body: "id=1")
  }

  @Test func bodiesOfPostsAreToldApart() throws {
    for status in ["Miss", "Hit"] {
      for body in ["a", "b"] {
        let response = try self.send("POST", "/posts/x", body: body)
        #expect(response["X-Cache-Status"] == status && response.text.hasSuffix("|\(body)"))
      }
    }
  }

  @Test func credentialsAreNotShared() throws {
    try self.expectUntouched("/plain/credentials", by: ("Authorization", "Bearer ann"))
    let ann = try self.send("GET", "/plain/credentials", ("Authorization", "Bearer ann"))
    #expect(ann["X-Cache-Status"] == "Bypass" && ann.text.contains("Bearer ann"))
  }

  @Test(arguments: ["Cookie", "cookie, accept", "Accept,  Cookie"]) func varyIsObeyed(vary: String) throws {
    let target = "/plain/vary?Vary=\(vary.replacing(" ", with: "%20").replacing(",", with: "%2C"))"
    for status in ["Miss", "Hit"] {
      for cookie in ["s=ann", "s=bob"] {
        let response = try self.send("GET", target, ("Cookie", cookie))
        #expect(response["X-Cache-Status"] == status && response.text.contains("|\(cookie)|"))
      }
      #expect(try self.send("GET", target)["X-Cache-Status"] == status)
    }
  }

  @Test(arguments: [
    "Vary=*", "Set-Cookie=s%3D1", "Cache-Control=private", "Cache-Control=no-store", "Cache-Control=no-cache",
    "Cache-Control=max-age%3D60;private",
  ]) func whatIsForOneClientIsNotKept(field: String) throws {
    for _ in 0..<3 { #expect(try self.send("GET", "/plain/one?\(field)")["X-Cache-Status"] == "Bypass") }
  }

  @Test func conditionsAndRangesOfOneAreNotForOthers() throws {
    try self.expectUntouched("/plain/range", by: ("Range", "bytes=0-1"))
    try self.expectUntouched("/plain/match", by: ("If-Match", "\"x\""))
  }

  @Test(arguments: ["/some/x?u=1;id=9", "/some/x?id[]=9", "/some/x?ID=9"])
  func aParameterInDisguiseIsAnotherThing(target: String) throws {
    _ = try self.send("GET", target)
    #expect(try self.send("GET", "/some/x?u=2&m=\(target.utf8.count)")["X-Cache-Status"] != nil)
    let clean = try self.send("GET", target)
    #expect(clean["X-Cache-Status"] == "Hit")
    let key = try self.send("GET", "/some/x")["X-Cache-Key"]
    #expect(clean["X-Cache-Key"] != key)
  }

  @Test func valuesKeepTheirOrder() throws {
    #expect(try self.send("GET", "/plain/order?a=1&a=2")["X-Cache-Status"] == "Miss")
    #expect(try self.send("GET", "/plain/order?a=2&a=1")["X-Cache-Status"] == "Miss")
  }

  /// Whatever number of clients ask at once, the service is asked once.
  @Test func aStampedeIsOneRequest() throws {
    let arrived = Gate()
    let leave = Gate()
    let asked = Mutex(0)
    let fixture = try Fixture(global: "plugins:\n- {name: proxy-cache, config: {strategy: memory}}\n") { exchange in
      if exchange.target == "/pass" { return try exchange.respond() }
      asked.withLock { $0 += 1 }
      arrived.open()
      try leave.wait()
      try exchange.respond(headers: [("Content-Type", "text/plain")], body: "once")
    }
    let gateway = fixture.gateway
    let clients = try (0..<40).map { _ in try RawClient(port: gateway.port) }
    try clients[0].request("GET", "/hot")
    try arrived.wait()
    for client in clients.dropFirst() { try client.request("GET", "/hot") }
    // Answered behind them on either loop.
    for _ in 0..<20 { #expect(try gateway.get("/pass").status == 200) }
    for _ in clients { leave.open() }
    for client in clients { #expect(try client.response().text == "once") }
    #expect(asked.withLock { $0 } == 1)
  }
}
