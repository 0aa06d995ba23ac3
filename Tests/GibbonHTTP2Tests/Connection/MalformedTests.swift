// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP2
import Testing

/// What a server does about frames that break a rule, in the order of RFC 9113.
@Suite struct MalformedTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var input: [UInt8]
    var expected: String
    var testDescription: String { self.name }

    init(_ name: String, _ wire: Wire, _ expected: String) {
      self.name = name
      self.input = wire.bytes
      self.expected = expected
    }
  }

  @Test(arguments: Self.connectionErrors)
  func endsTheConnection(_ test: Case) {
    var server = Endpoint()
    server.feed(test.input)
    #expect(server.log.last == "closed \(test.expected)", "\(server.log)")
    let sent = server.sent()
    #expect(sent.last?.hasSuffix(test.expected) == true && sent.last?.hasPrefix("GOAWAY") == true, "\(sent)")
    #expect(server.connection.failure != nil)
  }

  @Test(arguments: Self.streamErrors)
  func endsTheStream(_ test: Case) {
    var server = Endpoint()
    server.feed(test.input)
    let sent = server.sent()
    #expect(sent.contains("RST_STREAM 1 \(test.expected)"), "\(sent) \(server.log)")
    #expect(server.connection.failure == nil)
    // Others go on.
    server.feed(Wire().headers(99))
    #expect(server.log.suffix(2) == ["request 99 GET / host a.test none", "end 99"])
  }

  @Test(arguments: Self.ignored)
  func isIgnored(_ test: Case) {
    var server = Endpoint()
    server.feed(test.input)
    server.feed(Wire().headers(99))
    #expect(server.log.suffix(2) == ["request 99 GET / host a.test none", "end 99"])
    #expect(server.connection.failure == nil)
    #expect(!server.sent().contains { $0.hasPrefix("RST") })
  }

  static let client = Wire.client
  static let open = Wire.client.headers(1, Wire.post, end: false)
  static let half = Wire.client.headers(1)

  static let connectionErrors: [Case] = [
    Case("a preface of HTTP/1", Wire(bytes: Array("GET / HTTP/1.1\r\n\r\n".utf8)), "PROTOCOL_ERROR"),
    Case("PING before SETTINGS", Wire(bytes: Array(Wire.client.bytes.prefix(24))).ping(), "PROTOCOL_ERROR"),
    Case(
      "an acknowledgement before SETTINGS", Wire(bytes: Array(Wire.client.bytes.prefix(24))).settings(flags: 1),
      "PROTOCOL_ERROR"),
    Case("a frame too long", Self.client.frame(0x77, length: 16_385), "FRAME_SIZE_ERROR"),
    Case(
      "a frame amid a header block", Self.client.frame(1, flags: 1, stream: 1, Wire.block(Wire.get)).ping(),
      "PROTOCOL_ERROR"),
    Case(
      "an unknown frame amid a header block", Self.client.frame(1, flags: 1, stream: 1).frame(0x77), "PROTOCOL_ERROR"),
    Case(
      "CONTINUATION of another stream", Self.client.frame(1, flags: 1, stream: 1).frame(9, flags: 4, stream: 3),
      "PROTOCOL_ERROR"),
    Case("CONTINUATION after the end of a block", Self.half.frame(9, flags: 4, stream: 1), "PROTOCOL_ERROR"),
    Case("DATA on stream 0", Self.client.data(0, "a"), "PROTOCOL_ERROR"),
    Case("DATA on an idle stream", Self.client.data(1, "a"), "PROTOCOL_ERROR"),
    Case("DATA with too much padding", Self.open.frame(0, flags: 8, stream: 1, [3, 0, 0]), "PROTOCOL_ERROR"),
    Case("DATA padded without a length", Self.open.frame(0, flags: 8, stream: 1), "FRAME_SIZE_ERROR"),
    Case("HEADERS on stream 0", Self.client.headers(0), "PROTOCOL_ERROR"),
    Case("HEADERS on a stream of a server", Self.client.headers(2), "PROTOCOL_ERROR"),
    Case("HEADERS on an older stream", Self.client.headers(5).headers(3), "PROTOCOL_ERROR"),
    Case("HEADERS with too much padding", Self.client.frame(1, flags: 0xD, stream: 1, [9, 0]), "PROTOCOL_ERROR"),
    Case("HEADERS padded without a length", Self.client.frame(1, flags: 0xD, stream: 1), "FRAME_SIZE_ERROR"),
    Case("HEADERS with a priority cut off", Self.client.frame(1, flags: 0x25, stream: 1, [0, 0]), "FRAME_SIZE_ERROR"),
    Case(
      "HEADERS that depend on themselves", Self.client.frame(1, flags: 0x25, stream: 1, [0, 0, 0, 1, 0]),
      "PROTOCOL_ERROR"),
    Case("a header block that is none", Self.client.frame(1, flags: 5, stream: 1, [0, 5, 1]), "COMPRESSION_ERROR"),
    Case("PRIORITY on stream 0", Self.client.frame(2, [0, 0, 0, 0, 0]), "PROTOCOL_ERROR"),
    Case("PRIORITY of a wrong length", Self.client.frame(2, stream: 1, [0, 0, 0, 0]), "FRAME_SIZE_ERROR"),
    Case("PRIORITY that depends on itself", Self.client.frame(2, stream: 1, [0, 0, 0, 1, 0]), "PROTOCOL_ERROR"),
    Case("RST_STREAM on stream 0", Self.client.reset(0), "PROTOCOL_ERROR"),
    Case("RST_STREAM on an idle stream", Self.client.reset(1), "PROTOCOL_ERROR"),
    Case("RST_STREAM of a wrong length", Self.half.frame(3, stream: 1, [0, 0, 0]), "FRAME_SIZE_ERROR"),
    Case("SETTINGS on a stream", Self.client.frame(4, stream: 1), "PROTOCOL_ERROR"),
    Case("SETTINGS of a wrong length", Self.client.frame(4, [0, 0, 0]), "FRAME_SIZE_ERROR"),
    Case("an acknowledgement with settings", Self.client.settings([(1, 1)], flags: 1), "FRAME_SIZE_ERROR"),
    Case("SETTINGS_ENABLE_PUSH of 2", Self.client.settings([(2, 2)]), "PROTOCOL_ERROR"),
    Case("a window beyond the largest", Self.client.settings([(4, 0x8000_0000)]), "FLOW_CONTROL_ERROR"),
    Case("a frame size below the smallest", Self.client.settings([(5, 16_383)]), "PROTOCOL_ERROR"),
    Case("a frame size beyond the largest", Self.client.settings([(5, 16_777_216)]), "PROTOCOL_ERROR"),
    Case("SETTINGS_ENABLE_CONNECT_PROTOCOL of 2", Self.client.settings([(8, 2)]), "PROTOCOL_ERROR"),
    Case("PUSH_PROMISE", Self.half.frame(5, flags: 4, stream: 1, [0, 0, 0, 2]), "PROTOCOL_ERROR"),
    Case("PING on a stream", Self.client.frame(6, stream: 1, Array(0..<8)), "PROTOCOL_ERROR"),
    Case("PING of a wrong length", Self.client.frame(6, Array(0..<7)), "FRAME_SIZE_ERROR"),
    Case("GOAWAY on a stream", Self.client.frame(7, stream: 1, Array(0..<8)), "PROTOCOL_ERROR"),
    Case("GOAWAY too short", Self.client.frame(7, Array(0..<7)), "FRAME_SIZE_ERROR"),
    Case("WINDOW_UPDATE on an idle stream", Self.client.window(1, 1), "PROTOCOL_ERROR"),
    Case("WINDOW_UPDATE of nothing", Self.client.window(0, 0), "PROTOCOL_ERROR"),
    Case("WINDOW_UPDATE of a wrong length", Self.client.frame(8, [0, 0, 1]), "FRAME_SIZE_ERROR"),
    Case("a window that overflows", Self.client.window(0, 0x7FFF_FFFF), "FLOW_CONTROL_ERROR"),
    Case(
      "a window that overflows by SETTINGS", Self.half.window(1, 100_000).settings([(4, 0x7FFF_FFFF)]),
      "FLOW_CONTROL_ERROR"),
  ]

  static let streamErrors: [Case] = [
    Case("DATA after the end", Self.half.data(1, "a"), "STREAM_CLOSED"),
    Case("HEADERS after the end", Self.half.headers(1), "STREAM_CLOSED"),
    Case("DATA after RST_STREAM", Self.open.reset(1).data(1, "a"), "STREAM_CLOSED"),
    Case("HEADERS after RST_STREAM", Self.open.reset(1).headers(1), "STREAM_CLOSED"),
    Case("a stream's WINDOW_UPDATE of nothing", Self.half.window(1, 0), "PROTOCOL_ERROR"),
    Case("a stream's window that overflows", Self.half.window(1, 0x7FFF_FFFF), "FLOW_CONTROL_ERROR"),
    Case("trailers without an end", Self.open.headers(1, [("a", "b")], end: false), "PROTOCOL_ERROR"),
    Case("trailers with a pseudo-header field", Self.open.headers(1, [(":path", "/")]), "PROTOCOL_ERROR"),
    Case("trailers with a field of connections", Self.open.headers(1, [("connection", "close")]), "PROTOCOL_ERROR"),
  ]

  static let ignored: [Case] = [
    Case("a frame of an unknown type", Self.client.frame(0x77, flags: 0xFF, stream: 5, [1, 2, 3]), ""),
    Case("unknown flags", Self.client.frame(6, flags: 0xFE, Array(0..<8)), ""),
    Case("the reserved bit", Self.client.frame(6, stream: 0x8000_0000, Array(0..<8)), ""),
    Case("an unknown setting", Self.client.settings([(0x99, 7)]), ""),
    Case("PRIORITY of an idle stream", Self.client.frame(2, stream: 7, [0, 0, 0, 1, 0]), ""),
    Case("an unknown error code", Self.open.reset(1, 0xFFFF), ""),
    Case("WINDOW_UPDATE after RST_STREAM", Self.open.reset(1).window(1, 5), ""),
    Case("RST_STREAM twice", Self.open.reset(1).reset(1), ""),
    Case("an acknowledgement nobody waits for", Self.client.settings(flags: 1), ""),
    Case("GOAWAY of a client", Self.client.goAway(0, 0xFF), ""),
  ]
}
