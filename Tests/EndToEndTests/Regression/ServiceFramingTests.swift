// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Fields and statuses of a service that would upset how the client finds the end of a response.
@Suite struct ServiceFramingTests {
  @Test func contentLengthNamedInConnectionStillFrames() throws {
    let fixture = try Fixture { exchange in
      let body = exchange.target == "/first" ? "hello" : "again"
      try exchange.send("HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 5\r\n\r\n\(body)")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n")
    for expected in ["hello", "again"] {
      let response = try client.response()
      #expect(response.status == 200)
      #expect(response.text == expected)
      let isFramed = response["Content-Length"] == "5" || response["Transfer-Encoding"] == "chunked"
      #expect(isFramed, "\(response.head.fields)")
      #expect(response["Connection"]?.lowercased().contains("content-length") != true)
    }
  }

  @Test func noContentHasNoLength() throws {
    let fixture = try Fixture { exchange in
      if exchange.target == "/next" { return try exchange.echo() }
      try exchange.send("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")
    }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 204)
      #expect(response.head.all("Content-Length") == [])
      #expect(response.head.all("Transfer-Encoding") == [])
      try client.request("GET", "/next")
      #expect(try client.response().echo().head.word(1) == "/next")
    }
  }

  static let lengths = [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("HEAD", "304 Not Modified")]

  /// Where there is no body either, but the length may be told (RFC 9110 section 8.6).
  @Test(arguments: Self.lengths) func lengthOfABodyThatIsNotSentIsPassedOn(method: String, status: String) throws {
    let fixture = try Fixture { try $0.send("HTTP/1.1 \(status)\r\nContent-Length: 5\r\n\r\n") }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.request(method, "/")
      let response = try client.response(to: method)
      #expect(response.head.word(1) == status.prefix(3))
      #expect(response.head.all("Content-Length") == ["5"])
    }
  }

  /// In the access log 499 stands for a client that went away; from a service it is a status like any other.
  @Test func status499OfTheServiceIsNoEnd() throws {
    let fixture = try Fixture { try $0.respond(499, body: "mine") }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<3 {
      try client.request("POST", "/", body: Array("some".utf8))
      let response = try client.response()
      #expect(response.status == 499)
      #expect(response.text == "mine")
      #expect(response["Connection"]?.lowercased() == "keep-alive")
    }
  }
}
