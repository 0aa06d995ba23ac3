// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The key-auth plugin (facts: plugins.md 1).
@Suite struct KeyAuthTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }
  private static let credential = "6c2f1cd2-2a6b-4d7c-9d7b-6a2f3a1b0c11"
  private static let consumer = "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"

  private static func declarative(port: Int) -> String {
    let configurations = [
      ("plain", "{}"), ("hidden", "{hide_credentials: true, key_in_body: true}"), ("realm", "{realm: my-realm}"),
      ("header", "{key_in_query: false}"), ("query", "{key_in_header: false}"),
      ("body", "{key_in_body: true, key_in_header: false, key_in_query: false}"),
      ("names", "{key_names: [x-first, x-second]}"), ("anonymous", "{anonymous: nobody}"),
      ("preflight", "{run_on_preflight: false}"),
    ]
    let routes = configurations.map { name, configuration in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - name: key-auth
            config: \(configuration)
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(routes.joined(separator: "\n"))
      consumers:
      - id: \(Self.consumer)
        username: alice
        custom_id: "42"
        keyauth_credentials:
        - {id: \(Self.credential), key: alice-key}
        - {key: "needs encoding&="}
      - username: bob
        keyauth_credentials:
        - {key: bob-key}
      - username: nobody
      """
  }

  private func get(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  private func send(_ method: String, _ target: String, _ headers: [(String, String)], _ body: String?) throws
    -> Response
  {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body)
  }

  private func expectRefused(_ response: Response, _ message: String, challenge: String = "Key") throws {
    #expect(response.status == 401)
    #expect(response.head.all("WWW-Authenticate") == [challenge])
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == "{\n  \"message\":\"\(message)\",\n  \"request_id\":\"\(id)\"\n}")
    #expect(response["Content-Type"] == "application/json; charset=utf-8")
    #expect(response["Via"] == nil)
    #expect(Wire.isLatency(response["X-Kong-Response-Latency"]))
  }

  @Test func knownKeyPassesAndNamesTheConsumer() throws {
    let head = try self.get("/plain", [("apikey", "alice-key")]).echo().head
    #expect(head.all("X-Consumer-ID") == [Self.consumer])
    #expect(head.all("X-Consumer-Username") == ["alice"])
    #expect(head.all("X-Consumer-Custom-ID") == ["42"])
    #expect(head.all("X-Credential-Identifier") == [Self.credential])
    #expect(head.all("X-Anonymous-Consumer") == [])
    #expect(head.all("apikey") == ["alice-key"])
  }

  @Test func forgedIdentityIsReplaced() throws {
    let forged = [
      ("apikey", "bob-key"), ("X-Consumer-ID", "forged"), ("X-Consumer-Username", "root"),
      ("X-Consumer-Custom-ID", "0"), ("X-Anonymous-Consumer", "true"),
    ]
    let head = try self.get("/plain", forged).echo().head
    #expect(head.all("X-Consumer-Username") == ["bob"])
    #expect(head.all("X-Consumer-ID").first?.utf8.count == 36)
    #expect(head.all("X-Consumer-Custom-ID") == [])
    #expect(head.all("X-Anonymous-Consumer") == [])
  }

  @Test func headerNameIsTakenInAnyCase() throws {
    #expect(try self.get("/plain", [("ApiKey", "alice-key")]).status == 200)
  }

  @Test func queryIsReadTooAndDecoded() throws {
    #expect(try self.get("/plain?a=1&apikey=alice-key").echo().head.word(1) == "/?a=1&apikey=alice-key")
    #expect(try self.get("/plain?apikey=needs%20encoding%26%3D").status == 200)
    #expect(try self.get("/plain?apikey=needs+encoding%26%3D").status == 200)
  }

  static let missing: [(String, [(String, String)])] = [
    ("/plain", []), ("/plain", [("apikey", "")]), ("/plain?apikey=", []), ("/plain?APIKEY=alice-key", []),
    ("/header?apikey=alice-key", []), ("/query", [("apikey", "alice-key")]), ("/names", [("apikey", "alice-key")]),
    ("/body", [("apikey", "alice-key")]),
  ]

  @Test(arguments: Self.missing) func noKeyIsRefused(target: String, headers: [(String, String)]) throws {
    try self.expectRefused(try self.get(target, headers), "No API key found in request")
  }

  @Test(arguments: ["wrong", "alice-key ,", "Alice-key", "alice-ke"]) func unknownKeyIsRefused(key: String) throws {
    try self.expectRefused(try self.get("/plain", [("apikey", key)]), "Unauthorized")
  }

  @Test func repeatedKeyIsRefused() throws {
    let twice = [("apikey", "alice-key"), ("apikey", "alice-key")]
    try self.expectRefused(try self.get("/plain", twice), "Duplicate API key found")
    try self.expectRefused(try self.get("/plain?apikey=alice-key&apikey=bob-key"), "Duplicate API key found")
  }

  @Test func realmIsInTheChallenge() throws {
    try self.expectRefused(
      try self.get("/realm"), "No API key found in request", challenge: "Key realm=\"my-realm\"")
  }

  @Test func refusalFollowsAccept() throws {
    let response = try self.get("/plain", [("Accept", "text/plain")])
    #expect(response.status == 401)
    #expect(response.text.hasPrefix("No API key found in request\nrequest_id: "))
  }

  @Test func nothingRefusedReachesTheUpstream() throws {
    _ = try self.get("/plain/never-seen", [("apikey", "wrong")])
    #expect(try !Self.shared.get().origin.requests.contains { $0.word(1) == "/never-seen" })
  }

  @Test(arguments: [("x-first", 200), ("x-second", 200), ("x-third", 401)])
  func namesAreTriedInOrder(name: String, status: Int) throws {
    #expect(try self.get("/names", [(name, "alice-key")]).status == status)
    #expect(try self.get("/names?\(name)=alice-key").status == status)
  }

  @Test func credentialsCanBeHidden() throws {
    #expect(try self.get("/hidden", [("apikey", "alice-key")]).echo().head.all("apikey") == [])
    #expect(try self.get("/hidden?a=1&apikey=alice-key&b=2").echo().head.word(1) == "/?a=1&b=2")
    let form = try self.send(
      "POST", "/hidden", [("Content-Type", "application/x-www-form-urlencoded")], "apikey=alice-key&a=1"
    ).echo()
    #expect(form.rest == "a=1")
    #expect(form.head.all("Content-Length") == ["3"])
  }

  static let bodies = [
    ("application/x-www-form-urlencoded", "a=1&apikey=alice-key", 200),
    ("application/json", #"{"apikey":"alice-key"}"#, 200),
    ("application/x-www-form-urlencoded", "a=1", 401), ("application/json", #"{"apikey":"wrong"}"#, 401),
    ("application/json", "{not json", 401), ("text/plain", "apikey=alice-key", 401),
  ]

  @Test(arguments: Self.bodies) func bodyIsReadWhenAllowed(type: String, body: String, status: Int) throws {
    let response = try self.send("POST", "/body", [("Content-Type", type)], body)
    #expect(response.status == status)
    if status == 200 { #expect(try response.echo().rest == body) }
  }

  @Test func anonymousConsumerStandsInForNoKey() throws {
    for headers in [[], [("apikey", "wrong")], [("X-Credential-Identifier", "forged")]] {
      let head = try self.get("/anonymous", headers).echo().head
      #expect(head.all("X-Consumer-Username") == ["nobody"])
      #expect(head.all("X-Anonymous-Consumer") == ["true"])
      #expect(head.all("X-Credential-Identifier") == [])
    }
    let known = try self.get("/anonymous", [("apikey", "bob-key")]).echo().head
    #expect(known.all("X-Consumer-Username") == ["bob"])
    #expect(known.all("X-Anonymous-Consumer") == [])
  }

  @Test func preflightCanGoWithout() throws {
    #expect(try self.send("OPTIONS", "/preflight", [], nil).status == 200)
    #expect(try self.send("GET", "/preflight", [], nil).status == 401)
    #expect(try self.send("OPTIONS", "/plain", [], nil).status == 401)
  }

  @Test func refusedUploadLeavesTheConnectionUsable() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for _ in 0..<2 {
      try client.request("POST", "/plain", body: [UInt8](repeating: 97, count: 5000))
      #expect(try client.response().status == 401)
      try client.request("POST", "/plain", headers: [("apikey", "bob-key")], body: Array("ok".utf8))
      #expect(try client.response().echo().rest == "ok")
    }
  }
}
