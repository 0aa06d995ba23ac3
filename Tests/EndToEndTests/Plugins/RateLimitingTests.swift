// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// The rate-limiting plugin with its policies (facts: plugins.md 3).
@Suite struct RateLimitingTests {
  private struct Fixture {
    let origin: Origin
    let gateway: GatewayProcess

    /// - Parameter config: of the plugin, as JSON members.
    init(_ config: String, declared: Bool = false, settings: [String: String] = [:]) throws {
      self.origin = try Origin { try $0.echo() }
      if declared {
        let plugins = "plugins:\n- name: rate-limiting\n  config: {\(config)}\n"
        self.gateway = try GatewayProcess(
          Declarative.service(port: self.origin.port, global: plugins), settings: settings)
        return
      }
      self.gateway = try GatewayProcess(administered: nil)
      let admin = self.gateway
      try Self.create(admin, "/services", #"{"name": "origin", "url": "http://127.0.0.1:\#(self.origin.port)"}"#)
      try Self.create(admin, "/services/origin/routes", #"{"name": "all", "paths": ["/"]}"#)
      try Self.create(admin, "/plugins", #"{"name": "rate-limiting", "config": {\#(config)}}"#)
    }

    private static func create(_ gateway: GatewayProcess, _ path: String, _ json: String) throws {
      let reply = try gateway.admin("POST", path, .json(text: json))
      try #require(reply.status == 201, "\(reply.text)")
    }

    /// Statuses of requests, each on a connection of its own and so on either loop.
    func statuses(_ count: Int) throws -> [Int] { try (0..<count).map { _ in try self.gateway.get().status } }
  }

  /// Requests of a year fit into no test run that crosses into the next.
  private static let limit = #""year": 3"#

  @Test func theLimitHoldsAndIsTold() throws {
    let fixture = try Fixture(Self.limit, declared: true)
    let first = try fixture.gateway.get()
    #expect(first.status == 200)
    #expect(first.head["X-RateLimit-Limit-Year"] == "3" && first.head["X-RateLimit-Remaining-Year"] == "2")
    #expect(first.head["RateLimit-Limit"] == "3" && first.head["RateLimit-Remaining"] == "2")
    #expect(Int(first.head["RateLimit-Reset"] ?? "") != nil)
    #expect(try fixture.statuses(3) == [200, 200, 429])
    let refused = try fixture.gateway.get()
    #expect(refused.status == 429 && refused.text.contains("API rate limit exceeded"))
    #expect(refused.head["Retry-After"] == refused.head["RateLimit-Reset"])
  }

  /// Both loops count in one place: of any number at once exactly as many pass as may.
  @Test func exactlyTheLimitPassesOverManyConnections() throws {
    let fixture = try Fixture(#""year": 100"#, declared: true)
    let passed = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 12) { _ in
      for _ in 0..<25 where (try? fixture.gateway.get().status) == 200 { passed.withLock { $0 += 1 } }
    }
    #expect(passed.withLock { $0 } == 100)
  }

  @Test func theClusterPolicyCountsInTheDatastore() throws {
    let fixture = try Fixture(Self.limit + #", "policy": "cluster""#)
    #expect(try fixture.statuses(5) == [200, 200, 200, 429, 429])
    // What was counted outlives the process.
    fixture.gateway.stop()
    let again = try GatewayProcess(administered: fixture.gateway.folder)
    #expect(try again.get().status == 429)
  }

  @Test func theClusterPolicyWithoutADatastoreIsRefused() throws {
    #expect(throws: HarnessError.self) { try Fixture(Self.limit + #", "policy": "cluster""#, declared: true) }
  }

  private static func redis(_ server: RedisServer, _ more: String = "") -> String {
    #""policy": "redis", "redis": {"host": "127.0.0.1", "port": \#(server.port), "#
      + #""password": "\#(RedisServer.password)", "database": 3\#(more)}"#
  }

  @Test func theRedisPolicyCountsForAllNodes() throws {
    let server = try RedisServer()
    let config = Self.limit + ", " + Self.redis(server)
    let one = try Fixture(config, declared: true)
    let other = try Fixture(config, declared: true)
    #expect(try one.statuses(2) == [200, 200])
    #expect(try other.statuses(2) == [200, 429])
  }

  @Test func redisIsReachedWithTLS() throws {
    let server = try RedisServer(encrypted: true)
    let port = try #require(server.tlsPort)
    let config =
      Self.limit
      + #", "policy": "redis", "fault_tolerant": false, "redis": {"host": "127.0.0.1", "port": \#(port), "#
      + #""password": "\#(RedisServer.password)", "ssl": true"#
    let trusting = try Fixture(config + "}", declared: true)
    #expect(try trusting.statuses(4) == [200, 200, 200, 429])
    // The certificate is nobody's.
    let careful = try Fixture(config + #", "ssl_verify": true}"#, declared: true)
    #expect(try careful.gateway.get().status == 500)
    try careful.gateway.waitForLog(
      "[rate-limiting] failed to get usage: redis 127.0.0.1:\(port) cannot be reached: TLS handshake failed: "
        + "certificate verify failed, route: \"everything\"")
  }

  /// `lua_ssl_trusted_certificate` holds for Redis: a file, text, with the system's or without.
  @Test(arguments: ["file", "system, file", "base64"]) func anAuthorityOfOnesOwnIsBelieved(how: String) throws {
    let server = try RedisServer(encrypted: true)
    let port = try #require(server.tlsPort)
    let file = try #require(server.certificate)
    let base64 = try Data(contentsOf: file).base64EncodedString()
    let trusted = how.replacing("file", with: file.path).replacing("base64", with: base64)
    func fixture(name: String) throws -> Fixture {
      let config =
        Self.limit
        + #", "policy": "redis", "fault_tolerant": false, "redis": {"host": "127.0.0.1", "port": \#(port), "#
        + #""password": "\#(RedisServer.password)", "ssl": true, "ssl_verify": true, "server_name": "\#(name)"}"#
      return try Fixture(config, declared: true, settings: ["lua_ssl_trusted_certificate": trusted])
    }
    #expect(try fixture(name: "localhost").statuses(4) == [200, 200, 200, 429])
    let other = try fixture(name: "other.test")
    #expect(try other.gateway.get().status == 500)
    try other.gateway.waitForLog("[rate-limiting] failed to get usage: redis 127.0.0.1:\(port)")
  }

  @Test func anAuthorityThatCannotBeReadIsNamed() throws {
    let config =
      Self.limit
      + #", "policy": "redis", "redis": {"host": "127.0.0.1", "port": 1, "ssl": true, "ssl_verify": true}"#
    let fixture = try Fixture(config, declared: true, settings: ["lua_ssl_trusted_certificate": "/nowhere/ca.pem"])
    #expect(try fixture.gateway.get().status == 200)
    try fixture.gateway.waitForLog("lua_ssl_trusted_certificate: /nowhere/ca.pem has no certificates that can be read")
  }

  @Test func aWrongPasswordIsAFailureOfRedis() throws {
    let server = try RedisServer()
    let config =
      Self.limit + #", "policy": "redis", "fault_tolerant": false, "#
      + #""redis": {"host": "127.0.0.1", "port": \#(server.port), "password": "wrong"}"#
    #expect(try Fixture(config, declared: true).gateway.get().status == 500)
  }

  @Test func withoutRedisTheConfigurationDecides() throws {
    let server = try RedisServer()
    let config = Self.limit + ", " + Self.redis(server)
    let tolerant = try Fixture(config, declared: true)
    let strict = try Fixture(config + #", "fault_tolerant": false"#, declared: true)
    #expect(try tolerant.gateway.get().status == 200)
    server.stop()
    #expect(try tolerant.statuses(5) == [200, 200, 200, 200, 200])
    let failed = try strict.gateway.get()
    #expect(failed.status == 500 && failed.text.contains("An unexpected error occurred"))
    // One line for all of them.
    for node in [tolerant, strict] {
      try node.gateway.waitForLog("[error]")
      let lines = node.gateway.log.split(separator: "\n").filter { $0.contains("[rate-limiting] failed to get usage") }
      #expect(lines.count == 1 && lines[0].contains("redis 127.0.0.1:\(server.port)"), "\(lines)")
      #expect(lines.first?.contains(#"route: "everything""#) == true)
    }
  }

  @Test func anOldNameOfAFieldIsToldInKongsWords() throws {
    let server = try RedisServer()
    let config =
      Self.limit + #", "policy": "redis", "redis_host": "127.0.0.1", "redis_port": \#(server.port), "#
      + #""redis_password": "\#(RedisServer.password)""#
    for declared in [true, false] {
      let fixture = try Fixture(config, declared: declared)
      #expect(try fixture.gateway.get().status == 200)
      try fixture.gateway.waitForLog(
        "rate-limiting: config.redis_host is deprecated, please use config.redis.host instead (deprecated after 4.0)")
      #expect(!fixture.gateway.log.contains(RedisServer.password))
    }
  }

  @Test func withASyncRateNodesLearnOfEachOther() throws {
    let server = try RedisServer()
    let config = #""year": 10, "sync_rate": 0.05, "# + Self.redis(server)
    let one = try Fixture(config, declared: true)
    let other = try Fixture(config, declared: true)
    #expect(try one.statuses(10) == Array(repeating: 200, count: 10))
    #expect(try one.gateway.get().status == 429)
    try Deadline.wait(for: "the other node to hear of it") { try other.gateway.get().status == 429 }
  }
}
