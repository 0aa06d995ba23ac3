// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Tunnels nobody reads, and switches nobody asked for.
@Suite struct AbandonedTunnelTests {
  private static let switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
  private static let handshake =
    "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

  /// With bytes unread, a close is a reset too, but sent by the kernel.
  @Test(arguments: [true, false]) func clientThatNeverReadsLeavesNoSocketBehind(resets: Bool) throws {
    let full = Gate()
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      exchange.markBodyRead()
      try exchange.send(Self.switching)
      _ = try pushUntilStalled(exchange.socket)
      full.open()
      try sendFiller(exchange.socket, count: 1 << 30)
    }
    let before = try openSocketCount(of: fixture.gateway.processID)
    let clients = try (0..<10).map { _ in try RawClient(port: fixture.gateway.port, receiveBuffer: 4096) }
    for client in clients { try client.send(Self.handshake) }
    for _ in clients { try full.wait(seconds: 20) }
    #expect(try openSocketCount(of: fixture.gateway.processID) >= before + 2 * clients.count - 1)
    for client in clients { if resets { client.socket.reset() } else { client.close() } }
    try waitForSockets(of: fixture.gateway, atMost: before)
    try fixture.origin.waitForOpenConnections(0)
  }

  /// The same the other way round.
  @Test func serviceThatNeverReadsLeavesNoSocketBehind() throws {
    let full = Gate()
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      exchange.markBodyRead()
      try exchange.send(Self.switching)
      try full.wait(seconds: 20)
      exchange.reset()
    }
    let before = try openSocketCount(of: fixture.gateway.processID)
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(Self.handshake)
    #expect(try client.reader.readHead().word(1) == "101")
    _ = try pushUntilStalled(client.socket)
    full.open()
    try waitForSockets(of: fixture.gateway, atMost: before)
  }

  static let uninvited = [
    ("", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), ("", ""),
    ("Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
    ("Upgrade: websocket\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
    ("Connection: Upgrade\r\nUpgrade: websocket\r\n", ""),
  ]

  /// What follows such a 101 is no answer to the client's next request.
  @Test(arguments: Self.uninvited) func switchNobodyAskedForIs502(asked: String, answered: String) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      if exchange.target != "/switch" { return try exchange.echo() }
      try exchange.send("HTTP/1.1 101 Switching Protocols\r\n\(answered)\r\nHTTP/1.1 200 OK\r\nX-Smuggled: 1\r\n\r\n")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("GET /switch HTTP/1.1\r\nHost: a\r\n\(asked)\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try client.response().status == 502)
    let next = try client.response()
    #expect(next["X-Smuggled"] == nil)
    #expect(try next.echo().head.startLine == "GET /next HTTP/1.1")
  }
}
