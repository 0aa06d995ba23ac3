// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Bodies far larger than the memory the gateway may use for them. 256 MB each way; 2 GB with GIBBON_TEST_LARGE=1.
@Suite(.serialized) struct LargeBodyTests {
  private static let isLarge = ProcessInfo.processInfo.environment["GIBBON_TEST_LARGE"] == "1"
  private static let size = isLarge ? 2 << 30 : 256 << 20
  /// What one stream may add to the resident memory, whatever its size.
  private static let allowance = 64 << 20

  private static let downloadHead = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"

  private func growth(of gateway: GatewayProcess, while work: () throws -> Void) throws -> Int {
    let before = ProcessMemory.resident(of: gateway.processID)
    try work()
    return ProcessMemory.peak(of: gateway.processID) - before
  }

  private func drain(_ reader: MessageReader, count: Int) throws {
    var left = count
    while left > 0 {
      let got = try reader.discard(upTo: min(left, 1 << 18), seconds: 20)
      if got == 0 { throw HarnessError(.closed, "\(left) of \(count) bytes missing") }
      left -= got
    }
  }

  @Test func downloadThroughAReaderThatLagsBehind() throws {
    let stalled = Gate()
    let fixture = try Fixture { exchange in
      try exchange.send(Self.downloadHead)
      let pushed = try pushUntilStalled(exchange.socket, limit: Self.size)
      stalled.open()
      #expect(pushed < Self.allowance, "the gateway took \(pushed) bytes that nobody reads")
      try sendFiller(exchange.socket, count: Self.size - pushed)
    }
    let growth = try self.growth(of: fixture.gateway) {
      let client = try RawClient(port: fixture.gateway.port, receiveBuffer: 32_768)
      try client.request("GET", "/")
      #expect(try client.reader.readHead()["Content-Length"] == String(Self.size))
      try stalled.wait(seconds: 30)
      try self.drain(client.reader, count: Self.size)
    }
    #expect(growth < Self.allowance, "resident memory grew by \(growth >> 20) MB")
    #expect(fixture.origin.failures == [])
  }

  @Test func uploadToAReaderThatLagsBehind() throws {
    let start = Gate()
    let fixture = try Fixture { exchange in
      try start.wait(seconds: 30)
      try self.drain(exchange.reader, count: Self.size)
      exchange.markBodyRead()
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
    }
    let growth = try self.growth(of: fixture.gateway) {
      let client = try RawClient(port: fixture.gateway.port)
      try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.size)\r\n\r\n")
      let pushed = try pushUntilStalled(client.socket, limit: Self.size)
      #expect(pushed < Self.allowance, "the gateway took \(pushed) bytes that nobody reads")
      start.open()
      try sendFiller(client.socket, count: Self.size - pushed)
      #expect(try client.response(seconds: 30).text == "done")
    }
    #expect(growth < Self.allowance, "resident memory grew by \(growth >> 20) MB")
  }

  @Test func chunkedDownloadOfUnknownLength() throws {
    let count = Self.size >> 18
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = Array("40000\r\n".utf8) + [UInt8](repeating: 99, count: 1 << 18) + Array("\r\n".utf8)
      for _ in 0..<count { try exchange.send(chunk, seconds: 20) }
      try exchange.send("0\r\n\r\n")
    }
    let growth = try self.growth(of: fixture.gateway) {
      let client = try RawClient(port: fixture.gateway.port)
      try client.request("GET", "/")
      #expect(try client.reader.readHead().all("Transfer-Encoding") == ["chunked"])
      var total = 0
      while let chunk = try client.reader.readChunk(seconds: 20) { total += chunk.count }
      #expect(total == count << 18)
    }
    #expect(growth < Self.allowance, "resident memory grew by \(growth >> 20) MB")
  }

  /// Every byte, in order, and not only the right number of them.
  @Test func bytesOfALargeEchoAreTheSame() throws {
    let fixture = try Fixture()
    var state: UInt64 = 42
    let body = (0..<(4 << 20)).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    let client = try RawClient(port: fixture.gateway.port)
    let sender = Thread { try? client.request("POST", "/", body: body) }
    sender.start()
    let response = try client.response(seconds: 30)
    #expect(response.body.suffix(body.count) == body[...])
  }

  @Test func twoHundredSlowReadersStayBounded() throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: \(8 << 20)\r\n\r\n")
      try sendFiller(exchange.socket, count: 8 << 20)
    }
    let before = ProcessMemory.resident(of: fixture.gateway.processID)
    let clients = try (0..<200).map { _ in try RawClient(port: fixture.gateway.port, receiveBuffer: 8192) }
    for client in clients { try client.request("GET", "/") }
    for client in clients { #expect(try client.reader.readHead(seconds: 30).word(1) == "200") }
    #expect(try fixture.gateway.get("/", seconds: 30).body.count == 8 << 20)
    let growth = ProcessMemory.peak(of: fixture.gateway.processID) - before
    #expect(growth < 200 << 18, "200 stalled streams took \(growth >> 10) KB")
    for client in clients { client.socket.reset() }
  }
}
