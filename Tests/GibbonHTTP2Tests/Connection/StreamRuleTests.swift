// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP2
import Testing

/// The life of a stream on the server's side (RFC 9113, section 5.1), and the end of a connection.
@Suite struct StreamRuleTests {
  private func server(_ wire: Wire, _ limits: HTTP2Limits = HTTP2Limits()) -> Endpoint {
    var server = Endpoint(.server, limits)
    server.feed(wire)
    _ = server.sent()
    return server
  }

  @Test func aRequestIsAnswered() {
    var server = self.server(Wire.client.headers(1))
    server.respond(0, 103, "Link: x\r\n")
    server.respond(0, 200, "Content-Type: a/b\r\n")
    server.write(0, Array("hello".utf8))
    server.write(0, trailers: "grpc-status: 0\r\n")
    #expect(server.sent() == ["HEADERS 1", "HEADERS 1", "DATA 1 5", "HEADERS 1 end"])
    server.connection.release(0)
    #expect(server.connection.streamCount == 0 && server.sent() == [])
  }

  @Test func nothingIsWrittenOnAStreamThatIsOver() {
    var server = self.server(Wire.client.headers(1).headers(3))
    server.respond(0, 200, "", end: true)
    server.feed(Wire().reset(3))
    _ = server.sent()
    for slot in [0, 1, 7] {
      server.respond(slot)
      #expect(server.write(slot, [1], end: true) == 0)
      server.write(slot, trailers: "a: b\r\n")
    }
    #expect(server.sent() == [])
  }

  @Test func aSlotIsUsedAgain() {
    var server = self.server(Wire.client.headers(1).headers(3))
    server.connection.release(0)
    #expect(server.sent() == ["RST_STREAM 1 CANCEL"])
    server.feed(Wire().headers(5))
    #expect(server.connection.streamID(0) == 5 && server.connection.streamCount == 2)
  }

  @Test func anUploadIsNotWantedAfterTheAnswer() {
    var server = self.server(Wire.client.headers(1, Wire.post, end: false))
    server.respond(0, 413, "", end: true)
    server.connection.release(0)
    #expect(server.sent() == ["HEADERS 1 end", "RST_STREAM 1 NO_ERROR"])
    // What was under way is dropped, and credited.
    server.feed(Wire().data(1, "late").headers(1, [("a", "b")]))
    #expect(server.connection.failure == nil && server.sent() == [])
  }

  @Test func closedStreamsStayClosed() {
    var server = self.server(Wire.client.headers(1))
    server.respond(0, 200, "", end: true)
    server.connection.release(0)
    var other = server
    server.feed(Wire().headers(1))
    #expect(server.log.last == "closed STREAM_CLOSED")
    other.feed(Wire().data(1, "a"))
    #expect(other.log.last == "closed STREAM_CLOSED")
  }

  @Test func contentLengthMustBeKept() {
    let fields = Wire.post + [("content-length", "3")]
    #expect(self.server(Wire.client.headers(1, fields, end: false).data(1, "abc", end: true)).log.last == "end 1")
    for text in ["ab", "abcd", ""] {
      let server = self.server(Wire.client.headers(1, fields, end: false).data(1, text, end: true))
      #expect(server.log.last == "reset 1 PROTOCOL_ERROR")
    }
    let trailers = self.server(Wire.client.headers(1, fields, end: false).data(1, "a").headers(1, [("a", "b")]))
    #expect(trailers.log.last == "reset 1 PROTOCOL_ERROR")
  }

  @Test func theEngineMayResetInTheMiddleOfAFrame() {
    var server = self.server(Wire.client.headers(1, Wire.post, end: false))
    let data = Wire().data(1, "some text", end: true).bytes
    server.feed(Array(data.prefix(12)))
    server.connection.reset(0, .cancel, to: &server.pending)
    server.feed(Array(data.dropFirst(12)))
    #expect(server.log.last == "data 1 som")
    #expect(server.sent() == ["RST_STREAM 1 CANCEL"])
  }

  @Test func aDrainLosesNoRequest() {
    var server = self.server(Wire.client.headers(1))
    server.connection.announceShutdown()
    server.connection.ping(7)
    #expect(server.sent() == ["GOAWAY 2147483647 NO_ERROR", "PING"])
    // Still taken: it was under way.
    server.feed(Wire().headers(3).frame(6, flags: 1, [0, 0, 0, 0, 0, 0, 0, 7]))
    #expect(server.log.suffix(2) == ["end 3", "pong 7"])
    server.connection.stopAccepting()
    #expect(server.sent() == ["GOAWAY 3 NO_ERROR"])
    server.feed(Wire().headers(5, Wire.post, end: false).data(5, "x").headers(5, [("a", "b")]))
    #expect(server.log.last == "pong 7" && server.sent() == [])
    #expect(!server.connection.isDrained)
    server.respond(0, 200, "", end: true)
    server.respond(1, 200, "", end: true)
    server.connection.release(0)
    server.connection.release(1)
    #expect(server.connection.isDrained && server.connection.failure == nil)
  }

  @Test func theEngineMayEndTheConnection() {
    var server = self.server(Wire.client.headers(1))
    server.connection.abort(.enhanceYourCalm, "a deadline")
    server.connection.abort(.internalError, "again")
    #expect(server.sent() == ["GOAWAY 1 ENHANCE_YOUR_CALM"])
    server.feed(Wire().headers(3).data(1, "a"))
    #expect(server.log.last == "end 1")
    server.connection.release(0)
    #expect(server.sent() == [] && server.connection.isDrained)
  }

  @Test func memoryIsGivenBackBetweenRequests() {
    var server = self.server(Wire.client.headers(1))
    server.respond(0, 200, "", end: true)
    server.connection.release(0)
    server.connection.trimMemory()
    server.feed(Wire().headers(3))
    #expect(server.log.last == "end 3")
  }
}
