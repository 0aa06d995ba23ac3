// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Streams that must not wait in a buffer, and clients that go away in the middle of one.
@Suite struct LiveStreamTests {
  @Test(arguments: ["Transfer-Encoding: chunked", "X-Until: close"])
  func eventsArriveAsTheyAreSent(framing: String) throws {
    let next = Gate()
    let isChunked = framing.hasSuffix("chunked")
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\(framing)\r\n\r\n")
      for number in 0..<5 {
        try next.wait()
        let event = "data: \(number)\n\n"
        try exchange.send(isChunked ? "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n" : event)
      }
      if isChunked { try exchange.send("0\r\n\r\n") } else { exchange.close() }
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/events")
    let head = try client.reader.readHead()
    #expect(head["Content-Type"] == "text/event-stream")
    for number in 0..<5 {
      next.open()
      #expect(try client.reader.readChunk() == Array("data: \(number)\n\n".utf8))
    }
    #expect(try client.reader.readChunk() == nil)
  }

  @Test func headArrivesBeforeTheBody() throws {
    let gate = Gate()
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
      try gate.wait()
      try exchange.send("body")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.reader.readHead()["Content-Length"] == "4")
    gate.open()
    #expect(try client.reader.read(exactly: 4) == Array("body".utf8))
  }

  @Test func unbufferedUploadArrivesAsItIsSent() throws {
    let arrived = Gate()
    let fixture = try Fixture(route: "request_buffering: false\nresponse_buffering: false") { exchange in
      exchange.markBodyRead()
      #expect(try exchange.reader.readChunk() == Array("one".utf8))
      arrived.open()
      #expect(try exchange.reader.readChunk() == Array("two".utf8))
      #expect(try exchange.reader.readChunk() == nil)
      _ = try exchange.reader.readTrailers()
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
    try arrived.wait()
    try client.send("3\r\ntwo\r\n0\r\n\r\n")
    #expect(try client.response().status == 200)
  }

  @Test(arguments: [false, true]) func clientThatLeavesMidStreamStopsTheUpstream(reset: Bool) throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while true { try exchange.send(Array("4\r\ntick\r\n".utf8), seconds: 5) }
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/endless")
    #expect(try client.reader.readHead().word(1) == "200")
    #expect(try client.reader.readChunk() != nil)
    if reset { client.socket.reset() } else { client.close() }
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test(arguments: [false, true]) func clientThatLeavesWhileWaitingStopsTheUpstream(reset: Bool) throws {
    let fixture = try Fixture { try $0.waitForClose() }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/never")
    try fixture.origin.waitForRequests(1)
    if reset { client.socket.reset() } else { client.close() }
    try fixture.origin.waitForOpenConnections(0)
    #expect(fixture.origin.requests.count == 1, "nobody waits for a second try")
    #expect(try fixture.gateway.waitForAccessLine("GET /never").contains(" 499 "))
  }

  @Test func clientThatLeavesMidUploadStopsTheUpstream() throws {
    let fixture = try Fixture(route: "request_buffering: false") { try $0.waitForClose() }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome of it")
    try fixture.origin.waitForRequests(1)
    client.socket.reset()
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func slowClientDoesNotHoldUpOthers() throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      guard exchange.target == "/big" else { return try exchange.echo() }
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(32 << 20)\r\n\r\n")
      try sendFiller(exchange.socket, count: 32 << 20)
    }
    let slow = try RawClient(port: fixture.gateway.port, receiveBuffer: 8192)
    try slow.request("GET", "/big")
    #expect(try slow.reader.readHead().word(1) == "200")
    for _ in 0..<50 { #expect(try fixture.gateway.get("/quick").status == 200) }
    slow.socket.reset()
  }
}
