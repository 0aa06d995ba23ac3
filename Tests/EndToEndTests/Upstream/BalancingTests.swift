// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Glibc
import Testing

/// Which target a request goes to.
@Suite struct BalancingTests {
  private func counts(_ balanced: BalancedGateway, _ requests: Int) throws -> [Int] {
    var counts = [Int](repeating: 0, count: balanced.origins.count)
    for _ in 0..<requests {
      guard let origin = try balanced.origin() else { continue }
      counts[origin] += 1
    }
    return counts
  }

  /// Two loops share the turns.
  @Test func roundRobinKeepsTheWeightsOverAllLoops() throws {
    let balanced = try BalancedGateway(3, weights: [10, 20, 30])
    #expect(try self.counts(balanced, 60) == [10, 20, 30])
  }

  @Test func aWeightOfZeroDrainsAndAnEditWorksAtOnce() throws {
    let balanced = try BalancedGateway(2, weights: [100, 0])
    #expect(try self.counts(balanced, 10) == [10, 0])
    let path = "/upstreams/\(BalancedGateway.upstream)/targets/"
    #expect(try balanced.gateway.admin("PATCH", path + balanced.target(1), .json(["weight": 100])).status == 200)
    #expect(try self.counts(balanced, 20) == [10, 10])
    #expect(try balanced.gateway.admin("DELETE", path + balanced.target(0)).status == 204)
    #expect(try self.counts(balanced, 10) == [0, 10])
  }

  @Test func withoutTargetsTheAnswerIs503AndTheLogSaysWhy() throws {
    let balanced = try BalancedGateway(1, weights: [0])
    let response = try balanced.gateway.get()
    #expect(response.status == 503)
    #expect(response.text.contains("failure to get a peer from the ring-balancer"))
    try Deadline.wait(for: "the reason") {
      balanced.gateway.log.contains(
        "upstream 'balanced.test' has no peer: \(balanced.target(0)): weight 0")
    }
  }

  @Test func theNextTryGoesToAnotherTarget() throws {
    let balanced = try BalancedGateway(3, service: ["retries": 2]) { number, exchange in
      if number < 2 { return exchange.close() }
      try exchange.respond(headers: [("X-Origin", "\(number)")])
    }
    for _ in 0..<12 { #expect(try balanced.origin() == 2) }
  }

  @Test func leastConnectionsPassesTheBusyOneBy() throws {
    let gate = Gate()
    let balanced = try BalancedGateway(2, ["algorithm": "least-connections"]) { number, exchange in
      if exchange.target == "/slow" { try gate.wait() }
      try exchange.respond(headers: [("X-Origin", "\(number)")])
    }
    let slow = try RawClient(port: balanced.gateway.port)
    try slow.request("GET", "/slow")
    try Deadline.wait(for: "the slow request") { balanced.origins.contains { $0.requests.count == 1 } }
    let busy = balanced.origins.firstIndex { $0.requests.count == 1 }
    for _ in 0..<6 { #expect(try balanced.origin() == 1 - (busy ?? 0)) }
    gate.open()
    #expect(try slow.response().status == 200)
  }

  @Test func latencyPrefersTheFastOne() throws {
    let balanced = try BalancedGateway(2, ["algorithm": "latency"]) { number, exchange in
      let end = ContinuousClock.now + .milliseconds(number == 0 ? 150 : 0)
      try Deadline.wait(for: "the slow one") { ContinuousClock.now >= end }
      try exchange.respond(headers: [("X-Origin", "\(number)")])
    }
    let counts = try self.counts(balanced, 20)
    #expect(counts[1] > counts[0], "\(counts)")
  }

  // MARK: Consistent hashing

  @Test func oneKeyHasOneTargetAndManyKeysHaveAll() throws {
    let balanced = try BalancedGateway(3, ["hash_on": "header", "hash_on_header": "X-Key"])
    var seen: Set<Int> = []
    for key in 0..<30 {
      let origin = try balanced.origin(headers: [("X-Key", "key-\(key)")])
      for _ in 0..<2 { #expect(try balanced.origin(headers: [("x-key", "key-\(key)")]) == origin) }
      if let origin { seen.insert(origin) }
    }
    #expect(seen == [0, 1, 2])
    // Without the header: the empty text, which has one target too.
    let none = try balanced.origin()
    for _ in 0..<4 { #expect(try balanced.origin() == none) }
  }

  private static let same: [(JSON, String, String)] = [
    (["hash_on": "path"], "/k%65y", "/./key"),
    (["hash_on": "query_arg", "hash_on_query_arg": "k"], "/?k=b&k=a", "/x?k=a&z=1&k=b"),
    (["hash_on": "ip"], "/a", "/b"),
    (["hash_on": "header", "hash_on_header": "X-None", "hash_fallback": "path"], "/same", "/same?q"),
    (["hash_on": "uri_capture", "hash_on_uri_capture": "id"], "/users/7/a", "/users/7/b"),
  ]

  @Test(arguments: Self.same)
  func inputsThatAreTheSameGoTheSameWay(fields: JSON, first: String, second: String) throws {
    let balanced = try BalancedGateway(4, fields, route: ["paths": ["~/users/(?<id>[0-9]+)", "/"]])
    let origin = try balanced.origin(first)
    for _ in 0..<5 {
      #expect(try balanced.origin(first) == origin)
      #expect(try balanced.origin(second) == origin)
    }
  }

  @Test func aCookieIsMadeForAClientWithoutAndObeyed() throws {
    let balanced = try BalancedGateway(
      3,
      [
        "hash_on": "cookie", "hash_on_cookie": "stick", "hash_on_cookie_path": "/app",
      ])
    let response = try balanced.gateway.get()
    let cookie = try #require(response["Set-Cookie"])
    #expect(cookie.hasPrefix("stick=") && cookie.hasSuffix("; Path=/app; Same-Site=Lax; HttpOnly"))
    let pair = String(cookie.prefix { $0 != ";" })
    for _ in 0..<6 {
      let next = try balanced.gateway.get("/", headers: [("Cookie", "a=b; \(pair); c=d")])
      #expect(next["X-Origin"] == response["X-Origin"])
      #expect(next["Set-Cookie"] == nil)
    }
  }

  // MARK: Host

  @Test(arguments: [("custom.host", ":"), ("custom.host:99", "")])
  func hostHeaderHasThePortOfTheTarget(header: String, mark: String) throws {
    let balanced = try BalancedGateway(1, ["host_header": .string(header)])
    let port = mark.isEmpty ? "" : ":\(balanced.origins[0].port)"
    #expect(try balanced.gateway.get()["X-Host"] == header + port)
  }

  @Test func theTargetIsTheHostOtherwise() throws {
    let balanced = try BalancedGateway(1)
    #expect(try balanced.gateway.get()["X-Host"] == balanced.target(0))
  }
}
