// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Plugins that ask for the request's body.
@Suite struct RequestBodyTests {
  private func fixture(
    _ journal: Journal, edit: @escaping @Sendable (RequestContext) -> Void = { _ in }
  ) throws -> EngineFixture {
    try EngineFixture([
      Script(
        wantsRequestBody: true,
        access: { context in
          journal.note(context.request.body?.string ?? "nil")
          edit(context)
          return .next
        }
      ).slot
    ])
  }

  @Test func smallBodyIsWholeHoweverItArrives() throws {
    let journal = Journal()
    let fixture = try self.fixture(journal)
    let client = try fixture.client()
    let head = "POST / HTTP/1.1\r\nHost: a\r\n"
    let whole = "\(head)Content-Length: 5\r\n\r\nhello"
    let chunked = "\(head)Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    for request in [whole, chunked] {
      try client.send(request)
      #expect(try client.response().echo().rest == "hello")
      try client.send(parts: request.map { String($0) })
      #expect(try client.response().echo().rest == "hello")
    }
    #expect(journal.lines == ["hello", "hello", "hello", "hello"])
  }

  @Test func waitingClientIsInvited() throws {
    let journal = Journal()
    let fixture = try self.fixture(journal)
    let client = try fixture.client()
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    #expect(try client.reader.readHead().startLine == "HTTP/1.1 100 Continue")
    try client.send("hello")
    #expect(try client.response().echo().rest == "hello")
    #expect(journal.lines == ["hello"])
  }

  /// `client_body_buffer_size` is 8192 here.
  @Test(arguments: [8192, 8193, 20_000, 300_000], [false, true])
  func largeBodyIsNotShownAndArrivesWhole(count: Int, isChunked: Bool) throws {
    let journal = Journal()
    let fixture = try self.fixture(journal)
    let body = String((0..<count).map { Character(UnicodeScalar(UInt8(97 + $0 % 23))) })
    let client = try fixture.client()
    for _ in 0..<2 {
      if isChunked {
        let chunk = "\(String(count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)")
      } else {
        try client.request("POST", "/", body: Array(body.utf8))
      }
      let isWhole = try client.response().echo().rest == body
      #expect(isWhole)
    }
    let expected = count <= 8192 ? body : "nil"
    #expect(journal.lines.allSatisfy { $0 == expected })
    #expect(journal.lines.count == 2)
  }

  @Test(arguments: ["", "a longer body than the client's"]) func bodyIsReplaced(body: String) throws {
    let fixture = try self.fixture(Journal()) { $0.serviceRequest.setBody(ByteBuffer(body)) }
    let client = try fixture.client()
    for framing in ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"] {
      try client.send("POST / HTTP/1.1\r\nHost: a\r\n\(framing)")
      let echo = try client.response().echo()
      #expect(echo.head.all("Content-Length") == ["\(body.utf8.count)"])
      #expect(echo.head["Transfer-Encoding"] == nil)
      #expect(echo.rest == body)
    }
  }

  @Test func bodyIsNotReplacedUnasked() throws {
    let fixture = try EngineFixture([
      Script(access: { context in
        context.serviceRequest.setBody(ByteBuffer("other"))
        return .next
      }).slot
    ])
    #expect(try fixture.send("POST", "/", body: "hello").echo().rest == "hello")
  }

  @Test func answerDoesNotLoseTheNextRequest() throws {
    let fixture = try EngineFixture([
      Script(wantsRequestBody: true, access: { _ in .respond(.message(status: 403, "no")) }).slot
    ])
    let client = try fixture.client()
    for count in [5, 8192, 50_000, 0] {
      try client.request("POST", "/", body: [UInt8](repeating: 97, count: count))
      #expect(try client.response().status == 403)
    }
  }

  @Test func requestsWithoutABodyAreNotHeldUp() throws {
    let journal = Journal()
    let fixture = try self.fixture(journal)
    #expect(try fixture.send().status == 200)
    #expect(journal.lines == [""])
  }

  /// A request without a body gets one when a plugin gives it one, and says nothing of a length otherwise.
  @Test func aBodyIsGivenWhereThereWasNone() throws {
    let fixture = try self.fixture(Journal()) { context in
      if context.request.path == "/given" { context.serviceRequest.setBody(ByteBuffer("given")) }
    }
    let client = try fixture.client()
    for _ in 0..<2 {
      for request in [
        "GET /given HTTP/1.1\r\nHost: a\r\n\r\n", "POST /given HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      ] {
        try client.send(request)
        let echo = try client.response().echo()
        #expect(echo.head.all("Content-Length") == ["5"])
        #expect(echo.rest == "given")
      }
      try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.response().echo().head.all("Content-Length") == [])
      try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
      #expect(try client.response().echo().head.all("Content-Length") == ["0"])
    }
  }
}
