// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// What ends a graceful stop that has something to wait for, and what is said of what was cut off.
@Suite struct DrainTests {
  private static let handshake =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

  /// Never answers `/slow`; switches protocols and then gives every byte back for anything else.
  @Sendable private static func answer(_ exchange: Exchange) throws {
    if exchange.target == "/slow" { return try exchange.waitForClose() }
    exchange.markBodyRead()
    try exchange.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    while true {
      let bytes = try exchange.socket.receive(upTo: 1 << 16)
      if bytes.isEmpty { return exchange.close() }
      try exchange.send(bytes)
    }
  }

  private static func slowRequest(_ fixture: Fixture) throws -> RawClient {
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/slow")
    try fixture.origin.waitForRequests(1)
    return client
  }

  private static func tunnel(_ fixture: Fixture) throws -> RawClient {
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.handshake)
    try #require(try client.reader.readHead().word(1) == "101")
    return client
  }

  private static func awaitRefusal(_ gateway: GatewayProcess) throws {
    try Deadline.wait(for: "the listener to close") {
      guard let socket = try? Socket.connect(port: gateway.port, seconds: 1) else { return true }
      socket.close()
      return false
    }
  }

  /// Talks through a tunnel until it ends.
  private static func keepBusy(_ client: RawClient) throws {
    while (try? client.send([1])) != nil, (try? client.reader.read(exactly: 1)) != nil {}
  }

  @Test(arguments: [SIGTERM, SIGINT]) func aStopEndsADrainAtOnce(signal: Int32) throws {
    let fixture = try Fixture(handler: Self.answer)
    let client = try Self.slowRequest(fixture)
    fixture.gateway.signal(SIGQUIT)
    try Self.awaitRefusal(fixture.gateway)
    #expect(fixture.gateway.exitCode == nil)
    fixture.gateway.signal(signal)
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(try client.isClosedByPeer())
    #expect(fixture.gateway.log.contains("1 requests and 0 tunnels were cut off"), "\(fixture.gateway.log)")
    #expect(fixture.gateway.log.contains("cut off by the end of the gateway, client: 127.0.0.1, request: \"GET /slow"))
  }

  @Test func everySignalAfterTheFirstIsAnswered() throws {
    let fixture = try Fixture(handler: Self.answer)
    let client = try Self.slowRequest(fixture)
    for signal in [SIGQUIT, SIGQUIT, SIGHUP, SIGUSR1] { fixture.gateway.signal(signal) }
    try Self.awaitRefusal(fixture.gateway)
    #expect(fixture.gateway.exitCode == nil)
    for signal in [SIGTERM, SIGINT, SIGTERM] { fixture.gateway.signal(signal) }
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(try client.isClosedByPeer())
  }

  @Test func theTimeOfQuitEndsARequestThatTakesLonger() throws {
    let fixture = try Fixture(handler: Self.answer)
    let client = try Self.slowRequest(fixture)
    let result = try fixture.gateway.command("quit", "--timeout", "1")
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(result.output == "Timeout, Gibbon stopped forcefully\n")
    #expect(try client.isClosedByPeer())
    #expect(try fixture.gateway.waitForExit() == 0)
  }

  @Test func theTimeOfQuitEndsABusyTunnel() throws {
    let fixture = try Fixture(handler: Self.answer)
    let client = try Self.tunnel(fixture)
    let busy = Thread { try? Self.keepBusy(client) }
    busy.start()
    let result = try fixture.gateway.command("quit", "--timeout", "1")
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(fixture.gateway.log.contains("0 requests and 1 tunnels were cut off"), "\(fixture.gateway.log)")
    #expect(fixture.gateway.log.contains("tunnel was cut off by the end of the gateway"))
  }

  @Test func aTunnelDoesNotHoldAPlainQuitForEver() throws {
    let fixture = try Fixture(handler: Self.answer)
    let client = try Self.tunnel(fixture)
    let busy = Thread { try? Self.keepBusy(client) }
    busy.start()
    fixture.gateway.signal(SIGQUIT)
    #expect(try fixture.gateway.waitForExit(seconds: 30) == 0)
    #expect(fixture.gateway.log.contains("1 tunnels were cut off after"), "\(fixture.gateway.log)")
  }

  @Test func aConfiguredTimeEndsAPlainQuit() throws {
    let fixture = try Fixture(settings: ["nginx_main_worker_shutdown_timeout": "1s"], handler: Self.answer)
    let client = try Self.slowRequest(fixture)
    fixture.gateway.signal(SIGQUIT)
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(try client.isClosedByPeer())
    #expect(fixture.gateway.log.contains("the time of a graceful stop is over: 1 requests"), "\(fixture.gateway.log)")
  }

  @Test func quitThatWaitsIsUnreadyAndServesMeanwhile() throws {
    let gateway = try GatewayProcess(administered: nil, declarative: "_format_version: \"3.0\"\n")
    let quit = Thread { _ = try? gateway.command("quit", "--wait", "30", "--timeout", "1") }
    quit.start()
    try Deadline.wait(for: "readiness to say that it is about to end") {
      try gateway.statusAPI("GET", "/status/ready").status == 503
    }
    #expect(try gateway.get("/").status == 404, "requests are still answered")
    let reload = try gateway.command("reload")
    #expect(reload.exitCode == 1)
    #expect(reload.errorOutput.contains("about to end"), "\(reload.allOutput)")
    gateway.signal(SIGTERM)
    #expect(try gateway.waitForExit() == 0)
  }

  @Test func aRequestToTheAdminAPIThatNeverEndsDoesNotHoldTheStop() throws {
    let gateway = try GatewayProcess(administered: nil, declarative: "_format_version: \"3.0\"\n")
    let client = try RawClient(port: gateway.adminPort)
    try client.send("POST /config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    gateway.signal(SIGTERM)
    #expect(try gateway.waitForExit() == 0)
  }
}
