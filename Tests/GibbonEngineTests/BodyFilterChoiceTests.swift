// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Which responses a body filter sees, and what becomes of one that it refuses.
@Suite struct BodyFilterChoiceTests {
  private static let shouting = Script(
    bodyFilter: { _, part in part.bytes = ByteBuffer(part.bytes.string.uppercased()) },
    filtersBody: { $0.response.header("X-Filter") != nil })

  private static let refusing = Script(bodyFilter: { context, part in
    guard part.isLast || part.bytes.string.contains("!") else { return }
    context.warn("enough of \(context.request.path)")
    part.refuse()
  })

  private func fixture(_ script: Script, body: String = "hello") throws -> EngineFixture {
    try EngineFixture([script.slot]) { exchange in
      let headers = exchange.target == "/filtered" ? [("X-Filter", "1")] : []
      try exchange.respond(headers: headers, body: body)
    }
  }

  @Test func aBodyNobodyFiltersKeepsItsLength() throws {
    let fixture = try self.fixture(Self.shouting)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let plain = try client.response()
      #expect(plain["Content-Length"] == "5" && plain["Transfer-Encoding"] == nil && plain.text == "hello")
      try client.request("GET", "/filtered")
      let filtered = try client.response()
      #expect(filtered["Content-Length"] == nil && filtered["Transfer-Encoding"] == "chunked")
      #expect(filtered.text == "HELLO")
    }
  }

  @Test func theLengthOfAChangedBodyIsNotPromisedToHEAD() throws {
    let fixture = try self.fixture(Self.shouting)
    let client = try fixture.client()
    for (path, length) in [("/", "5"), ("/filtered", nil)] {
      try client.request("HEAD", path)
      #expect(try client.response(to: "HEAD")["Content-Length"] == length)
    }
  }

  @Test func theQuestionIsAskedAfterHeaderFilters() throws {
    var script = Self.shouting
    script.headerFilter = { $0.response.setHeader("X-Filter", "1") }
    #expect(try self.fixture(script).send().text == "HELLO")
  }

  @Test func eachPluginIsAskedForItself() throws {
    let exclaiming = Script(
      bodyFilter: { _, part in if part.isLast { part.bytes.append(text: "!") } }, filtersBody: { _ in true })
    let fixture = try EngineFixture([Self.shouting.slot, exclaiming.slot]) { try $0.respond(body: "hello") }
    #expect(try fixture.send().text == "hello!")
  }

  @Test func aBodyThatIsOnlyLookedAtKeepsItsLength() throws {
    let seen = Journal()
    let looking = Script(
      bodyFilter: { _, part in
        seen.note("\(part.bytes.string) \(part.isLast)")
        part.bytes = ByteBuffer("something longer")
      }, observesBody: true)
    let fixture = try EngineFixture([looking.slot]) { exchange in
      if exchange.target == "/chunked" {
        try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
      } else {
        try exchange.respond(body: "hello")
      }
    }
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response["Content-Length"] == "5" && response["Transfer-Encoding"] == nil && response.text == "hello")
      try client.request("HEAD", "/")
      #expect(try client.response(to: "HEAD")["Content-Length"] == "5")
      try client.request("GET", "/chunked")
      #expect(try client.response().text == "hello")
    }
    #expect(seen.lines == [String](repeating: "", count: 4).flatMap { _ in ["hello false", " true"] })
  }

  @Test func oneThatChangesTheBodyCountsForAll() throws {
    let seen = Journal()
    let looking = Script(
      bodyFilter: { _, part in
        seen.note(part.bytes.string)
        part.bytes = ByteBuffer()
      }, observesBody: true)
    let response = try EngineFixture([Self.shouting.slot, looking.slot]) { exchange in
      try exchange.respond(headers: [("X-Filter", "1")], body: "hello")
    }.send()
    #expect(response["Transfer-Encoding"] == "chunked" && response.text == "HELLO")
    #expect(seen.lines == ["HELLO", ""])
  }

  /// Who looks may refuse, too; those behind then see no more of it.
  @Test func whoLooksMayRefuse() throws {
    var refusing = Self.refusing
    refusing.observesBody = true
    let seen = Journal()
    let behind = Script(bodyFilter: { _, part in seen.note(part.bytes.string) }, observesBody: true)
    let fixture = try EngineFixture([refusing.slot, behind.slot]) { try $0.respond(body: "hello!") }
    let answer = try fixture.raw("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(answer.contains("Content-Length: 6\r\n") && answer.hasSuffix("\r\n\r\n"))
    #expect(seen.lines == [])
  }

  @Test func localAnswersAreAskedAboutToo() throws {
    var script = Self.shouting
    script.access = { context in
      .respond(.message(status: 403, "no", headers: context.request.path == "/filtered" ? [("X-Filter", "1")] : []))
    }
    let fixture = try self.fixture(script)
    #expect(try fixture.send().text == #"{"message":"no"}"#)
    #expect(try fixture.send("GET", "/filtered").text == #"{"MESSAGE":"NO"}"#)
  }

  /// The client must not take what it has for the whole.
  @Test(arguments: ["hello", "hello!"]) func aRefusedBodyIsCutOff(body: String) throws {
    let fixture = try self.fixture(Self.refusing, body: body)
    let answer = try fixture.raw("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.hasSuffix(body == "hello" ? "\r\n\r\n5\r\nhello\r\n" : "\r\n\r\n"))
    #expect(try fixture.send("HEAD").status == 200)
    try Deadline.wait(for: "the warning in the log") { fixture.errorLog.contains("enough of /x, client: 127.0.0.1") }
    #expect(fixture.errorLog.contains("[warn]"))
  }

  @Test func aRefusedAnswerOfTheGatewayIsAnEmpty500() throws {
    var script = Self.refusing
    script.access = { _ in .respond(.message(status: 403, "no")) }
    let fixture = try self.fixture(script)
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 500)
      #expect(response["Content-Length"] == "0")
    }
  }
}
