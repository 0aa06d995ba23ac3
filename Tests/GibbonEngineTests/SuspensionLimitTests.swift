// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Plugins that keep a request suspended and never resume it.
@Suite struct SuspensionLimitTests {
  private func fixture(_ slots: [PluginSlot], global: [PluginSlot] = []) throws -> EngineFixture {
    try EngineFixture(slots, global: global, settings: { $0.downstream.suspensionTimeout = 100 })
  }

  /// Keeps each request for `/wait…`, and leaves the right to resume in the box.
  private func forgetful(_ box: Box<Suspension>, _ name: String = "forgetful") -> PluginSlot {
    let script = Script(access: { context in
      guard context.request.path.hasPrefix("/wait") else { return .next }
      box.put(context.suspension())
      return .suspend
    })
    return PluginSlot(fallback: script.entry(name))
  }

  private func expectFailure(_ response: Response) {
    #expect(response.status == 500)
    #expect(response.text.contains("An unexpected error occurred"))
  }

  @Test func requestIsAnsweredAndThePluginNamed() throws {
    let box = Box<Suspension>()
    let journal = Journal()
    let later = Script.noting("later", in: journal).slot
    let fixture = try self.fixture([Script(access: { _ in .next }).slot, self.forgetful(box), later])
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/wait")
      self.expectFailure(try client.response())
      try client.request("GET", "/other")
      #expect(try client.response().status == 200)
    }
    try Deadline.wait(for: "the reason in the log") { fixture.errorLog.contains("did not resume the request") }
    #expect(fixture.errorLog.contains("plugin 'forgetful' ("))
    #expect(fixture.origin.requests.map { $0.word(1) } == ["/other", "/other"])
    #expect(try journal.lines(10).filter { $0 == "later access" }.count == 2)
  }

  /// Which plugin waits is found out in another way where instances depend on the consumer.
  @Test func pluginOfAConsumerIsNamed() throws {
    let box = Box<Suspension>()
    let slot = PluginSlot(
      fallback: self.forgetful(box).fallback, byConsumer: [.random(): Script(access: { _ in .next }).entry()])
    let fixture = try self.fixture([slot])
    self.expectFailure(try fixture.send("GET", "/wait"))
    try Deadline.wait(for: "the name in the log") { fixture.errorLog.contains("plugin 'forgetful' (") }
  }

  @Test func rewriteHasTheSameLimit() throws {
    let box = Box<Suspension>()
    let script = Script(rewrite: { context in
      box.put(context.suspension())
      return .suspend
    })
    let fixture = try self.fixture([], global: [PluginSlot(fallback: script.entry("early"))])
    self.expectFailure(try fixture.send())
    try Deadline.wait(for: "the name in the log") { fixture.errorLog.contains("plugin 'early' (") }
  }

  /// A late resumption changes nothing, and a context somebody may still hold serves nobody else.
  @Test func lateResumptionIsTooLate() throws {
    let box = Box<Suspension>()
    let contexts = Box<ObjectIdentifier>()
    let held = Box<ObjectIdentifier>()
    let script = Script(access: { context in
      contexts.put(ObjectIdentifier(context))
      guard context.request.path == "/wait" else { return .next }
      held.put(ObjectIdentifier(context))
      box.put(context.suspension())
      return .suspend
    })
    let fixture = try self.fixture([script.slot])
    let client = try fixture.client()
    try client.request("GET", "/wait")
    self.expectFailure(try client.response())
    let late = try box.take()
    let context = try held.take()
    for _ in 0..<20 { #expect(try fixture.send("GET", "/other").status == 200) }
    #expect(contexts.all.filter { $0 == context }.count == 1)
    late.resume(.next)
    for _ in 0..<20 { #expect(try fixture.send("GET", "/other").status == 200) }
    #expect(!fixture.origin.requests.contains { $0.word(1) == "/wait" })
  }

  /// The time counts from each suspension, and not while nobody waits.
  @Test func resumedInTimeIsNoFailure() throws {
    let box = Box<Suspension>()
    let release = Gate()
    let fixture = try EngineFixture(
      [self.forgetful(box)],
      handler: { exchange in
        try release.wait()
        try exchange.echo()
      }, settings: { $0.downstream.suspensionTimeout = 5000 })
    let client = try fixture.client()
    try client.request("GET", "/wait")
    try box.take().resume(.next)
    try fixture.origin.waitForRequests(1)
    release.open()
    #expect(try client.response().status == 200)
  }
}
