// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Which phases of which plugins run, and in which order.
@Suite struct PhaseOrderTests {
  @Test func everyPhaseWalksTheChainInOrder() throws {
    let journal = Journal()
    let fixture = try EngineFixture(["a", "b", "c"].map { Script.noting($0, in: journal).slot })
    #expect(try fixture.send().status == 200)
    let phases = ["access", "header_filter", "log"]
    #expect(try journal.lines(9) == phases.flatMap { phase in ["a", "b", "c"].map { "\($0) \(phase)" } })
  }

  @Test func answerSkipsLaterAccessOnly() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script.noting("a", in: journal).slot,
      Script.noting("b", in: journal) { _ in .respond(.message(status: 403, "no", headers: [("X-Mine", "1")])) }.slot,
      Script.noting("c", in: journal).slot,
    ])
    let response = try fixture.send()
    #expect(response.status == 403)
    #expect(response.text == #"{"message":"no"}"#)
    #expect(response["X-Mine"] == "1")
    #expect(
      try journal.lines(8) == [
        "a access", "b access", "a header_filter", "b header_filter", "c header_filter", "a log", "b log", "c log",
      ])
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func thrownErrorIsAnAnswerAndTheNextRequestWorks() throws {
    let journal = Journal()
    let fixture = try EngineFixture([
      Script.noting("a", in: journal) { context in
        if context.request.path == "/bad" { throw Mishap() }
        return .next
      }.slot
    ])
    let client = try fixture.client()
    for _ in 0..<3 {
      try client.request("GET", "/bad")
      let failed = try client.response()
      #expect(failed.status == 500)
      #expect(failed.text.contains("An unexpected error occurred"))
      #expect(!failed.text.contains("Mishap"))
      try client.request("GET", "/good")
      #expect(try client.response().status == 200)
    }
    #expect(fixture.origin.requests.count == 3)
    try Deadline.wait(for: "the failure in the log") { fixture.errorLog.contains("plugin 'scripted'") }
    #expect(fixture.errorLog.contains("Mishap"))
  }

  @Test func rewriteRunsForGlobalPluginsOnly() throws {
    let journal = Journal()
    let local = Script(rewrite: { _ in
      journal.note("local")
      return .next
    })
    let global = Script(rewrite: { context in
      journal.note("global \(context.route == nil)")
      return .next
    })
    let fixture = try EngineFixture([local.slot], global: [global.slot])
    #expect(try fixture.send().status == 200)
    #expect(journal.lines == ["global true"])
  }

  @Test func rewriteMayAnswer() throws {
    let journal = Journal()
    let global = Script(
      rewrite: { _ in .respond(.message(status: 418, "short")) },
      headerFilter: { $0.response.setHeader("X-Seen", "1") },
      log: { _ in journal.note("global log") })
    let fixture = try EngineFixture([Script.noting("local", in: journal).slot], global: [global.slot])
    let response = try fixture.send()
    #expect(response.status == 418)
    #expect(response["X-Seen"] == "1")
    #expect(try journal.lines(1) == ["global log"])
  }

  @Test func globalPluginsFilterAndLogRequestsWithoutARoute() throws {
    let journal = Journal()
    let fixture = try EngineFixture(global: [Script.noting("g", in: journal).slot], path: "/in")
    #expect(try fixture.send("GET", "/elsewhere").status == 404)
    #expect(try journal.lines(2) == ["g header_filter", "g log"])
  }

  @Test func valuesLastOneRequest() throws {
    let journal = Journal()
    let keeping = Script(
      access: { context in
        journal.note("\(context.shared.count) \(context.pluginValue == nil)")
        context.shared["a"] = 1
        context.pluginValue = "mine"
        return .next
      },
      log: { context in journal.note("\(context.shared["a"] as? Int ?? 0) \(context.pluginValue as? String ?? "")") })
    let other = Script(log: { context in journal.note("\(context.pluginValue == nil)") })
    let fixture = try EngineFixture([keeping.slot, other.slot])
    let client = try fixture.client()
    for round in 1...3 {
      try client.request("GET", "/")
      #expect(try client.response().status == 200)
      #expect(try journal.lines(3 * round).suffix(3) == ["0 true", "1 mine", "true"])
    }
  }

  /// A plugin cannot answer with a status that no final response has.
  @Test(arguments: [UInt16]([0, 99, 100, 101, 199, 600, 65535])) func answerIsAFinalResponse(status: UInt16) throws {
    let fixture = try EngineFixture([Script(access: { _ in .respond(.message(status: status, "odd")) }).slot])
    let client = try fixture.client()
    try client.request("GET", "/")
    let head = try client.reader.readHead()
    #expect(head.startLine == "HTTP/1.1 500 Internal Server Error")
  }

  @Test func answerStaysFinalWhateverAFilterSays() throws {
    let fixture = try EngineFixture([
      Script(
        access: { _ in .respond(.message(status: 403, "no")) }, headerFilter: { $0.response.setStatus(101) }
      ).slot
    ])
    let client = try fixture.client()
    try client.request("GET", "/")
    let head = try client.reader.readHead()
    #expect(head.startLine == "HTTP/1.1 403 Forbidden")
  }

  /// A filter that fails harms neither the others nor the connection, and is in the error log.
  @Test func failingFiltersAreReported() throws {
    let journal = Journal()
    let failing = Script(
      headerFilter: { _ in throw Mishap() }, bodyFilter: { _, _ in throw Mishap() }, log: { _ in throw Mishap() })
    let fixture = try EngineFixture([failing.slot, Script.noting("z", in: journal).slot])
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      _ = try client.response()
    }
    #expect(try journal.lines(6).filter { $0 == "z log" }.count == 2)
    try Deadline.wait(for: "the failures in the log") { fixture.errorLog.contains("Mishap") }
  }
}
