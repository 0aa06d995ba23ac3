// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// A new declarative file, or a bad one, while requests go through.
@Suite(.serialized) struct ReloadTests {
  /// Clients that never pause: half of them keep their connection, half make one for every request.
  private final class Load: Sendable {
    struct Counts {
      var served = 0
      var failures: [String] = []
      var running = 0
    }

    private let counts = Mutex(Counts())
    private let stopped = Mutex(false)

    init(port: Int, clients: Int) {
      for number in 0..<clients {
        self.counts.withLock { $0.running += 1 }
        Thread { self.run(port: port, keeping: number % 2 == 0) }.start()
      }
    }

    private func run(port: Int, keeping: Bool) {
      var kept: RawClient?
      while !self.stopped.withLock({ $0 }) {
        do {
          let client = try kept ?? RawClient(port: port)
          try client.request("GET", "/load", headers: keeping ? [] : [("Connection", "close")])
          let response = try client.response()
          if response.status != 200 { throw HarnessError(.failed, "status \(response.status): \(response.text)") }
          // The gateway may say that this was the connection's last answer, but may not end it without saying so.
          kept = keeping && response["Connection"]?.lowercased() != "close" ? client : nil
          self.counts.withLock { $0.served += 1 }
        } catch {
          self.counts.withLock { $0.failures.append("\(error)") }
          kept = nil
        }
      }
      self.counts.withLock { $0.running -= 1 }
    }

    var served: Int { self.counts.withLock { $0.served } }

    func finish() throws -> Counts {
      self.stopped.withLock { $0 = true }
      try Deadline.wait(for: "the load to end") { self.counts.withLock { $0.running } == 0 }
      return self.counts.withLock { $0 }
    }
  }

  private func declarative(port: Int, generation: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - {name: load, paths: [/load]}
      - {name: generation-\(generation), paths: [/generation/\(generation)]}
    """
  }

  private func awaitRoute(_ generation: Int, in gateway: GatewayProcess) throws {
    try Deadline.wait(for: "generation \(generation) to be served; log: \(gateway.log.suffix(1000))") {
      try gateway.get("/generation/\(generation)").status == 200
    }
  }

  @Test(arguments: ["signal", "command"]) func noRequestFailsWhileTheConfigurationChanges(by: String) throws {
    let fixture = try Fixture(declarative: { self.declarative(port: $0, generation: 0) })
    let gateway = fixture.gateway
    let load = Load(port: gateway.port, clients: 6)
    for generation in 1...6 {
      try gateway.rewrite(self.declarative(port: fixture.origin.port, generation: generation))
      if by == "signal" {
        gateway.signal(SIGHUP)
      } else {
        let result = try gateway.command("reload", "-c", gateway.configurationFile.path)
        #expect(result.exitCode == 0, "\(result.allOutput)")
      }
      try self.awaitRoute(generation, in: gateway)
      #expect(try gateway.get("/generation/\(generation - 1)").status == 404, "the old route is gone")
      let seen = load.served
      try Deadline.wait(for: "requests after the reload") { load.served > seen + 20 }
    }
    let counts = try load.finish()
    #expect(counts.failures == [])
    #expect(counts.served > 120)
    #expect(gateway.exitCode == nil)
  }

  @Test func requestInFlightKeepsItsService() throws {
    let gate = Gate()
    let fixture = try Fixture(
      declarative: { self.declarative(port: $0, generation: 0) },
      handler: { exchange in
        if exchange.target == "/slow" { try gate.wait() }
        try exchange.echo()
      })
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/load/slow")
    try fixture.origin.waitForRequests(1)
    let second = try Origin()
    try fixture.gateway.rewrite(self.declarative(port: second.port, generation: 1))
    fixture.gateway.signal(SIGHUP)
    try self.awaitRoute(1, in: fixture.gateway)
    gate.open()
    let response = try client.response()
    #expect(response.status == 200)
    #expect(try response.echo().head["Host"] == "127.0.0.1:\(fixture.origin.port)")
    try client.request("GET", "/load/now")
    #expect(try client.response().echo().head["Host"] == "127.0.0.1:\(second.port)")
  }

  @Test func aPluginGoesOnCountingWhenSomethingElseChanges() throws {
    let plugin = "\nplugins:\n- {name: rate-limiting, config: {year: 3, policy: local, limit_by: path, path: /load}}\n"
    let fixture = try Fixture(declarative: { self.declarative(port: $0, generation: 0) + plugin })
    let gateway = fixture.gateway
    let started = Int(Date().timeIntervalSince1970)
    #expect(try gateway.get("/load")["X-RateLimit-Remaining-Year"] == "2")
    // Entities have the second in which they were read.
    try Deadline.wait(for: "the next second") { Int(Date().timeIntervalSince1970) > started }
    try gateway.rewrite(self.declarative(port: fixture.origin.port, generation: 1) + plugin)
    gateway.signal(SIGHUP)
    try self.awaitRoute(1, in: gateway)
    #expect(try gateway.get("/load")["X-RateLimit-Remaining-Year"] == "1")
  }

  static let bad = [
    ("services: [", ["kong.yml"]), ("_format_version: \"3.0\"\nservices:\n- {name: x}\n", ["host", "required"]),
    ("_format_version: \"3.0\"\nroutes:\n- {name: r, paths: [no-slash]}\n", ["paths"]),
    ("_format_version: \"3.0\"\nplugins:\n- {name: no-such-plugin}\n", ["no-such-plugin"]),
    ("_format_version: \"3.0\"\nroutes:\n- {name: r, paths: [/], service: ghost}\n", ["ghost"]),
  ]

  @Test(arguments: Self.bad) func badFileIsRefusedAndTheOldOneServesOn(text: String, words: [String]) throws {
    let fixture = try Fixture(declarative: { self.declarative(port: $0, generation: 0) })
    let gateway = fixture.gateway
    try gateway.rewrite(text)
    gateway.signal(SIGHUP)
    for word in words { try gateway.waitForLog(word) }
    #expect(try gateway.get("/generation/0").status == 200)
    try gateway.rewrite(self.declarative(port: fixture.origin.port, generation: 1))
    gateway.signal(SIGHUP)
    try self.awaitRoute(1, in: gateway)
  }

  @Test func missingFileIsRefusedAndTheOldOneServesOn() throws {
    let fixture = try Fixture(declarative: { self.declarative(port: $0, generation: 0) })
    try FileManager.default.removeItem(at: fixture.gateway.folder.file("kong.yml"))
    fixture.gateway.signal(SIGHUP)
    try fixture.gateway.waitForLog("kong.yml")
    #expect(try fixture.gateway.get("/generation/0").status == 200)
  }
}
