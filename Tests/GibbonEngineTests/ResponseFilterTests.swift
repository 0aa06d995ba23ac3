// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// What header and body filters make of the response.
@Suite struct ResponseFilterTests {
  private func answering(
    _ status: Int = 200, headers: [(String, String)] = [], body: String = "", _ script: Script
  ) throws -> EngineFixture {
    try EngineFixture([script.slot]) { try $0.respond(status, headers: headers, body: body) }
  }

  @Test func headersAreSetAddedAndCleared() throws {
    let script = Script(headerFilter: { context in
      context.response.setHeader("x-set", "new")
      context.response.addHeader("X-Add", "two")
      context.response.clearHeader("x-clear")
      context.response.setStatus(201)
    })
    let fixture = try self.answering(
      headers: [("X-Set", "old"), ("X-Set", "older"), ("X-Add", "one"), ("X-Clear", "a"), ("X-Keep", "b")],
      body: "hello", script)
    let response = try fixture.send()
    #expect(response.head.startLine == "HTTP/1.1 201 Created")
    #expect(response.head.all("X-Set") == ["new"])
    #expect(response.head.all("X-Add") == ["one", "two"])
    #expect(response.head.all("X-Clear") == [])
    #expect(response["X-Keep"] == "b")
    #expect(response.text == "hello")
  }

  @Test func localAnswersAreFilteredToo() throws {
    let fixture = try EngineFixture([
      Script(
        access: { _ in .respond(.message(status: 403, "no", headers: [("X-Set", "old"), ("X-Clear", "a")])) },
        headerFilter: { context in
          context.response.setHeader("X-Set", "new")
          context.response.clearHeader("X-Clear")
          context.response.setStatus(401)
        },
        bodyFilter: { _, part in part.bytes = ByteBuffer(part.bytes.string.uppercased()) }
      ).slot
    ])
    let response = try fixture.send()
    #expect(response.status == 401)
    #expect(response.head.all("X-Set") == ["new"])
    #expect(response["X-Clear"] == nil)
    #expect(response.text == #"{"MESSAGE":"NO"}"#)
  }

  @Test func framingIsNotForPlugins() throws {
    let script = Script(headerFilter: { context in
      context.response.setHeader("Content-Length", "1")
      context.response.addHeader("Transfer-Encoding", "chunked")
      context.response.setHeader("Connection", "close")
      context.response.clearHeader("content-length")
      context.response.setHeader("X-Break", "a\r\nX-Forged: 1")
      context.response.setHeader("Bad Name", "1")
    })
    let fixture = try self.answering(body: "hello", script)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.head.all("Content-Length") == ["5"])
      #expect(response["Transfer-Encoding"] == nil)
      #expect(response["Connection"] == "keep-alive")
      #expect(response["X-Forged"] == nil)
      #expect(response["Bad Name"] == nil)
      #expect(response.text == "hello")
    }
  }

  @Test func noContentHasNoBody() throws {
    let fixture = try self.answering(body: "hello", Script(headerFilter: { $0.response.setStatus(204) }))
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 204)
      #expect(response["Content-Length"] == nil)
      #expect(response["Transfer-Encoding"] == nil)
    }
  }

  @Test func noContentThatBecomesContentIsEmpty() throws {
    let fixture = try self.answering(204, Script(headerFilter: { $0.response.setStatus(200) }))
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 200)
      #expect(response["Content-Length"] == "0")
    }
  }

  @Test(arguments: [UInt16]([0, 99, 100, 101, 103, 199, 600]))
  func statusThatIsNoFinalAnswerIsNotSent(status: UInt16) throws {
    let fixture = try self.answering(body: "hello", Script(headerFilter: { $0.response.setStatus(status) }))
    #expect(try fixture.send().status == 200)
  }

  private static let shouting = Script(bodyFilter: { _, part in
    part.bytes = ByteBuffer(part.bytes.string.uppercased())
    if part.isLast { part.bytes.append(text: "!") }
  })

  @Test func changedBodyIsChunkedForHTTP11() throws {
    let fixture = try self.answering(body: "hello", Self.shouting)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response["Content-Length"] == nil)
      #expect(response["Transfer-Encoding"] == "chunked")
      #expect(response.text == "HELLO!")
    }
  }

  @Test func changedBodyEndsWithTheConnectionForHTTP10() throws {
    let fixture = try self.answering(body: "hello", Self.shouting)
    let answer = try fixture.raw("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
    #expect(answer.hasSuffix("\r\n\r\nHELLO!"))
    #expect(answer.contains("Connection: close\r\n"))
    #expect(!answer.contains("Content-Length"))
    #expect(!answer.contains("Transfer-Encoding"))
  }

  @Test func changedLargeBodyIsWhole() throws {
    let fixture = try self.answering(body: String(repeating: "abcdefgh", count: 40_000), Self.shouting)
    let response = try fixture.send()
    #expect(response.text == String(repeating: "ABCDEFGH", count: 40_000) + "!")
  }

  /// A filter may add a body where the service sent none; the message must stay well framed.
  @Test(arguments: [200, 204]) func bodyAddedToAnEmptyOneIsFramed(status: Int) throws {
    var script = Self.shouting
    script.headerFilter = { $0.response.setStatus(200) }
    let fixture = try self.answering(status, script)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.head.startLine == "HTTP/1.1 200 OK")
      #expect(response.text == "!")
    }
  }

  @Test func headHasNoBodyWhateverAFilterDoes() throws {
    let fixture = try self.answering(body: "hello", Self.shouting)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("HEAD", "/")
      #expect(try client.response(to: "HEAD").status == 200)
    }
  }

  /// Answers without a body get one where the status has a page; an empty body is a body.
  @Test(arguments: [
    (403, false, true), (403, true, false), (429, true, false), (418, false, false), (200, false, false),
  ])
  func onlyAMissingBodyIsMadeUp(status: Int, isEmpty: Bool, hasPage: Bool) throws {
    let body = isEmpty ? LocalResponse.Body.bytes(ByteBuffer()) : .none
    let script = Script(access: { _ in .respond(LocalResponse(status: UInt16(status), body: body)) })
    let response = try EngineFixture([script.slot]).send()
    #expect(response.status == status)
    #expect(response.body.isEmpty == !hasPage)
    #expect((response["Content-Type"] != nil) == hasPage)
  }
}
