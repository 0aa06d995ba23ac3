// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Clients that hold connections and send nothing.
@Suite struct CrowdTests {
  /// More idle clients than the process has descriptors: the next request is served all the same.
  @Test(arguments: ["", "GET / HTTP/1.1\r\nHost:"]) func idleClientsMakeRoom(sent: String) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1", "nginx_events_worker_connections": "64"])
    var idle: [RawClient] = []
    for _ in 0..<150 {
      let client = try RawClient(port: fixture.gateway.port)
      if !sent.isEmpty { try client.send(sent) }
      idle.append(client)
    }
    for _ in 0..<5 {
      let client = try RawClient(port: fixture.gateway.port)
      try client.request("GET", "/")
      #expect(try client.response().status == 200)
    }
    try fixture.gateway.waitForLog("client connections on one loop")
    withExtendedLifetime(idle) {}
  }

  /// Requests under way are not cut off: further clients wait until one ends.
  @Test func requestsUnderWayAreNotCutOff() throws {
    let gate = Gate()
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1", "nginx_events_worker_connections": "8"]) {
      exchange in
      if exchange.target == "/slow" { try gate.wait() }
      try exchange.respond(200, body: "done")
    }
    let slow = try (0..<4).map { _ in try RawClient(port: fixture.gateway.port) }
    for client in slow { try client.request("GET", "/slow", headers: [("Connection", "close")]) }
    try fixture.origin.waitForRequests(4)
    let next = try RawClient(port: fixture.gateway.port)
    try next.request("GET", "/")
    try fixture.gateway.waitForLog("all with requests under way")
    for _ in slow { gate.open() }
    for client in slow { #expect(try client.response().text == "done") }
    #expect(try next.response().status == 200)
  }
}
