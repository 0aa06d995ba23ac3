// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Synchronization
import Testing

/// Targets that fail are passed by, and come back.
@Suite struct HealthCheckTests {
  private static let passive: JSON = [
    "healthchecks": ["passive": ["unhealthy": ["http_failures": 2, "tcp_failures": 1, "timeouts": 1]]]
  ]

  private static func active(_ fields: JSON = [:]) -> JSON {
    let checks: JSON = [
      "healthy": ["interval": 0.1, "successes": 1],
      "unhealthy": ["interval": 0.1, "http_failures": 1, "tcp_failures": 1, "timeouts": 1],
      "http_path": "/health", "timeout": 0.5,
    ]
    return ["healthchecks": ["active": checks.with(fields)]]
  }

  private static func path(_ balanced: BalancedGateway, _ index: Int) -> String {
    "/upstreams/\(BalancedGateway.upstream)/targets/\(balanced.target(index))"
  }

  // MARK: Passive

  @Test func statusesOfRequestsTakeATargetOutAndTheAPIBringsItBack() throws {
    let isBroken = Switch(true)
    let balanced = try BalancedGateway(2, Self.passive) { number, exchange in
      try exchange.respond(number == 0 && isBroken.isOn ? 503 : 200, headers: [("X-Origin", "\(number)")])
    }
    var statuses: [Int] = []
    for _ in 0..<20 { statuses.append(try balanced.gateway.get().status) }
    #expect(statuses.count { $0 == 503 } == 2)
    #expect(try balanced.health(0) == "UNHEALTHY" && balanced.health(1) == "HEALTHY")
    #expect(
      balanced.gateway.log.contains(
        "upstream 'balanced.test': target 127.0.0.1 (\(balanced.target(0))) is unhealthy, was mostly healthy: "
          + "HTTP failures of requests, the last one with status 503"))
    isBroken.set(false)
    #expect(try balanced.gateway.admin("PUT", Self.path(balanced, 0) + "/healthy").status == 204)
    var seen: Set<Int> = []
    for _ in 0..<10 { if let origin = try balanced.origin() { seen.insert(origin) } }
    #expect(seen == [0, 1])
  }

  @Test func aRefusedConnectionTakesATargetOutAndNoClientSeesIt() throws {
    let free = try FreePort()
    let balanced = try BalancedGateway(
      1, Self.passive, weights: [100, 100], targets: nil)
    try balanced.gateway.create(
      "/upstreams/\(BalancedGateway.upstream)/targets", ["target": .string("127.0.0.1:\(free.number)")])
    for _ in 0..<10 { #expect(try balanced.origin() == 0) }
    let shown = try balanced.gateway.admin("GET", "/upstreams/\(BalancedGateway.upstream)/health").data
    #expect(shown.first { $0["target"].string == "127.0.0.1:\(free.number)" }?["health"].string == "UNHEALTHY")
  }

  @Test func silenceTakesATargetOut() throws {
    let balanced = try BalancedGateway(2, Self.passive, service: ["read_timeout": 200, "retries": 1]) {
      number, exchange in
      if number == 0 { return try exchange.waitForClose() }
      try exchange.respond(headers: [("X-Origin", "1")])
    }
    for _ in 0..<4 { #expect(try balanced.origin() == 1) }
    #expect(try balanced.health(0) == "UNHEALTHY")
    #expect(balanced.origins[0].requests.count == 1)
  }

  @Test func whenNothingIsHealthyTheAnswerIs503() throws {
    let balanced = try BalancedGateway(2, Self.passive)
    for index in 0..<2 {
      #expect(try balanced.gateway.admin("PUT", Self.path(balanced, index) + "/unhealthy").status == 204)
    }
    #expect(try balanced.gateway.get().status == 503)
    let reply = try balanced.gateway.admin("GET", "/upstreams/\(BalancedGateway.upstream)/health?balancer_health=1")
    #expect(reply.json["data"]["health"].string == "UNHEALTHY")
    #expect(reply.json["data"]["details"]["weight"] == ["total": 200, "available": 0, "unavailable": 200])
  }

  @Test func theThresholdEndsTheUpstreamEarlier() throws {
    let checks: JSON = ["healthchecks": Self.passive["healthchecks"].with(["threshold": 60])]
    let balanced = try BalancedGateway(2, checks)
    #expect(try balanced.gateway.get().status == 200)
    #expect(try balanced.gateway.admin("PUT", Self.path(balanced, 0) + "/unhealthy").status == 204)
    #expect(try balanced.gateway.get().status == 503)
  }

  @Test func healthSurvivesEditsOfOtherTargets() throws {
    let balanced = try BalancedGateway(2, Self.passive)
    #expect(try balanced.gateway.admin("PUT", Self.path(balanced, 0) + "/unhealthy").status == 204)
    #expect(
      try balanced.gateway.admin("PATCH", Self.path(balanced, 1), .json(["weight": 7])).status == 200)
    #expect(try balanced.health(0) == "UNHEALTHY")
    for _ in 0..<6 { #expect(try balanced.origin() == 1) }
  }

  // MARK: Active

  @Test func probesTakeATargetOutAndBringItBack() throws {
    let isBroken = Switch(false)
    let balanced = try BalancedGateway(2, Self.active()) { number, exchange in
      let status = number == 0 && isBroken.isOn && exchange.target == "/health" ? 500 : 200
      try exchange.respond(status, headers: [("X-Origin", "\(number)")])
    }
    isBroken.set(true)
    try balanced.waitForHealth(0, "UNHEALTHY")
    for _ in 0..<6 { #expect(try balanced.origin() == 1) }
    isBroken.set(false)
    try balanced.waitForHealth(0, "HEALTHY")
    let probe = try #require(balanced.origins[0].requests.first { $0.word(1) == "/health" })
    #expect(probe.word(2) == "HTTP/1.0" && probe["Host"] == "127.0.0.1")
  }

  @Test func aTCPCheckSeesThatNobodyListens() throws {
    let free = try FreePort()
    let balanced = try BalancedGateway(1, Self.active(["type": "tcp"]))
    try balanced.gateway.create(
      "/upstreams/\(BalancedGateway.upstream)/targets", ["target": .string("127.0.0.1:\(free.number)")])
    try Deadline.wait(for: "the dead target") {
      try balanced.gateway.admin("GET", "/upstreams/\(BalancedGateway.upstream)/health").data
        .contains { $0["health"].string == "UNHEALTHY" }
    }
    #expect(try balanced.health(0) == "HEALTHY")
    // A probe that connects sends nothing.
    #expect(balanced.origins[0].requests.isEmpty)
  }

  // MARK: The API

  @Test func withoutHealthChecksHealthIsOffAndCannotBeSet() throws {
    let balanced = try BalancedGateway(1)
    #expect(try balanced.health(0) == "HEALTHCHECKS_OFF")
    let reply = try balanced.gateway.admin("PUT", Self.path(balanced, 0) + "/unhealthy")
    #expect(reply.status == 400)
    #expect(reply.json["message"].string == "no healthchecker found for balanced.test")
  }

  @Test func theAnswerHasTheAddressesOfEachTarget() throws {
    let balanced = try BalancedGateway(1, Self.passive)
    let target = try #require(
      try balanced.gateway.admin("GET", "/upstreams/\(BalancedGateway.upstream)/health").data.first)
    let port = JSON.integer(balanced.origins[0].port)
    #expect(target["data"]["host"] == "127.0.0.1" && target["data"]["port"] == port)
    #expect(target["data"]["nodeWeight"] == 100 && target["data"]["dns"] == "A")
    #expect(target["data"]["addresses"][0] == ["ip": "127.0.0.1", "port": port, "weight": 100, "health": "HEALTHY"])
    let shown = try balanced.gateway.statusAPI("GET", "/upstreams/\(BalancedGateway.upstream)/health")
    #expect(shown.data.first?["health"] == "HEALTHY")
    #expect(try balanced.gateway.statusAPI("PUT", Self.path(balanced, 0) + "/unhealthy").status == 404)
  }

  @Test func oneAddressCanBeSet() throws {
    let balanced = try BalancedGateway(1, Self.passive)
    let path = Self.path(balanced, 0)
    #expect(try balanced.gateway.admin("PUT", path + "/\(balanced.target(0))/unhealthy").status == 204)
    #expect(try balanced.health(0) == "UNHEALTHY")
    #expect(try balanced.gateway.admin("PUT", path + "/127.0.0.1/healthy").status == 204)
    #expect(try balanced.health(0) == "HEALTHY")
    #expect(try balanced.gateway.admin("PUT", path + "/127.0.0.9/healthy").status == 404)
    #expect(
      try balanced.gateway.admin("PUT", "/upstreams/\(BalancedGateway.upstream)/targets/1.2.3.4:5/healthy").status
        == 404)
  }
}

/// Something that is on or off, for several threads.
final class Switch: Sendable {
  private let state: Atomic<Bool>
  init(_ isOn: Bool) { self.state = Atomic(isOn) }
  var isOn: Bool { self.state.load(ordering: .relaxed) }
  func set(_ isOn: Bool) { self.state.store(isOn, ordering: .relaxed) }
}
