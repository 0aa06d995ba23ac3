// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import GibbonHTTP2
import Testing

/// Requests as fields, and the heads they become (RFC 9113, section 8.3).
@Suite struct RequestHeadTests {
  private func serve(
    _ fields: [(String, String)], end: Bool = true, _ limits: HTTP2Limits = HTTP2Limits()
  ) -> Endpoint {
    var server = Endpoint(.server, limits)
    server.feed(Wire.client.headers(1, fields, end: end))
    return server
  }

  private func first(_ fields: [(String, String)], end: Bool = true) -> String? {
    self.serve(fields, end: end).log.dropFirst().first
  }

  @Test func aHeadLooksAsIfItWereOfHTTP1() {
    let server = self.serve([
      (":path", "/a%20b?q=1"), (":authority", "A.test:8443"), (":scheme", "https"), (":method", "GET"),
      ("accept", "*/*"),
    ])
    #expect(server.log == ["settings", "request 1 GET /a%20b?q=1 host A.test none accept=*/*", "end 1"])
    let (head, bytes) = (server.request, server.bytes)
    #expect(bytes.string(head.path) == "/a%20b")
    #expect(head.query.map { bytes.string($0) } == "q=1")
    #expect(bytes.string(head.scheme) == "https")
    #expect(head.port == 8443)
    #expect(head.version == .http2 && head.isPersistent && head.method == .get)
    #expect(head.first(.host).map { bytes.string($0.value) } == "A.test:8443")
    // The access log takes the request line as one piece.
    #expect(bytes.string(ByteRange(head.methodName.lowerBound..<head.target.upperBound)) == "GET /a%20b?q=1")
  }

  @Test func hostStandsInForAuthority() {
    let fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "b.test")]
    #expect(self.first(fields) == "request 1 GET / host b.test none")
    #expect(self.first(Wire.get + [("host", "A.TEST")]) == "request 1 GET / host a.test none")
  }

  @Test func crumbsOfACookieAreJoined() {
    let fields = Wire.get + [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2"), ("cookie", "c=3")]
    #expect(self.first(fields) == "request 1 GET / host a.test none cookie=a=1; b=2; c=3 x=y")
  }

  @Test func theLengthOfContentIsKnownWhereItIsDeclared() {
    #expect(self.first(Wire.post, end: false) == "request 1 POST / host a.test chunked")
    let fields = Wire.post + [("content-length", "3")]
    #expect(self.first(fields, end: false) == "request 1 POST / host a.test contentLength(3) content-length=3")
    #expect(self.first(fields + [("content-length", "3")], end: false)?.contains("contentLength(3)") == true)
  }

  @Test func optionsMayAskForTheServer() {
    let fields = [(":method", "OPTIONS"), (":scheme", "http"), (":path", "*"), (":authority", "a.test")]
    #expect(self.first(fields) == "request 1 OPTIONS * host a.test none")
  }

  @Test func connectIsPassedUpToBeRefused() {
    let server = self.serve([(":method", "CONNECT"), (":authority", "a.test:443")], end: false)
    #expect(server.log.last == "request 1 CONNECT a.test:443 host a.test chunked")
    #expect(server.request.method == .connect && server.request.form == .authority)
  }

  @Test func extendedConnectLooksLikeAnUpgradeWhereItIsOn() {
    let fields = [
      (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/chat"),
      (":authority", "a.test"),
    ]
    var limits = HTTP2Limits()
    limits.takesExtendedConnect = true
    let server = self.serve(fields, end: false, limits)
    #expect(server.log.last == "request 1 GET /chat host a.test none")
    #expect(server.request.isExtendedConnect && server.request.upgradesToWebSocket)
    var off = self.serve(fields, end: false)
    #expect(off.sent().last == "RST_STREAM 1 PROTOCOL_ERROR")
  }

  @Test func flagsOfFieldsAreFound() {
    let server = self.serve(Wire.post + [("te", "trailers"), ("expect", "100-continue")], end: false)
    #expect(server.request.acceptsTrailers && server.request.expectsContinue)
  }

  @Test(arguments: [
    "no method", "no scheme", "no path", "no authority", "an empty path", "a path without a slash", "a whole URI",
    "an asterisk for GET", "a strange scheme", "a method in lower case", "a method with a space", "a path with a space",
    "a path with a control byte", "an encoded NUL", "two paths", "an unknown pseudo-header field", "a status",
    "a late pseudo-header field", "a field in upper case", "a field of connections", "a coding", "another te",
    "another host", "two hosts", "an authority with a user", "two lengths", "a length of no digits",
    "a length without content", "a line end in a value", "a protocol for GET", "a path for CONNECT",
    "CONNECT without a port",
  ])
  func isRefused(_ name: String) {
    var server = self.serve(Self.malformed(name))
    #expect(server.log == ["settings"], "\(server.log)")
    #expect(server.sent().last == "RST_STREAM 1 PROTOCOL_ERROR")
    #expect(server.connection.streamCount == 0)
  }

  private static func malformed(_ name: String) -> [(String, String)] {
    func with(_ key: String, _ value: String?) -> [(String, String)] {
      Wire.get.compactMap { $0.0 == key ? value.map { (key, $0) } : $0 }
    }
    switch name {
    case "no method": return with(":method", nil)
    case "no scheme": return with(":scheme", nil)
    case "no path": return with(":path", nil)
    case "no authority": return with(":authority", nil)
    case "an empty path": return with(":path", "")
    case "a path without a slash": return with(":path", "a")
    case "a whole URI": return with(":path", "http://a.test/")
    case "an asterisk for GET": return with(":path", "*")
    case "a strange scheme": return with(":scheme", "ftp")
    case "a method in lower case": return with(":method", "get")
    case "a method with a space": return with(":method", "GET /x HTTP/1.1\r\n")
    case "a path with a space": return with(":path", "/ HTTP/1.1")
    case "a path with a control byte": return with(":path", "/\u{1}")
    case "an encoded NUL": return with(":path", "/%00")
    case "two paths": return Wire.get + [(":path", "/")]
    case "an unknown pseudo-header field": return Wire.get + [(":x", "y")]
    case "a status": return Wire.get + [(":status", "200")]
    case "a late pseudo-header field": return [("a", "b")] + Wire.get
    case "a field in upper case": return Wire.get + [("Accept", "b")]
    case "a field of connections": return Wire.get + [("connection", "close")]
    case "a coding": return Wire.get + [("transfer-encoding", "chunked")]
    case "another te": return Wire.get + [("te", "trailers, deflate")]
    case "another host": return Wire.get + [("host", "b.test")]
    case "two hosts": return Wire.get + [("host", "a.test"), ("host", "a.test")]
    case "an authority with a user": return with(":authority", "u@a.test")
    case "two lengths": return Wire.get + [("content-length", "0"), ("content-length", "1")]
    case "a length of no digits": return Wire.get + [("content-length", "+0")]
    case "a length without content": return Wire.get + [("content-length", "1")]
    case "a line end in a value": return Wire.get + [("a", "b\r\nc: d")]
    case "a protocol for GET": return Wire.get + [(":protocol", "websocket")]
    case "a path for CONNECT": return with(":method", "CONNECT")
    default: return [(":method", "CONNECT"), (":authority", "a.test")]
    }
  }
}
