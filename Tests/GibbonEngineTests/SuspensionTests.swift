// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Phases that wait: how they go on, and what becomes of a request whose client did not wait.
@Suite struct SuspensionTests {
  /// Suspends each request for `/wait…` once and leaves the right to resume in the box.
  private func suspending(
    into box: Box<Suspension>, journal: Journal, contexts: Box<ObjectIdentifier> = Box()
  ) -> Script {
    Script.noting("s", in: journal) { context in
      contexts.put(ObjectIdentifier(context))
      guard context.request.path.hasPrefix("/wait"), context.pluginValue == nil else { return .next }
      context.pluginValue = true
      box.put(context.suspension())
      return .suspend
    }
  }

  private struct Waiting {
    let fixture: EngineFixture
    let journal: Journal
    let contexts: Box<ObjectIdentifier>
    let client: RawClient
  }

  /// A request for `/wait` that is suspended when this returns, in a chain of `a`, the suspending `s` and `b`.
  private func waiting() throws -> (Waiting, Suspension) {
    let journal = Journal()
    let box = Box<Suspension>()
    let contexts = Box<ObjectIdentifier>()
    let fixture = try EngineFixture([
      Script.noting("a", in: journal).slot, self.suspending(into: box, journal: journal, contexts: contexts).slot,
      Script.noting("b", in: journal).slot,
    ])
    let client = try fixture.client()
    try client.request("GET", "/wait")
    let suspension = try box.take()
    #expect(fixture.origin.requests.isEmpty)
    return (Waiting(fixture: fixture, journal: journal, contexts: contexts, client: client), suspension)
  }

  private let filters = ["a header_filter", "s header_filter", "b header_filter", "a log", "s log", "b log"]

  @Test func nextGoesOnWithTheNextPlugin() throws {
    let (waiting, suspension) = try self.waiting()
    suspension.resume(.next)
    #expect(try waiting.client.response().status == 200)
    #expect(try waiting.journal.lines(9) == ["a access", "s access", "b access"] + self.filters)
  }

  @Test func againCallsThePhaseAgain() throws {
    let (waiting, suspension) = try self.waiting()
    suspension.resume(.again)
    #expect(try waiting.client.response().status == 200)
    #expect(try waiting.journal.lines(10) == ["a access", "s access", "s access", "b access"] + self.filters)
  }

  @Test func respondAnswers() throws {
    let (waiting, suspension) = try self.waiting()
    suspension.resume(.respond(.message(status: 429, "slow down")))
    let response = try waiting.client.response()
    #expect(response.status == 429)
    #expect(response.text == #"{"message":"slow down"}"#)
    #expect(try waiting.journal.lines(8) == ["a access", "s access"] + self.filters)
    #expect(waiting.fixture.origin.requests.isEmpty)
  }

  @Test func failIsAnUnexpectedError() throws {
    let (waiting, suspension) = try self.waiting()
    suspension.resume(.fail("the vault burnt down"))
    let response = try waiting.client.response()
    #expect(response.status == 500)
    #expect(response.text.contains("An unexpected error occurred"))
    #expect(try waiting.journal.lines(8) == ["a access", "s access"] + self.filters)
    try Deadline.wait(for: "the reason in the log") { waiting.fixture.errorLog.contains("the vault burnt down") }
  }

  @Test func droppedSuspensionFails() throws {
    let fixture = try EngineFixture([
      Script(access: { context in
        _ = context.suspension()
        return .suspend
      }).slot
    ])
    for _ in 0..<5 {
      let response = try fixture.send()
      #expect(response.status == 500)
      #expect(response.text.contains("An unexpected error occurred"))
    }
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func onlyTheFirstResumptionCounts() throws {
    let (waiting, suspension) = try self.waiting()
    suspension.resume(.next)
    suspension.resume(.respond(.message(status: 403, "too late")))
    suspension.resume(.again)
    #expect(try waiting.client.response().status == 200)
    suspension.resume(.fail("much too late"))
    for _ in 0..<3 {
      try waiting.client.request("GET", "/after")
      #expect(try waiting.client.response().status == 200)
    }
    #expect(try waiting.journal.lines(9).prefix(3) == ["a access", "s access", "b access"])
  }

  @Test func resumingOnTheSpotWorksToo() throws {
    let fixture = try EngineFixture([
      Script(access: { context in
        context.suspension().resume(.next)
        return .suspend
      }).slot
    ])
    #expect(try fixture.send().status == 200)
  }

  @Test func rewriteMayWait() throws {
    let box = Box<Suspension>()
    let journal = Journal()
    let global = Script(rewrite: { context in
      box.put(context.suspension())
      return .suspend
    })
    let fixture = try EngineFixture([Script.noting("local", in: journal).slot], global: [global.slot])
    let client = try fixture.client()
    try client.request("GET", "/")
    try box.take().resume(.next)
    #expect(try client.response().status == 200)
    try client.request("GET", "/")
    try box.take().resume(.respond(.message(status: 418, "short")))
    #expect(try client.response().status == 418)
    #expect(journal.lines.filter { $0 == "local access" }.count == 1)
  }

  @Test func laterRequestOfTheConnectionWaitsItsTurn() throws {
    let (waiting, suspension) = try self.waiting()
    try waiting.client.request("GET", "/second")
    // Both loops serve other clients meanwhile.
    for _ in 0..<10 { #expect(try waiting.fixture.send("GET", "/other").status == 200) }
    #expect(!waiting.fixture.origin.requests.contains { $0.word(1) != "/other" })
    suspension.resume(.next)
    #expect(try waiting.client.response().echo().head.word(1) == "/wait")
    #expect(try waiting.client.response().echo().head.word(1) == "/second")
  }

  @Test func clientThatLeavesEndsTheRequestButNotItsContext() throws {
    let (waiting, suspension) = try self.waiting()
    let held = try waiting.contexts.take()
    waiting.client.close()
    #expect(try waiting.journal.lines(5) == ["a access", "s access", "a log", "s log", "b log"])
    for _ in 0..<20 { #expect(try waiting.fixture.send("GET", "/other").status == 200) }
    #expect(waiting.contexts.all.count == 20)
    #expect(!waiting.contexts.all.contains(held), "the context serves another request while it is suspended")
    let before = waiting.fixture.origin.requests.count
    suspension.resume(.next)
    suspension.resume(.again)
    for _ in 0..<20 { #expect(try waiting.fixture.send("GET", "/other").status == 200) }
    #expect(waiting.fixture.origin.requests.count == before + 20)
    #expect(!waiting.fixture.origin.requests.contains { $0.word(1) == "/wait" })
  }

  @Test func suspensionMayOutliveTheEngine() throws {
    let kept: Suspension
    do {
      let (_, suspension) = try self.waiting()
      kept = suspension
    }
    kept.resume(.next)
  }

  @Test func manyRequestsWaitAtOnce() throws {
    let box = Box<Suspension>()
    let fixture = try EngineFixture([self.suspending(into: box, journal: Journal()).slot])
    let clients = try (0..<24).map { _ in try fixture.client() }
    for (number, client) in clients.enumerated() { try client.request("GET", "/wait/\(number)") }
    for suspension in try clients.map({ _ in try box.take() }).reversed() { suspension.resume(.next) }
    for (number, client) in clients.enumerated() {
      #expect(try client.response().echo().head.word(1) == "/wait/\(number)")
    }
  }
}
