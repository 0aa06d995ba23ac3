// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// Killed in the middle of writes, the gateway comes back with every write that it had acknowledged.
@Suite struct AdminCrashTests {
  /// Answered with 201: they must be there.
  private struct Written: Sendable {
    var services: [String: JSON] = [:]
    var routes: [String: JSON] = [:]
  }

  /// What all writers share.
  private final class Journal: Sendable {
    private let state = Mutex(Written())

    var written: Written { self.state.withLock { $0 } }

    func note(service: AdminReply) { self.state.withLock { $0.services[service.id] = service.json } }
    func note(route: AdminReply) { self.state.withLock { $0.routes[route.id] = route.json } }
  }

  private static let writers = 4

  /// Makes a service and its route again and again, until the gateway is no more.
  private static func write(_ gateway: GatewayProcess, writer: Int, into journal: Journal) {
    for number in 0..<100_000 {
      let name = "crash-\(writer)-\(number)"
      guard let service = try? gateway.admin("POST", "/services", .json(["name": .string(name), "host": "127.0.0.1"])),
        service.status == 201
      else { return }
      journal.note(service: service)
      let body: JSON = ["name": .string(name), "paths": [.string("/\(name)")]]
      guard let route = try? gateway.admin("POST", "/services/\(name)/routes", .json(body)), route.status == 201
      else { return }
      journal.note(route: route)
    }
  }

  private func all(_ path: String, _ gateway: GatewayProcess) throws -> [String: JSON] {
    var found: [String: JSON] = [:]
    var next: String? = "\(path)?size=1000"
    while let target = next {
      let page = try gateway.admin("GET", target)
      #expect(page.status == 200)
      for entity in page.data { found[entity["id"].string ?? ""] = entity }
      next = page.json["next"].string
    }
    return found
  }

  @Test(arguments: [25, 120]) func acknowledgedWritesOutliveAKill(count: Int) throws {
    let first = try GatewayProcess(administered: nil)
    let journal = Journal()
    let ended = Gate()
    for writer in 0..<Self.writers {
      Thread {
        Self.write(first, writer: writer, into: journal)
        ended.open()
      }.start()
    }
    try Deadline.wait(for: "\(count) routes", seconds: 30) { journal.written.routes.count >= count }
    first.signal(SIGKILL)
    #expect(try first.waitForExit() == 128 + SIGKILL)
    for _ in 0..<Self.writers { try ended.wait() }

    let second = try GatewayProcess(administered: first.folder)
    let expected = journal.written
    let services = try self.all("/services", second)
    let routes = try self.all("/routes", second)
    for (id, service) in expected.services { #expect(services[id] == service) }
    for (id, route) in expected.routes { #expect(routes[id] == route) }
    // At most the write under way of each writer is there without having been acknowledged, and then whole.
    #expect(services.count + routes.count <= expected.services.count + expected.routes.count + Self.writers)
    for route in routes.values { #expect(services[route["service"]["id"].string ?? ""] != nil) }
    for name in services.values.compactMap({ $0["name"].string }) {
      expect(try second.admin("POST", "/services", .json(["name": .string(name), "host": "h"])), 409)
    }
    try self.serves(second, expected)
  }

  /// It routes to what was written before the kill, and takes new writes.
  private func serves(_ gateway: GatewayProcess, _ written: Written) throws {
    let origin = try Origin { try $0.respond(body: "origin") }
    for route in written.routes.values.prefix(5) {
      let name = try #require(route["name"].string)
      expect(
        try gateway.admin("PATCH", "/services/\(name)", .json(["port": .integer(origin.port)])), 200)
      #expect(try gateway.get("/\(name)").text == "origin")
    }
    try gateway.create("/services", ["name": "after", "host": "h"])
    expect(try gateway.admin("GET", "/services/after"), 200)
  }
}
