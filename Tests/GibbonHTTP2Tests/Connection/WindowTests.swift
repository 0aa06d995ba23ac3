// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP2
import Testing

/// Flow control (RFC 9113, section 5.2).
@Suite struct WindowTests {
  private func server(_ limits: HTTP2Limits = HTTP2Limits(), _ wire: Wire = Wire.client) -> Endpoint {
    var server = Endpoint(.server, limits)
    server.feed(wire)
    _ = server.sent()
    return server
  }

  private var small: HTTP2Limits {
    var limits = HTTP2Limits()
    limits.streamWindowBytes = 65_535
    limits.largestStreamWindowBytes = 65_535
    limits.connectionWindowBytes = 100_000
    return limits
  }

  private func content(_ count: Int) -> [UInt8] { Array(repeating: 97, count: count) }

  @Test func contentIsSplitByThePeersFrameSize() {
    var server = self.server(HTTP2Limits(), Wire.client.headers(1))
    server.respond(0)
    #expect(server.write(0, self.content(40_000), end: true) == 40_000)
    #expect(server.sent() == ["HEADERS 1", "DATA 1 16384", "DATA 1 16384", "DATA 1 7232 end"])
  }

  @Test func nothingGoesBeyondTheStreamsWindow() {
    var server = self.server(HTTP2Limits(), Wire.client.settings([(4, 3)]).headers(1))
    server.respond(0)
    #expect(server.connection.sendWindow(0) == 3)
    #expect(server.write(0, self.content(5), end: true) == 3)
    #expect(server.write(0, self.content(2), end: true) == 0)
    #expect(server.sent() == ["HEADERS 1", "DATA 1 3"])
    server.feed(Wire().window(1, 1))
    #expect(server.log.last == "window 1")
    #expect(server.write(0, self.content(2), end: true) == 1)
    server.feed(Wire().window(1, 10))
    #expect(server.write(0, self.content(1), end: true) == 1)
    #expect(server.sent() == ["DATA 1 1", "DATA 1 1 end"])
  }

  @Test func nothingGoesBeyondTheConnectionsWindow() {
    var server = self.server(HTTP2Limits(), Wire.client.settings([(4, 100_000)]).headers(1).headers(3))
    server.respond(0)
    server.respond(1)
    #expect(server.write(0, self.content(70_000)) == 65_535)
    #expect(server.write(1, self.content(1)) == 0)
    #expect(server.connection.sendWindow(1) == 0)
    server.feed(Wire().window(0, 5))
    #expect(server.log.last == "window")
    #expect(server.write(1, self.content(9)) == 5)
  }

  @Test func aWindowThatNobodyWaitedForIsNoEvent() {
    let server = self.server(HTTP2Limits(), Wire.client.headers(1).window(1, 5).window(0, 5))
    #expect(server.log.last == "end 1")
  }

  @Test func settingsMoveTheWindowsOfOpenStreams() {
    var server = self.server(HTTP2Limits(), Wire.client.headers(1))
    server.respond(0)
    server.write(0, self.content(100))
    // The window becomes negative (RFC 9113, section 6.9.2).
    server.feed(Wire().settings([(4, 40)]))
    #expect(server.connection.sendWindow(0) == 0)
    server.feed(Wire().window(1, 60))
    #expect(server.connection.sendWindow(0) == 0)
    server.feed(Wire().window(1, 7))
    #expect(server.connection.sendWindow(0) == 7)
    server.feed(Wire().settings([(4, 65_000)]))
    #expect(server.connection.sendWindow(0) == 65_000 - 100 + 67)
    #expect(server.log.last == "settings")
  }

  @Test func anEndWithoutContentAlwaysGoes() {
    var server = self.server(HTTP2Limits(), Wire.client.settings([(4, 0)]).headers(1))
    server.respond(0)
    #expect(server.write(0, [], end: true) == 0)
    #expect(server.sent() == ["HEADERS 1", "DATA 1 0 end"])
    #expect(!server.connection.isSending(0))
  }

  @Test func creditIsGivenForWhatWasConsumedInHalves() {
    var server = self.server(self.small, Wire.client.headers(1, Wire.post, end: false))
    server.consumes = false
    server.feed(Wire().data(1, String(repeating: "a", count: 16_384)).data(1, String(repeating: "a", count: 16_384)))
    #expect(server.sent() == [])
    server.connection.consumed(0, 32_767, now: 0)
    #expect(server.sent() == [])
    server.connection.consumed(0, 1, now: 0)
    #expect(server.sent() == ["WINDOW_UPDATE 1 32768"])
    // Nobody can credit more than came.
    server.connection.consumed(0, 1_000_000, now: 0)
    #expect(server.sent() == [])
  }

  @Test func aStreamsWindowHolds() {
    var server = self.server(self.small, Wire.client.headers(1, Wire.post, end: false))
    server.consumes = false
    let frame = String(repeating: "a", count: 16_384)
    server.feed(Wire().data(1, frame).data(1, frame).data(1, frame).data(1, String(frame.dropLast())))
    #expect(server.log.last?.hasPrefix("data 1") == true)
    server.feed(Wire().data(1, "a"))
    #expect(server.log.last == "reset 1 FLOW_CONTROL_ERROR")
    #expect(server.sent() == ["RST_STREAM 1 FLOW_CONTROL_ERROR"])
  }

  @Test func theConnectionsWindowHolds() {
    var server = self.server(self.small, Wire.client)
    server.consumes = false
    let frame = String(repeating: "a", count: 10_000)
    for id in stride(from: UInt32(1), to: 21, by: 2) {
      server.feed(Wire().headers(id, Wire.post, end: false).data(id, frame))
    }
    #expect(server.connection.failure == nil)
    server.feed(Wire().data(1, "a"))
    #expect(server.log.last == "closed FLOW_CONTROL_ERROR")
  }

  @Test func paddingIsCreditedAtOnceAndCounts() {
    var server = self.server(self.small, Wire.client.headers(1, Wire.post, end: false))
    server.consumes = false
    server.feed(Wire().repeated(300) { wire, _ in wire.data(1, "a", padding: 255) })
    // 128 frames of 256 bytes of padding and its length are half a window.
    #expect(server.sent().first == "WINDOW_UPDATE 1 32768")
  }

  @Test func unreadContentIsCreditedWhenItsStreamIsReleased() {
    var server = self.server(self.small, Wire.client)
    server.consumes = false
    let frame = String(repeating: "a", count: 16_384)
    for id in stride(from: UInt32(1), to: 41, by: 2) {
      server.feed(Wire().headers(id, Wire.post, end: false).data(id, frame))
      // In the middle of a frame, too: what has not come yet is credited as it is dropped.
      let more = Wire().data(id, frame).bytes
      server.feed(Array(more.prefix(5000)))
      server.connection.release(server.slot(id))
      server.feed(Array(more.dropFirst(5000)))
      #expect(server.connection.failure == nil)
    }
    #expect(server.connection.streamCount == 0)
    let credit = server.sent().compactMap { line in
      line.hasPrefix("WINDOW_UPDATE 0 ") ? Int(line.dropFirst(16)) : nil
    }
    let received = 20 * 2 * 16_384
    #expect(credit.reduce(0, +) <= received && credit.reduce(0, +) > received - 50_000)
  }

  @Test func contentOfAResetStreamIsCreditedOnce() {
    var server = self.server(self.small, Wire.client)
    server.consumes = false
    let frame = String(repeating: "a", count: 16_384)
    var credited = 0
    for id in stride(from: UInt32(1), to: 41, by: 2) {
      server.feed(Wire().headers(id, Wire.post + [("content-length", "5")], end: false).data(id, frame))
      #expect(server.log.last == "reset \(id) PROTOCOL_ERROR")
      server.connection.release(server.slot(id))
      for line in server.sent() where line.hasPrefix("WINDOW_UPDATE 0 ") { credited += Int(line.dropFirst(16)) ?? 0 }
    }
    #expect(credited <= 20 * 16_384 && credited > 20 * 16_384 - 50_000)
  }

  @Test func aWindowGrowsWhileABodyIsFast() {
    var limits = HTTP2Limits()
    limits.streamWindowBytes = 65_535
    limits.largestStreamWindowBytes = 200_000
    var server = self.server(limits, Wire.client.headers(1, Wire.post, end: false))
    let frame = String(repeating: "a", count: 13_107)
    for _ in 0..<5 { server.feed(Wire().data(1, frame)) }
    #expect(server.sent().contains("WINDOW_UPDATE 1 65535"))
    for _ in 0..<60 { server.feed(Wire().data(1, frame)) }
    let sum = server.sent().reduce(0) { $0 + ($1.hasPrefix("WINDOW_UPDATE 1 ") ? Int($1.dropFirst(16)) ?? 0 : 0) }
    #expect(sum <= 60 * 13_107 + 200_000)
    var slow = self.server(limits, Wire.client.headers(1, Wire.post, end: false))
    for _ in 0..<5 {
      slow.now += 1000
      slow.feed(Wire().data(1, frame))
    }
    #expect(!slow.sent().contains("WINDOW_UPDATE 1 65535"))
  }
}
