// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import GibbonHTTP2
import Testing

/// The client's side: what a service may send.
@Suite struct ClientTests {
  /// A client with streams 1 and 3, and what came.
  private func client(_ wire: Wire, method: String = "GET", _ limits: HTTP2Limits = .client) -> Endpoint {
    var client = Endpoint(.client, limits)
    client.open(method)
    client.open(method)
    client.feed(wire)
    return client
  }

  @Test func aConnectionBeginsWithThePreface() {
    var client = Endpoint(.client)
    let bytes = client.takeBytes()
    #expect(bytes.starts(with: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    #expect(FrameText.lines(bytes) == ["SETTINGS", "WINDOW_UPDATE 0 983041"])
  }

  @Test func responsesComeUp() {
    let client = self.client(
      Wire.server.headers(1, [(":status", "100")], end: false).headers(1, Wire.ok + [("a", "b")], end: false)
        .headers(3, [(":status", "404")]).data(1, "x").headers(1, [("grpc-status", "0"), ("host", "evil")]))
    #expect(
      client.log == [
        "settings", "interim 1 100", "response 1 200 a=b", "response 3 404", "end 3", "data 1 x",
        "trailers 1 grpc-status: 0",
      ])
    #expect(client.response.version == .http2 && client.response.declaredFraming == .none)
  }

  @Test func framingIsWhatTheHeadSays() {
    #expect(self.client(Wire.server.headers(1, Wire.ok, end: false)).response.declaredFraming == .chunked)
    let length = Wire.ok + [("content-length", "4")]
    #expect(self.client(Wire.server.headers(1, length, end: false)).response.declaredFraming == .contentLength(4))
  }

  @Test func aResponseToHeadHasNoContent() {
    let length = Wire.ok + [("content-length", "4")]
    #expect(self.client(Wire.server.headers(1, length), method: "HEAD").log.last == "end 1")
    #expect(self.client(Wire.server.headers(1, length)).log.last == "reset 1 PROTOCOL_ERROR")
    let withContent = Wire.server.headers(1, Wire.ok, end: false).data(1, "a")
    #expect(self.client(withContent, method: "HEAD").log.last == "reset 1 PROTOCOL_ERROR")
    let nothing = Wire.server.headers(1, [(":status", "304"), ("content-length", "4")], end: false).data(
      1, "", end: true)
    #expect(self.client(nothing).log.last == "end 1")
    let something = Wire.server.headers(1, [(":status", "204")], end: false).data(1, "a")
    #expect(self.client(something).log.last == "reset 1 PROTOCOL_ERROR")
  }

  @Test(arguments: [
    [], [(":status", "20")], [(":status", "2000")], [(":status", "abc")], [(":status", "099")],
    [(":status", "200"), (":status", "200")], [(":status", "200"), (":path", "/")],
    [(":status", "200"), ("connection", "close")], [(":status", "200"), ("content-length", "a")], [(":status", "101")],
  ])
  func malformedHeadsEndTheStream(_ fields: [(String, String)]) {
    var client = self.client(Wire.server.headers(1, fields, end: false))
    #expect(client.log.last == "reset 1 PROTOCOL_ERROR")
    #expect(client.sent().last == "RST_STREAM 1 PROTOCOL_ERROR")
  }

  @Test func contentBeforeAHeadEndsTheStream() {
    #expect(self.client(Wire.server.data(1, "a")).log.last == "reset 1 PROTOCOL_ERROR")
  }

  @Test(arguments: [
    Wire.server.headers(5, Wire.ok), Wire.server.headers(2, Wire.ok), Wire.server.data(5, "a"), Wire.server.reset(5),
    Wire.server.frame(5, flags: 4, stream: 1, [0, 0, 0, 2]), Wire.server.settings([(2, 1)]), Wire().ping(),
    Wire.server.settings([(8, 1)]).settings([(8, 0)]), Wire.server.goAway(1).goAway(3),
  ])
  func whatNoServerMaySendEndsTheConnection(_ wire: Wire) {
    #expect(self.client(wire).log.last == "closed PROTOCOL_ERROR")
  }

  @Test func whatWasNotProcessedMayBeRepeated() {
    var client = self.client(Wire.server.reset(1, 7).goAway(1))
    #expect(client.log == ["settings", "unprocessed 1", "goaway 1 NO_ERROR", "unprocessed 3"])
    #expect(client.open() == nil && client.connection.availableStreams == 0)
    client.connection.release(0)
    client.connection.release(1)
    #expect(client.connection.isDrained)
    let graceful = self.client(Wire.server.goAway(0x7FFF_FFFF).headers(1, Wire.ok).goAway(1))
    #expect(graceful.log.suffix(2) == ["goaway 1 NO_ERROR", "unprocessed 3"])
  }

  @Test func thePeersConcurrencyIsKept() {
    var client = self.client(Wire.server.settings([(3, 3)]))
    #expect(client.connection.availableStreams == 1)
    #expect(client.open() == 2)
    #expect(client.open() == nil)
    client.connection.release(0)
    #expect(client.open() == 0)
    #expect(client.connection.streamID(0) == 7)
  }

  @Test func aHundredStreamsAreOpenedUnasked() {
    var client = Endpoint(.client)
    for _ in 0..<100 { #expect(client.open() != nil) }
    #expect(client.open() == nil)
  }

  @Test func lateAnswersToManyCancelledStreamsAreDropped() {
    var client = Endpoint(.client)
    client.feed(Wire.server.settings([(3, 1000)]))
    for _ in 0..<300 { client.open() }
    for slot in 0..<300 { client.connection.release(slot) }
    client.open()
    for id in stride(from: UInt32(1), to: 600, by: 2) {
      client.feed(Wire().headers(id, Wire.ok, end: false).data(id, "late", end: true))
    }
    client.feed(Wire().headers(601, Wire.ok))
    #expect(client.log == ["settings", "settings", "response 601 200", "end 601"])
  }

  @Test func lateFramesOfACancelledStreamAreDropped() {
    var client = self.client(Wire.server)
    client.connection.release(0)
    #expect(client.sent().last == "RST_STREAM 1 CANCEL")
    client.feed(Wire().headers(1, Wire.ok, end: false).data(1, "late", end: true).reset(1).headers(3, Wire.ok))
    #expect(client.log.suffix(2) == ["response 3 200", "end 3"])
  }
}
