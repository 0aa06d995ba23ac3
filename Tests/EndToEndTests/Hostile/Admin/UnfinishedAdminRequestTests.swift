// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Clients of the Admin API that begin and do not end: heads, bodies, answers, connections.
@Suite struct UnfinishedAdminRequestTests {
  private static let head = "POST /services HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

  @Test func anUnfinishedHeadIsAnsweredAndClosed() throws {
    let gateway = try GatewayProcess(administered: nil, settings: ["nginx_admin_client_header_timeout": "300ms"])
    let client = try RawClient(port: gateway.adminPort)
    try client.send("GET / HTTP/1.1\r\nHost: local")
    let answer = try client.response()
    #expect(answer.status == 408 && answer.text.contains("408 Request Time-out"))
    #expect(try client.isClosedByPeer())
    let silent = try RawClient(port: gateway.adminPort)
    #expect(try silent.isClosedByPeer())
  }

  @Test(arguments: ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a"])
  func anUnfinishedBodyIsAnsweredAndClosed(body: String) throws {
    let gateway = try GatewayProcess(administered: nil, settings: ["nginx_admin_client_body_timeout": "300ms"])
    let client = try RawClient(port: gateway.adminPort)
    try client.send(Self.head + body)
    #expect(try client.response().status == 408)
    #expect(try client.isClosedByPeer())
  }

  @Test func aConnectionIsNotKeptForEver() throws {
    let gateway = try GatewayProcess(administered: nil, settings: ["nginx_admin_keepalive_timeout": "300ms"])
    let client = try RawClient(port: gateway.adminPort)
    try client.request("GET", "/status", headers: [("Host", "localhost")])
    #expect(try client.response().status == 200)
    #expect(try client.isClosedByPeer())
  }

  @Test func aClientThatTakesNothingIsLeft() throws {
    let gateway = try GatewayProcess(administered: nil, settings: ["nginx_admin_send_timeout": "300ms"])
    let client = try RawClient(port: gateway.adminPort, receiveBuffer: 4096)
    // Many answers, of which not one is read.
    let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    try client.send(String(repeating: request, count: 100))
    try Deadline.wait(for: "the connection to end") { (try? client.send(request)) == nil }
    #expect(try gateway.admin("GET", "/status").status == 200)
  }

  /// Thirty bodies of ten megabytes, each but for its last byte.
  @Test func unfinishedBodiesDoNotFillTheMemory() throws {
    let gateway = try GatewayProcess(administered: nil)
    #expect(try gateway.admin("GET", "/status").status == 200)
    let before = ProcessMemory.resident(of: gateway.processID)
    let size = 10 << 20
    let piece = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
    var clients: [RawClient] = []
    for _ in 0..<30 {
      let client = try RawClient(port: gateway.adminPort)
      clients.append(client)
      try client.send(Self.head + "Content-Length: \(size)\r\n\r\n")
      // Who finds no room is not read from, and cannot send all of it.
      var pieces = 0
      while pieces < 9, (try? client.send(piece, seconds: 0.05)) != nil { pieces += 1 }
    }
    let after = ProcessMemory.resident(of: gateway.processID)
    #expect(after - before < 100 << 20, "\((after - before) >> 20) MiB")
    // Small requests do not wait for them, and larger ones are told.
    #expect(try gateway.create("/services", ["host": "h"]).status == 201)
    let refused = try clients[29].response()
    #expect(refused.status == 503 && refused["Retry-After"] == "1")
    for client in clients { client.close() }
    let large = try gateway.admin("POST", "/services", .json(text: String(repeating: " ", count: size)))
    #expect(large.status == 400)
  }

  @Test func bodiesThatAreFinishedAllHaveTheirTurn() throws {
    let gateway = try GatewayProcess(administered: nil)
    let padding = String(repeating: " ", count: 9 << 20)
    for _ in 0..<6 {
      #expect(try gateway.admin("POST", "/services", .json(text: "{\"host\":\"h\"}" + padding)).status == 201)
    }
  }

  @Test func manyConnectionsLeaveRoomForOneMore() throws {
    let gateway = try GatewayProcess(administered: nil)
    var clients: [RawClient] = []
    for _ in 0..<300 {
      let client = try RawClient(port: gateway.adminPort)
      try client.send("GET / HT")
      clients.append(client)
    }
    #expect(try gateway.admin("GET", "/status").status == 200)
    // Those that waited for longest made room.
    #expect(try clients[0].isClosedByPeer())
  }

  @Test func continueIsSaidWhenTheBodyMayCome() throws {
    let client = try RawClient(port: AdminGateway.shared().adminPort)
    try client.send(Self.head + "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n")
    #expect(try client.reader.readHead().startLine == "HTTP/1.1 100 Continue")
    try client.send("{\"host\":\"h\"}")
    #expect(try client.response(to: "POST").status == 201)
  }

  @Test func aBodyThatIsTooLargeIsRefusedBeforeItComes() throws {
    let client = try RawClient(port: AdminGateway.shared().adminPort)
    try client.send(Self.head + "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
    let answer = try client.response(to: "POST")
    #expect(answer.status == 413 && answer.text.contains("413 Request Entity Too Large"))
    #expect(try client.isClosedByPeer())
  }
}
