// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import GibbonTesting
import Testing

/// Chains whose instances depend on who the consumer is.
@Suite struct ConsumerTests {
  private static let alice = Consumer(username: "alice")
  private static let bob = Consumer(username: "bob")

  /// Authenticates by the header `X-User`.
  private static let authentication = Script(access: { context in
    guard let name = context.request.header("X-User") else { return .next }
    if name == "nobody" { return .respond(.message(status: 401, "who")) }
    let consumer = name == "alice" ? alice : bob
    context.client.authenticate(Credential(id: .random(), consumer: consumer, fields: .object([:])))
    return .next
  })

  /// `all` for everyone but alice, who has an instance of her own.
  private func limited(_ journal: Journal, access: @escaping Script.Deciding = { _ in .next }) -> PluginSlot {
    PluginSlot(
      fallback: Script.noting("all", in: journal, access: access).entry(),
      byConsumer: [Self.alice.id: Script.noting("alice's", in: journal, access: access).entry()])
  }

  private func phases(_ name: String) -> [String] { ["\(name) access", "\(name) header_filter", "\(name) log"] }

  @Test(arguments: [("alice", "alice's"), ("bob", "all")]) func instanceIsTheConsumers(user: String, name: String)
    throws
  {
    let journal = Journal()
    let fixture = try EngineFixture([Self.authentication.slot, self.limited(journal)])
    let head = try fixture.send(headers: [("X-User", user), ("X-Consumer-Username", "forged")]).echo().head
    #expect(head.all("X-Consumer-Username") == [user])
    #expect(try journal.lines(3) == self.phases(name))
  }

  @Test func requestsWithoutAConsumerTakeTheFallback() throws {
    let journal = Journal()
    let fixture = try EngineFixture([Self.authentication.slot, self.limited(journal)])
    let client = try fixture.client()
    try client.request("GET", "/", headers: [("X-User", "alice")])
    #expect(try client.response().status == 200)
    // The consumer of the request before is forgotten.
    try client.request("GET", "/")
    #expect(try client.response().echo().head["X-Consumer-Username"] == nil)
    #expect(try journal.lines(6) == self.phases("alice's") + self.phases("all"))
  }

  @Test func instanceOfOneConsumerAloneIsOnlyForHer() throws {
    let journal = Journal()
    let own = Script.noting("alice's", in: journal).entry()
    let fixture = try EngineFixture([
      Self.authentication.slot, PluginSlot(fallback: nil, byConsumer: [Self.alice.id: own]),
    ])
    #expect(try fixture.send(headers: [("X-User", "bob")]).status == 200)
    #expect(try fixture.send().status == 200)
    #expect(try fixture.send(headers: [("X-User", "alice")]).status == 200)
    #expect(try journal.lines(3) == self.phases("alice's"))
  }

  @Test func answerStillFiltersAndLogsLaterPlugins() throws {
    let journal = Journal()
    let fixture = try EngineFixture([Self.authentication.slot, self.limited(journal)])
    #expect(try fixture.send(headers: [("X-User", "nobody")]).status == 401)
    #expect(try journal.lines(2) == ["all header_filter", "all log"])
  }

  @Test(arguments: ["next", "again", "respond"]) func suspendedInstanceIsKept(how: String) throws {
    let journal = Journal()
    let box = Box<Suspension>()
    let fixture = try EngineFixture([
      Self.authentication.slot,
      self.limited(journal) { context in
        guard context.pluginValue == nil else { return .next }
        context.pluginValue = true
        box.put(context.suspension())
        return .suspend
      },
      Script.noting("z", in: journal).slot,
    ])
    let client = try fixture.client()
    try client.request("GET", "/", headers: [("X-User", "alice")])
    let suspension = try box.take()
    let access: [String]
    switch how {
    case "next":
      suspension.resume(.next)
      access = ["alice's access", "z access"]
    case "again":
      suspension.resume(.again)
      access = ["alice's access", "alice's access", "z access"]
    default:
      suspension.resume(.respond(.message(status: 429, "no")))
      access = ["alice's access"]
    }
    #expect(try client.response().status == (how == "respond" ? 429 : 200))
    let rest = ["alice's header_filter", "z header_filter", "alice's log", "z log"]
    #expect(try journal.lines(access.count + 4) == access + rest)
  }

  /// No route, no consumer: the instances for everybody still see the response.
  @Test func requestsWithoutARouteAreFilteredAndLogged() throws {
    let journal = Journal()
    let fixture = try EngineFixture(
      global: [self.limited(journal), Script.noting("g", in: journal).slot], path: "/in")
    #expect(try fixture.send("GET", "/elsewhere").status == 404)
    try Deadline.wait(for: "the connection to end") { fixture.engine.counts.open == 0 }
    #expect(journal.lines == ["all header_filter", "g header_filter", "all log", "g log"])
  }

  @Test func answerInRewriteIsFilteredAndLogged() throws {
    let journal = Journal()
    let answering = Script(rewrite: { _ in .respond(.message(status: 418, "short")) })
    let fixture = try EngineFixture(global: [answering.slot, self.limited(journal)])
    #expect(try fixture.send().status == 418)
    try Deadline.wait(for: "the connection to end") { fixture.engine.counts.open == 0 }
    #expect(journal.lines == ["all header_filter", "all log"])
  }

  @Test func clientThatLeavesIsLoggedByEveryPlugin() throws {
    let journal = Journal()
    let box = Box<Suspension>()
    let waiting = Script.noting("w", in: journal) { context in
      box.put(context.suspension())
      return .suspend
    }
    let fixture = try EngineFixture([waiting.slot, self.limited(journal)])
    let client = try fixture.client()
    try client.request("GET", "/")
    let suspension = try box.take()
    client.close()
    try Deadline.wait(for: "the connection to end") { fixture.engine.counts.open == 0 }
    #expect(journal.lines == ["w access", "w log", "all log"])
    suspension.resume(.next)
    #expect(fixture.origin.requests.isEmpty)
  }

  /// The instance whose access ran is the one whose other phases run, also when it waited and meanwhile said who
  /// the consumer is.
  @Test(arguments: [false, true]) func instanceStaysWhenItAuthenticates(waits: Bool) throws {
    let journal = Journal()
    let slot = self.limited(journal) { context in
      context.client.authenticate(Credential(id: .random(), consumer: Self.alice, fields: .object([:])))
      guard waits else { return .next }
      context.suspension().resume(.next)
      return .suspend
    }
    let fixture = try EngineFixture([slot])
    #expect(try fixture.send().status == 200)
    let lines = try journal.lines(3)
    #expect(lines == self.phases("all"))
  }
}
