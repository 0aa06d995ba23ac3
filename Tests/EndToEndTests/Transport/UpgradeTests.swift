// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// `Upgrade: websocket`: after the 101 the gateway is a tunnel.
@Suite struct UpgradeTests {
  private static let handshake =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

  /// Switches, then gives every byte back.
  @Sendable private static func mirror(_ exchange: Exchange) throws {
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

  private func upgraded(_ fixture: Fixture, more: String = "") throws -> RawClient {
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.handshake + more)
    let head = try client.reader.readHead()
    #expect(head.word(1) == "101")
    #expect(head["Upgrade"]?.lowercased() == "websocket")
    #expect(head["Connection"]?.lowercased() == "upgrade")
    #expect(head["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    return client
  }

  @Test func handshakeIsForwarded() throws {
    let fixture = try Fixture(handler: Self.mirror)
    let client = try self.upgraded(fixture)
    let head = try #require(fixture.origin.requests.first)
    #expect(head.all("Upgrade").map { $0.lowercased() } == ["websocket"])
    #expect(head.all("Connection") == ["keep-alive, Upgrade"])
    #expect(head["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ==")
    client.close()
  }

  @Test func bytesPassBothWaysUnchanged() throws {
    let fixture = try Fixture(handler: Self.mirror)
    let client = try self.upgraded(fixture)
    for message in [Array("hello".utf8), [0, 255, 13, 10, 13, 10], Array("GET / HTTP/1.1\r\n\r\n".utf8)] {
      try client.send(message)
      #expect(try client.reader.read(exactly: message.count) == message)
    }
  }

  @Test func bytesSentWithTheHandshakeAreNotLost() throws {
    // The mirror reads the socket directly, so the origin must not have taken them with the head.
    let fixture = try Fixture { exchange in
      exchange.markBodyRead()
      try exchange.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nwelcome")
      let early = try exchange.reader.read(exactly: 5)
      try exchange.send(early)
      exchange.close()
    }
    let client = try self.upgraded(fixture, more: "early")
    #expect(try client.reader.readToEnd() == Array("welcomeearly".utf8))
  }

  @Test func endOfTheUpstreamEndsTheClient() throws {
    let fixture = try Fixture { exchange in
      exchange.markBodyRead()
      try exchange.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nbye")
      exchange.close()
    }
    let client = try self.upgraded(fixture)
    #expect(try client.reader.readToEnd() == Array("bye".utf8))
  }

  @Test func endOfTheClientEndsTheUpstream() throws {
    let fixture = try Fixture(handler: Self.mirror)
    let client = try self.upgraded(fixture)
    #expect(fixture.origin.openConnectionCount == 1)
    client.close()
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func resetOfTheClientEndsTheUpstream() throws {
    let fixture = try Fixture(handler: Self.mirror)
    let client = try self.upgraded(fixture)
    client.socket.reset()
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func readTimeoutGuardsTheTunnel() throws {
    let fixture = try Fixture(service: "read_timeout: 300\nwrite_timeout: 300", handler: Self.mirror)
    let client = try self.upgraded(fixture)
    #expect(try client.isClosedByPeer())
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func upstreamMayDecline() throws {
    let fixture = try Fixture { try $0.respond(403, body: "no sockets here") }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.send(Self.handshake)
      let response = try client.response()
      #expect(response.status == 403)
      #expect(response.text == "no sockets here")
    }
  }

  /// One direction full, the other flows; and what waits in the gateway stays bounded.
  @Test func fullTunnelPushesBack() throws {
    let gate = Gate()
    let total = 48 << 20
    let fixture = try Fixture { exchange in
      exchange.markBodyRead()
      try exchange.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
      try gate.wait()
      var left = total
      while left > 0 {
        let count = try exchange.reader.discard(upTo: min(left, 1 << 18))
        if count == 0 { return exchange.close() }
        left -= count
      }
      try exchange.send("all read")
      try exchange.waitForClose()
    }
    let client = try self.upgraded(fixture)
    let before = ProcessMemory.resident(of: fixture.gateway.processID)
    let accepted = try pushUntilStalled(client.socket)
    #expect(accepted < 32 << 20, "the gateway took \(accepted) bytes that nobody reads")
    gate.open()
    try sendFiller(client.socket, count: total - accepted)
    #expect(try client.reader.read(exactly: 8, seconds: 30) == Array("all read".utf8))
    #expect(ProcessMemory.peak(of: fixture.gateway.processID) - before < 32 << 20)
  }
}
