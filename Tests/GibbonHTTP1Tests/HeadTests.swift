// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@Suite struct RequestHeadTests {
  private func parse(_ text: String) throws -> (RequestHead, [UInt8]) {
    let bytes = Array(text.utf8)
    var parser = RequestHeadParser(limits: .nginx)
    var head = RequestHead()
    #expect(parser.parse(bytes, into: &head) == .complete(bytes.count))
    return (head, bytes)
  }

  @Test func findsTheFirstFieldOfAName() throws {
    let (head, bytes) = try self.parse(
      "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: a\r\nx: y\r\nx-forwarded-for: b\r\n\r\n")
    let field = try #require(head.first(.xForwardedFor))
    #expect(bytes.text(field.value) == "a")
    #expect(head.has(.host))
    #expect(head.first(.cookie) == nil)
    #expect(head.first(.other) == nil)
  }

  @Test(arguments: [
    ("Connection: upgrade\r\nUpgrade: websocket", true), ("Connection: upgrade\r\nUpgrade: WEBSOCKET", true),
    ("Upgrade: websocket", false), ("Connection: upgrade", false), ("Connection: upgrade\r\nUpgrade: h2c", false),
    ("Connection: close\r\nUpgrade: websocket", false), ("Connection: upgrade\r\nUpgrade: xwebsocket", false),
  ])
  func knowsAWebSocket(_ fields: String, _ expected: Bool) throws {
    #expect(try self.parse("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\n").0.upgradesToWebSocket == expected)
    #expect(try !self.parse("GET / HTTP/1.0\r\nHost: h\r\n\(fields)\r\n\r\n").0.upgradesToWebSocket)
  }

  @Test func onlyHTTP11CanExpect() throws {
    #expect(try self.parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").0.expectsContinue)
    #expect(try !self.parse("PUT / HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").0.expectsContinue)
    #expect(try !self.parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100\r\n\r\n").0.expectsContinue)
  }

  /// A head used again keeps nothing of the one before.
  @Test func isResetForTheNextRequest() throws {
    var parser = RequestHeadParser(limits: .nginx)
    var head = RequestHead()
    let first = Array(
      "POST http://a:1/x?y HTTP/1.1\r\nHost: h\r\nConnection: close, x\r\nTE: trailers\r\nContent-Length: 3\r\n\r\n"
        .utf8)
    let second = Array("GET /z HTTP/1.1\r\nHost: other\r\n\r\n".utf8)
    #expect(parser.parse(first, into: &head) == .complete(first.count))
    parser.reset()
    #expect(parser.parse(second, into: &head) == .complete(second.count))
    #expect(head.fields.count == 1 && head.framing == .none && head.isPersistent && head.flags == [])
    #expect(head.query == nil && head.port == nil && head.scheme.isEmpty && !head.has(.contentLength))
    #expect(second.text(head.authority) == "other")
  }

  @Test func aFailureStaysUntilReset() {
    var parser = RequestHeadParser(limits: .nginx)
    var head = RequestHead()
    let bad = Array("GET\u{0}".utf8)
    let good = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    #expect(parser.parse(bad, into: &head) == .failed(HeadError(.invalidMethod)))
    #expect(parser.parse(good, into: &head) == .failed(HeadError(.invalidMethod)))
    parser.reset()
    #expect(parser.parse(good, into: &head) == .complete(good.count))
  }

  /// The offsets of a pipelined request count from its own first byte.
  @Test func readsPipelinedRequests() {
    let bytes = Array("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3".utf8)
    var parser = RequestHeadParser(limits: .nginx)
    var head = RequestHead()
    var start = 0
    var paths: [String] = []
    while case .complete(let count) = parser.parse(bytes.span.extracting(start..<bytes.count), into: &head) {
      paths.append(String(decoding: bytes[start + head.path.lowerBound..<start + head.path.upperBound], as: UTF8.self))
      start += count
      parser.reset()
    }
    #expect(paths == ["/1", "/2"])
    #expect(start == bytes.count - 6)
  }
}

@Suite struct ResponseHeadTests {
  private func parse(_ text: String) -> ResponseHead {
    var parser = ResponseHeadParser(limits: .nginx)
    var head = ResponseHead()
    let bytes = Array(text.utf8)
    #expect(parser.parse(bytes, into: &head) == .complete(bytes.count))
    return head
  }

  @Test(arguments: [
    (HTTPMethod.get, 200, BodyFraming.contentLength(5)), (.head, 200, .none), (.get, 204, .none), (.get, 304, .none),
    (.get, 100, .none), (.get, 101, .none), (.connect, 200, .none), (.connect, 404, .contentLength(5)),
    (.post, 205, .contentLength(5)), (.options, 500, .contentLength(5)),
  ])
  func framingDependsOnTheRequest(_ method: HTTPMethod, _ status: Int, _ expected: BodyFraming) {
    let head = self.parse("HTTP/1.1 \(status) X\r\nContent-Length: 5\r\n\r\n")
    #expect(head.framing(answering: method) == expected)
  }

  @Test func withoutFramingFieldsItEndsWithTheConnection() {
    let head = self.parse("HTTP/1.1 200 OK\r\n\r\n")
    #expect(head.framing(answering: .get) == .untilClose)
    #expect(head.framing(answering: .head) == .none)
  }

  @Test(arguments: [(100, true), (102, true), (103, true), (101, false), (200, false), (304, false)])
  func interimIsEvery1xxBut101(_ status: Int, _ expected: Bool) {
    #expect(self.parse("HTTP/1.1 \(status) X\r\n\r\n").isInterim == expected)
  }
}
