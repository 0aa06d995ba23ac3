// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `Expect: 100-continue`, interim responses, and answers before the upload ended.
@Suite struct ExpectationTests {
  @Test func waitingClientIsToldToGoOn() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.reader.readHead().startLine.hasPrefix("HTTP/1.1 100"))
    try client.send("body")
    let echo = try client.response().echo()
    #expect(echo.rest == "body")
    #expect(echo.head.all("Expect") == [], "nginx keeps the expectation to itself")
  }

  @Test func clientThatDoesNotWaitIsServedToo() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody")
      #expect(try client.response().echo().rest == "body")
    }
  }

  @Test func refusedRequestNeedsNoBody() throws {
    let fixture = try Fixture(route: "paths: [/in]")
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST /out HTTP/1.1\r\nHost: a\r\nContent-Length: 400000\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.response().status == 404)
  }

  @Test(arguments: ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
  func interimResponsesDoNotDisturb(interim: String) throws {
    let fixture = try Fixture { exchange in
      try exchange.send(interim + interim)
      try exchange.echo()
    }
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<2 {
      try client.request("GET", "/x")
      let response = try client.response()
      #expect(response.status == 200)
      #expect(try response.echo().head.word(1) == "/x")
    }
  }

  @Test func oldClientNeverSeesAnInterimResponse() throws {
    let fixture = try Fixture { exchange in
      try exchange.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
      try exchange.echo()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
    #expect(try client.reader.readHead().word(1) == "200")
  }

  @Test func answerBeforeTheUploadEndsReachesTheClient() throws {
    let fixture = try Fixture(route: "request_buffering: false") { exchange in
      exchange.markBodyRead()
      try exchange.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\nno more")
      try exchange.waitForClose()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\nonly a little")
    let response = try client.response()
    #expect(response.status == 403)
    #expect(response.text == "no more")
  }

  /// The upload is still held open by the client while the whole answer has long come.
  @Test func answerStreamsWhileTheUploadGoesOn() throws {
    let fixture = try Fixture(route: "request_buffering: false") { exchange in
      exchange.markBodyRead()
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while let chunk = try exchange.reader.readChunk() {
        let size = String(chunk.count, radix: 16)
        try exchange.send(Array("\(size)\r\n".utf8) + chunk + Array("\r\n".utf8))
      }
      _ = try exchange.reader.readTrailers()
      try exchange.send("0\r\n\r\n")
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(try client.reader.readHead().word(1) == "200")
    for number in 0..<5 {
      try client.send("7\r\nround \(number)\r\n")
      #expect(try client.reader.read(exactly: 7 + 3 + 2) == Array("7\r\nround \(number)\r\n".utf8))
    }
    try client.send("0\r\n\r\n")
    #expect(try client.reader.readChunk() == nil)
  }
}
