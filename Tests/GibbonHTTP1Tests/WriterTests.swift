// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@Suite struct WriterTests {
  @Test func writesAResponseHead() {
    var buffer = ByteBuffer()
    let name = Array("x-Case".utf8)
    let value = Array("v".utf8)
    buffer.appendStatusLine(404)
    buffer.appendField("Content-Length", 12)
    buffer.appendField("Server", "gibbon" as StaticString)
    buffer.appendField("Date", value.span)
    buffer.appendField(name.span, value.span)
    buffer.appendField(name.span, "text")
    buffer.appendEndOfHead()
    #expect(
      buffer.string == "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\nServer: gibbon\r\nDate: v\r\nx-Case: v\r\n"
        + "x-Case: text\r\n\r\n")
  }

  @Test func writesARequestLine() {
    var buffer = ByteBuffer()
    buffer.appendRequestLine(method: Array("GET".utf8).span, target: Array("/a?b".utf8).span)
    buffer.appendRequestLine(method: Array("PUT".utf8).span, target: Array("*".utf8).span, version: .http10)
    #expect(buffer.string == "GET /a?b HTTP/1.1\r\nPUT * HTTP/1.0\r\n")
  }

  @Test(arguments: [
    (200, "OK"), (302, "Moved Temporarily"), (413, "Request Entity Too Large"),
    (503, "Service Temporarily Unavailable"),
    (299, ""), (599, ""), (600, ""), (99, ""),
  ])
  func namesAStatus(_ status: UInt16, _ reason: String) {
    #expect("\(HeadWriter.statusReason(status))" == reason)
    var buffer = ByteBuffer()
    buffer.appendStatusLine(status)
    #expect(buffer.string == "HTTP/1.1 \(status < 100 ? "0" : "")\(status) \(reason)\r\n")
  }

  /// Text of a plugin cannot end the line.
  @Test func textCannotAddAField() {
    var buffer = ByteBuffer()
    buffer.appendField("X", "a\r\nSet-Cookie: b\u{0}\tc\u{7F}é")
    buffer.appendField("Na me:\n", "v")
    #expect(buffer.string == "X: a%0D%0ASet-Cookie: b%00\tc%7Fé\r\nNa%20me%3A%0A: v\r\n")
  }

  @Test func writesChunks() {
    var buffer = ByteBuffer()
    buffer.appendChunkHeader(count: 0)
    buffer.appendChunkHeader(count: 255)
    buffer.appendChunkEnd()
    buffer.appendLastChunk()
    #expect(buffer.string == "ff\r\n\r\n0\r\n\r\n")
  }

  @Test func writesTrailersAsTheyCame() {
    let bytes = Array("0\r\nX-Sum:  abc \r\nHost: evil\r\nY:\r\n\r\n".utf8)
    var decoder = ChunkedDecoder(limits: .nginx)
    #expect(decoder.next(bytes, from: 0) == .end(bytes.count))
    var buffer = ByteBuffer()
    buffer.appendLastChunk(trailers: decoder.trailers)
    #expect(buffer.string == "0\r\nX-Sum: abc\r\nY: \r\n\r\n")
  }
}
