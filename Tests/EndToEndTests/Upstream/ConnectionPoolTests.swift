// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Reuse of upstream connections, with one worker, so that there is one pool.
@Suite struct ConnectionPoolTests {
  private func fixture(
    _ settings: [String: String] = [:], handler: @escaping Origin.Handler = { try $0.echo() }
  ) throws -> Fixture {
    try Fixture(settings: settings.merging(["nginx_worker_processes": "1"]) { own, _ in own }, handler: handler)
  }

  private func run(_ count: Int, through fixture: Fixture) throws {
    for _ in 0..<count { #expect(try fixture.gateway.get().status == 200) }
  }

  @Test func requestsOfDifferentClientsShareAConnection() throws {
    let fixture = try self.fixture()
    try self.run(10, through: fixture)
    #expect(fixture.origin.connectionCount == 1)
  }

  @Test func sizeZeroMeansAConnectionForEachRequest() throws {
    let fixture = try self.fixture(["upstream_keepalive_pool_size": "0"])
    try self.run(4, through: fixture)
    #expect(fixture.origin.connectionCount == 4)
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func connectionIsRetiredAfterItsRequests() throws {
    let fixture = try self.fixture(["upstream_keepalive_max_requests": "3"])
    try self.run(9, through: fixture)
    #expect(fixture.origin.connectionCount == 3)
  }

  @Test func idleConnectionIsClosedInTime() throws {
    let fixture = try self.fixture(["upstream_keepalive_idle_timeout": "1"])
    try self.run(1, through: fixture)
    try fixture.origin.waitForOpenConnections(0)
    try self.run(1, through: fixture)
    #expect(fixture.origin.connectionCount == 2)
  }

  @Test func noMoreThanThePoolSizeAreKept() throws {
    let gate = Gate()
    let fixture = try self.fixture(["upstream_keepalive_pool_size": "2"]) { exchange in
      try gate.wait()
      try exchange.echo()
    }
    let clients = try (0..<5).map { _ in try RawClient(port: fixture.gateway.port) }
    for client in clients { try client.request("GET", "/") }
    try fixture.origin.waitForRequests(5)
    for _ in clients { gate.open() }
    for client in clients { #expect(try client.response().status == 200) }
    try fixture.origin.waitForOpenConnections(2)
  }

  @Test func answerWithCloseIsNotKept() throws {
    let fixture = try self.fixture { exchange in
      try exchange.respond(headers: [("Connection", "close")], body: "x")
      try exchange.waitForClose()
    }
    try self.run(3, through: fixture)
    #expect(fixture.origin.connectionCount == 3)
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func oldUpstreamIsNotKept() throws {
    let fixture = try self.fixture { exchange in
      try exchange.send("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx")
      try exchange.waitForClose()
    }
    try self.run(3, through: fixture)
    #expect(fixture.origin.connectionCount == 3)
  }

  @Test func servicesAtTheSameAddressShareAPool() throws {
    let origin = try Origin()
    let services = ["a", "b"].map { name in
      "- {name: \(name), url: \"http://127.0.0.1:\(origin.port)\", routes: [{name: \(name), paths: [/\(name)]}]}\n"
    }
    let gateway = try GatewayProcess(
      "_format_version: \"3.0\"\nservices:\n" + services.joined(), settings: ["nginx_worker_processes": "1"])
    #expect(try gateway.get("/a").status == 200)
    #expect(try gateway.get("/b").status == 200)
    #expect(origin.connectionCount == 1)
  }

  /// A connection on which a request was answered before it was all sent cannot carry another.
  @Test func unfinishedUploadNeverLeaksIntoTheNextRequest() throws {
    let fixture = try Fixture(
      route: "request_buffering: false", settings: ["nginx_worker_processes": "1"]
    ) { exchange in
      if exchange.target != "/early" { return try exchange.echo() }
      exchange.markBodyRead()
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
    }
    for _ in 0..<5 {
      let client = try RawClient(port: fixture.gateway.port)
      try client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
      #expect(try client.response().text == "early")
      try? client.send("GET /evil HTTP/1.1\r\n")
      #expect(try fixture.gateway.get("/next").echo().head.startLine == "GET /next HTTP/1.1")
    }
  }
}
