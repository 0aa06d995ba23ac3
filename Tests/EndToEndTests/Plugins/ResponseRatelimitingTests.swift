// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The response-ratelimiting plugin with its policies (facts: plugins.md 3).
@Suite struct ResponseRatelimitingTests {
  private struct Bench {
    let origin: Origin
    let gateway: GatewayProcess

    /// - Parameters:
    ///   - config: of the plugin, as JSON members.
    ///   - isDeclared: without a datastore.
    init(_ config: String, isDeclared: Bool = true) throws {
      self.origin = try Origin { try ResponseRatelimitingTests.answer($0) }
      if isDeclared {
        let plugins = "plugins:\n- name: response-ratelimiting\n  config: {\(config)}\n"
        self.gateway = try GatewayProcess(Declarative.service(port: self.origin.port, global: plugins))
        return
      }
      self.gateway = try GatewayProcess(administered: nil)
      try self.create("/services", #"{"name": "origin", "url": "http://127.0.0.1:\#(self.origin.port)"}"#)
      try self.create("/services/origin/routes", #"{"name": "all", "paths": ["/"]}"#)
      try self.create("/plugins", #"{"name": "response-ratelimiting", "config": {\#(config)}}"#)
    }

    private func create(_ path: String, _ json: String) throws {
      let reply = try self.gateway.admin("POST", path, .json(text: json))
      try #require(reply.status == 201, "\(reply.text)")
    }

    /// A request whose response says that it used this.
    func use(_ used: String) throws -> Response { try self.gateway.get("/?\(used)") }

    /// What is left of `video` in the year.
    func left(_ gateway: GatewayProcess? = nil) throws -> String? {
      try (gateway ?? self.gateway).get("/").head["X-RateLimit-Remaining-video-year"]
    }

    /// Counts are made behind the response.
    func wait(untilLeft count: Int) throws {
      try Deadline.wait(for: "\(count) to be left") { try self.left() == "\(count)" }
    }
  }

  /// Says in the header what the query says, and shows the head of the request.
  private static func answer(_ exchange: Exchange) throws {
    let used = exchange.target.split(separator: "?").dropFirst().first.map(String.init)
    var headers = used.map { [("X-Kong-Limit", $0.replacingOccurrences(of: "%20", with: " "))] } ?? []
    headers.append(("Content-Type", "text/plain"))
    if exchange.head["X-Chunked"] != nil {
      let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
      return try exchange.send(
        "HTTP/1.1 200 OK\r\n\(lines)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    }
    try exchange.respond(headers: headers, body: String(decoding: exchange.head.raw, as: UTF8.self))
  }

  /// Requests of a year fit into no test run that crosses into the next.
  private static let limits = #""limits": {"video": {"year": 3}}"#

  // MARK: Local

  @Test func theLimitHoldsAndIsTold() throws {
    let bench = try Bench(#""limits": {"video": {"year": 3, "month": 3}, "image": {"year": 10}}"#)
    let first = try bench.use("video=2,%20image=1")
    #expect(first.status == 200 && first.head["X-Kong-Limit"] == nil)
    #expect(first.head["X-RateLimit-Limit-video-year"] == "3" && first.head["X-RateLimit-Limit-video-month"] == "3")
    #expect(first.head["X-RateLimit-Remaining-video-year"] == "1")
    #expect(first.head["X-RateLimit-Remaining-image-year"] == "9")
    #expect(first.head["X-RateLimit-Remaining-video"] == "3")
    #expect(first.text.lowercased().contains("x-ratelimit-remaining-video: 3\r\n"))
    let second = try bench.gateway.get("/?video=1", headers: [("X-RateLimit-Remaining-video", "999")])
    #expect(second.status == 200 && second.text.contains("X-RateLimit-Remaining-video: 1\r\n"))
    #expect(!second.text.contains("999"))
    let third = try bench.use("video=1")
    #expect(third.status == 429 && third.text.isEmpty && third.head["Content-Length"] == "0")
    #expect(third.head["Transfer-Encoding"] == nil && third.head["X-Kong-Limit"] == nil)
    #expect(third.head["X-RateLimit-Remaining-video-year"] == "0")
    #expect(try bench.use("image=1").status == 200)
    #expect(try bench.gateway.get("/").status == 200)
  }

  /// The client's connection goes on after a response whose body was dropped, however that came.
  @Test func connectionsGoOnAfterARefusal() throws {
    let bench = try Bench(Self.limits)
    #expect(try bench.use("video=3").status == 200)
    let client = try RawClient(port: bench.gateway.port)
    defer { client.close() }
    for headers in [[], [("X-Chunked", "1")]] {
      try client.request("GET", "/?video=1", headers: headers)
      let refused = try client.response(to: "GET")
      #expect(refused.status == 429 && refused.text.isEmpty && refused.head["Content-Length"] == "0")
      try client.request("HEAD", "/?video=1", headers: headers)
      #expect(try client.response(to: "HEAD").status == 429)
    }
    try client.request("GET", "/")
    #expect(try client.response(to: "GET").status == 200)
    #expect(bench.origin.connectionCount <= 3)
  }

  @Test func theFirstLimitThatIsUsedUpCanBlock() throws {
    let bench = try Bench(
      #""limits": {"video": {"year": 9}, "image": {"year": 2}}, "block_on_first_violation": true"#)
    #expect(try bench.use("image=3").status == 200)
    let refused = try bench.gateway.get("/?video=1", headers: [("Accept", "application/json")])
    #expect(refused.status == 429 && refused.text.contains("API rate limit exceeded for 'image'"))
    #expect(bench.origin.requests.count == 1)
  }

  @Test func hostileResponsesAreBounded() throws {
    let bench = try Bench(#""limits": {"video": {"year": 3}, "image": {"year": 3}}, "hide_client_headers": true"#)
    for used in [
      "video=9223372036854775807", "video=-9223372036854775808", "video=1e308,image=-1e308", "video=nan",
      String(repeating: "image=1,", count: 600), String(repeating: "=", count: 2000),
    ] {
      let response = try bench.use(used)
      #expect([200, 429].contains(response.status))
      #expect(!response.head.fields.contains { $0.name.lowercased().hasPrefix("x-ratelimit") })
      #expect(response.head["X-Kong-Limit"] == nil)
    }
    #expect(try bench.gateway.get("/").status == 200)
  }

  @Test func badConfigurationsAreRefused() throws {
    #expect(throws: HarnessError.self) { try Bench(#""limits": {}"#) }
    #expect(throws: HarnessError.self) { try Bench(#""limits": {"video": {"year": 1, "day": 2}}"#) }
    #expect(throws: HarnessError.self) { try Bench(Self.limits + #", "policy": "cluster""#) }
  }

  // MARK: The datastore

  @Test func theClusterPolicyCountsInTheDatastore() throws {
    let bench = try Bench(Self.limits + #", "policy": "cluster""#, isDeclared: false)
    #expect(try bench.use("video=2").status == 200)
    try bench.wait(untilLeft: 1)
    #expect(try bench.use("video=1").status == 200)
    try bench.wait(untilLeft: 0)
    #expect(try bench.use("video=1").status == 429)
    // What was counted outlives the process.
    bench.gateway.stop()
    let again = try GatewayProcess(administered: bench.gateway.folder)
    #expect(try again.get("/?video=1").status == 429)
    #expect(try bench.left(again) == "0")
  }

  // MARK: Redis

  private static func redis(_ server: RedisServer) -> String {
    #""policy": "redis", "redis": {"host": "127.0.0.1", "port": \#(server.port), "#
      + #""password": "\#(RedisServer.password)", "database": 3}"#
  }

  @Test func theRedisPolicyCountsForAllNodes() throws {
    let server = try RedisServer()
    let config = Self.limits + ", " + Self.redis(server)
    let one = try Bench(config)
    let other = try Bench(config)
    #expect(try one.use("video=2").status == 200)
    try other.wait(untilLeft: 1)
    #expect(try other.use("video=1").status == 200)
    try one.wait(untilLeft: 0)
    #expect(try one.use("video=1").status == 429)
    #expect(try other.use("video=1").status == 429)
  }

  @Test func oldNamesOfTheRedisSettingsWork() throws {
    let server = try RedisServer()
    let bench = try Bench(
      Self.limits + #", "policy": "redis", "redis_host": "127.0.0.1", "redis_port": \#(server.port), "#
        + #""redis_password": "\#(RedisServer.password)", "fault_tolerant": false"#)
    #expect(try bench.use("video=1").status == 200)
    try bench.wait(untilLeft: 2)
  }

  @Test func withoutRedisTheConfigurationDecides() throws {
    let server = try RedisServer()
    let config = Self.limits + ", " + Self.redis(server)
    let tolerant = try Bench(config)
    let strict = try Bench(config + #", "fault_tolerant": false"#)
    #expect(try tolerant.use("video=3").status == 200)
    try tolerant.wait(untilLeft: 0)
    #expect(try tolerant.use("video=1").status == 429)
    #expect(try strict.use("video=1").status == 429)
    server.stop()
    let passed = try tolerant.gateway.get("/?video=1", headers: [("X-RateLimit-Remaining-video", "999")])
    #expect(passed.status == 200 && passed.head["X-Kong-Limit"] == nil && !passed.text.contains("999"))
    #expect(passed.head["X-RateLimit-Limit-video-year"] == nil)
    let failed = try strict.use("video=1")
    #expect(failed.status == 500 && failed.text.contains("An unexpected error occurred"))
  }
}
