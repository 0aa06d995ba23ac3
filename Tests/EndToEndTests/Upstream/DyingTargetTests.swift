// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Three targets, clients that never pause, and a target that dies in one way or another. No client sees an error, and
/// nothing that may be sent only once is delivered twice.
@Suite struct DyingTargetTests {
  private static let checks: JSON = [
    "healthchecks": [
      "active": [
        "type": "http", "http_path": "/health", "timeout": 0.5, "healthy": ["interval": 0.2, "successes": 1],
        "unhealthy": ["interval": 0.2, "http_failures": 1, "tcp_failures": 1, "timeouts": 1],
      ], "passive": ["unhealthy": ["tcp_failures": 1, "timeouts": 1]],
    ]
  ]

  enum Death: String, CaseIterable, Sendable {
    /// The listener and every connection go.
    case killed
    /// The connection is reset when the head of a request has come.
    case resets
    /// The connection ends in order after the head of a request.
    case closes
    /// No request is answered for a while.
    case silent
    /// Connections that wait in the pool are closed after each answer.
    case closesWhenIdle
  }

  @Test(arguments: Death.allCases) func noClientSeesIt(death: Death) throws {
    let isDying = Switch(false)
    let delivered = Mutex<[String: Int]>([:])
    let shared = Shared(delivered)
    let balanced = try BalancedGateway(3, Self.checks, service: ["read_timeout": 400, "retries": 5]) {
      number, exchange in
      let isBad = number == 0 && isDying.isOn
      if isBad, death == .resets { return exchange.reset() }
      if isBad, death == .closes || death == .killed { return exchange.close() }
      if isBad, death == .silent { return try exchange.waitForClose() }
      if exchange.method == "POST" { shared.count(exchange.target) }
      try exchange.respond(headers: [("X-Origin", "\(number)")])
      if isBad, death == .closesWhenIdle { exchange.close() }
    }
    let clients = (0..<4).map { Client(balanced.gateway.port, $0, idempotentOnly: death != .closesWhenIdle) }
    for client in clients { client.start() }
    try Deadline.wait(for: "warm pools") { clients.allSatisfy { $0.answers > 20 } }
    isDying.set(true)
    if death != .closesWhenIdle { try balanced.waitForHealth(0, "UNHEALTHY") }
    let before = clients.map(\.answers)
    try Deadline.wait(for: "traffic without it") { zip(clients, before).allSatisfy { $0.answers > $1 + 20 } }
    isDying.set(false)
    try balanced.waitForHealth(0, "HEALTHY")
    let back = balanced.origins[0].requests.count
    try Deadline.wait(for: "its return") { balanced.origins[0].requests.count > back + 10 }
    for client in clients { client.stop() }
    #expect(clients.flatMap(\.errors) == [])
    #expect(shared.twice.isEmpty)
  }

  /// Targets are added and deleted all the time.
  @Test func editsUnderLoadCostNoRequest() throws {
    let balanced = try BalancedGateway(3)
    let clients = (0..<3).map { Client(balanced.gateway.port, $0, idempotentOnly: false) }
    for client in clients { client.start() }
    let path = "/upstreams/\(BalancedGateway.upstream)/targets"
    for turn in 0..<30 {
      let target = balanced.target(turn % 3)
      #expect(try balanced.gateway.admin("DELETE", "\(path)/\(target)").status == 204)
      try balanced.gateway.create(path, ["target": .string(target)])
    }
    for client in clients { client.stop() }
    #expect(clients.flatMap(\.errors) == [])
    #expect(clients.allSatisfy { $0.answers > 0 })
  }
}

/// What was delivered, from any thread.
private final class Shared: Sendable {
  private let counts: Mutex<[String: Int]>
  init(_ counts: consuming Mutex<[String: Int]>) { self.counts = counts }
  func count(_ target: String) { self.counts.withLock { $0[target, default: 0] += 1 } }
  var twice: [String] { self.counts.withLock { counts in counts.filter { $0.value > 1 }.keys.sorted() } }
}

/// A client that sends one request after the other, until it is told to stop.
private final class Client: Sendable {
  private let port: Int
  private let number: Int
  private let idempotentOnly: Bool
  private let isOver = Atomic(false)
  private let count = Atomic(0)
  private let failed = Mutex<[String]>([])
  private let ended = DispatchSemaphore(value: 0)

  init(_ port: Int, _ number: Int, idempotentOnly: Bool) {
    self.port = port
    self.number = number
    self.idempotentOnly = idempotentOnly
  }

  var answers: Int { self.count.load(ordering: .relaxed) }
  var errors: [String] { self.failed.withLock { $0 } }

  func start() { Thread { self.run() }.start() }

  func stop() {
    self.isOver.store(true, ordering: .relaxed)
    self.ended.wait()
  }

  private func run() {
    defer { self.ended.signal() }
    do {
      var client = try RawClient(port: self.port)
      while !self.isOver.load(ordering: .relaxed) {
        let turn = self.answers
        let method = ["GET", "PUT", self.idempotentOnly ? "GET" : "POST"][turn % 3]
        try client.request(
          method, "/\(self.number)-\(turn)", headers: [], body: method == "GET" ? nil : Array("x".utf8))
        let response = try client.response(to: method)
        if response.status != 200 { self.failed.withLock { $0.append("\(method) \(response.status)") } }
        self.count.add(1, ordering: .relaxed)
        if response["Connection"] == "close" { client = try RawClient(port: self.port) }
      }
    } catch {
      self.failed.withLock { $0.append("\(error)") }
    }
  }
}
