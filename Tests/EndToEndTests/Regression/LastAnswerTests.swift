// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Answers of the gateway itself after which the connection cannot go on.
@Suite struct LastAnswerTests {
  private static func fixture(_ configuration: String = "{}") throws -> Fixture {
    try Fixture(
      global: """
        plugins:
        - {name: key-auth, config: \(configuration)}
        consumers:
        - username: alice
          keyauth_credentials:
          - {key: alice-key}
        """)
  }

  private static let expecting = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"

  /// Whether the body comes after all, nobody can know.
  @Test(arguments: ["", "apikey: wrong\r\n"]) func refusedExpectationIsNotInvited(key: String) throws {
    let fixture = try Self.fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.expecting + key + "\r\n")
    let head = try client.reader.readHead()
    #expect(head.word(1) == "401")
    #expect(head.all("Connection").map { $0.lowercased() } == ["close"])
    let length = try #require(head["Content-Length"].flatMap { Int($0) })
    _ = try client.reader.read(exactly: length)
    #expect(try client.isClosedByPeer())
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func acceptedExpectationIsInvited() throws {
    let fixture = try Self.fixture()
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.send(Self.expecting + "apikey: alice-key\r\n\r\n")
      #expect(try client.reader.readHead().word(1) == "100")
      try client.send("hello")
      #expect(try client.response().echo().rest == "hello")
    }
  }

  @Test func pluginThatReadsTheBodyInvitesIt() throws {
    let fixture = try Self.fixture("{key_in_body: true}")
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.send(Self.expecting + "\r\n")
      #expect(try client.reader.readHead().word(1) == "100")
      try client.send("hello")
      let response = try client.response()
      #expect(response.status == 401)
      #expect(response["Connection"]?.lowercased() == "keep-alive")
    }
  }

  private func quit(_ gateway: GatewayProcess) throws {
    gateway.signal(SIGQUIT)
    try Deadline.wait(for: "the listener to close") {
      guard let socket = try? Socket.connect(port: gateway.port, seconds: 1) else { return true }
      socket.close()
      return false
    }
  }

  @Test func errorWhileDrainingIsTheLastAnswer() throws {
    let gate = Gate()
    let fixture = try Fixture(service: "retries: 0") { exchange in
      try gate.wait()
      exchange.close()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    try fixture.origin.waitForRequests(1)
    try self.quit(fixture.gateway)
    gate.open()
    let response = try client.response()
    #expect(response.status == 502)
    #expect(response["Connection"]?.lowercased() == "close")
    #expect(try client.isClosedByPeer())
    #expect(try fixture.gateway.waitForExit() == 0)
  }

  @Test func refusalWhileDrainingIsTheLastAnswer() throws {
    let fixture = try Self.fixture("{key_in_body: true}")
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.expecting + "\r\n")
    #expect(try client.reader.readHead().word(1) == "100")
    try self.quit(fixture.gateway)
    try client.send("hello")
    let response = try client.response()
    #expect(response.status == 401)
    #expect(response["Connection"]?.lowercased() == "close")
    #expect(try client.isClosedByPeer())
    #expect(try fixture.gateway.waitForExit() == 0)
  }
}
