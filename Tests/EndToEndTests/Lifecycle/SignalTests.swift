// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// SIGQUIT drains, SIGTERM and SIGINT stop.
@Suite struct SignalTests {
  private func refusesConnections(_ gateway: GatewayProcess) -> Bool {
    guard let socket = try? Socket.connect(port: gateway.port, seconds: 1) else { return true }
    socket.close()
    return false
  }

  @Test func quitLetsRequestsInFlightFinish() throws {
    let gate = Gate()
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
      try gate.wait()
      try exchange.send("rest")
    }
    let started = try RawClient(port: fixture.gateway.port)
    try started.request("GET", "/started")
    let head = try started.reader.readHead()
    #expect(head.word(1) == "200")
    let waiting = try RawClient(port: fixture.gateway.port)
    try waiting.request("GET", "/waiting")
    try fixture.origin.waitForRequests(2)
    fixture.gateway.signal(SIGQUIT)
    try Deadline.wait(for: "the listener to close") { self.refusesConnections(fixture.gateway) }
    #expect(fixture.gateway.exitCode == nil, "it waits for the requests")
    gate.open()
    gate.open()
    #expect(try started.reader.read(exactly: 8) == Array("halfrest".utf8))
    #expect(try waiting.response().text == "halfrest")
    #expect(try fixture.gateway.waitForExit() == 0)
  }

  @Test func quitClosesIdleConnectionsAtOnce() throws {
    let fixture = try Fixture()
    let idle = try RawClient(port: fixture.gateway.port)
    try idle.request("GET", "/")
    #expect(try idle.response().status == 200)
    let silent = try RawClient(port: fixture.gateway.port)
    fixture.gateway.signal(SIGQUIT)
    #expect(try idle.isClosedByPeer())
    #expect(try silent.isClosedByPeer())
    #expect(try fixture.gateway.waitForExit() == 0)
  }

  @Test func quitTellsTheClientThatItsAnswerIsTheLast() throws {
    let gate = Gate()
    let fixture = try Fixture { exchange in
      try gate.wait()
      try exchange.echo()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    try fixture.origin.waitForRequests(1)
    fixture.gateway.signal(SIGQUIT)
    try Deadline.wait(for: "the listener to close") { self.refusesConnections(fixture.gateway) }
    gate.open()
    #expect(try client.response()["Connection"]?.lowercased() == "close")
    #expect(try client.isClosedByPeer())
  }

  @Test(arguments: [SIGTERM, SIGINT]) func termStopsWithoutWaiting(signal: Int32) throws {
    let fixture = try Fixture { try $0.waitForClose() }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/never")
    try fixture.origin.waitForRequests(1)
    fixture.gateway.signal(signal)
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(try client.isClosedByPeer())
    #expect(self.refusesConnections(fixture.gateway))
  }

  @Test func usr1ReopensTheLogs() throws {
    let fixture = try Fixture()
    #expect(try fixture.gateway.get("/before").status == 200)
    _ = try fixture.gateway.waitForAccessLine("/before")
    let log = fixture.gateway.folder.file("logs/access.log")
    try FileManager.default.moveItem(at: log, to: fixture.gateway.folder.file("logs/access.old"))
    fixture.gateway.signal(SIGUSR1)
    try Deadline.wait(for: "a new access log") { FileManager.default.fileExists(atPath: log.path) }
    #expect(try fixture.gateway.get("/after").status == 200)
    _ = try fixture.gateway.waitForAccessLine("/after")
    #expect(!fixture.gateway.accessLog.contains("/before"))
  }

  @Test func portIsFreeOnceTheGatewayEnded() throws {
    let fixture = try Fixture()
    #expect(try fixture.gateway.get().status == 200)
    fixture.gateway.signal(SIGTERM)
    #expect(try fixture.gateway.waitForExit() == 0)
    let again = try ListeningSocket(port: fixture.gateway.port)
    #expect(again.port == fixture.gateway.port)
  }
}
