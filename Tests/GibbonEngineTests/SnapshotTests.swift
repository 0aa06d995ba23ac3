// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// New configurations under use, and the end.
@Suite struct SnapshotTests {
  private func marking(_ mark: String) -> PluginSlot {
    Script(headerFilter: { $0.response.setHeader("X-Mark", mark) }).slot
  }

  @Test func nextRequestSeesTheNewSnapshot() throws {
    let fixture = try EngineFixture([self.marking("0")])
    // Kept-alive connections on both loops, most likely, and new ones.
    let clients = try (0..<8).map { _ in try fixture.client() }
    for mark in 1...5 {
      fixture.use([self.marking("\(mark)")])
      for client in clients {
        try client.request("GET", "/")
        #expect(try client.response()["X-Mark"] == "\(mark)")
      }
      #expect(try fixture.send()["X-Mark"] == "\(mark)")
    }
  }

  @Test func requestUnderWayKeepsItsSnapshot() throws {
    let box = Box<Suspension>()
    let waiting = Script(access: { context in
      guard context.request.path == "/wait" else { return .next }
      box.put(context.suspension())
      return .suspend
    })
    let fixture = try EngineFixture([waiting.slot, self.marking("old")])
    let client = try fixture.client()
    try client.request("GET", "/wait")
    let suspension = try box.take()
    fixture.use([self.marking("new")])
    #expect(try fixture.send()["X-Mark"] == "new")
    suspension.resume(.next)
    #expect(try client.response()["X-Mark"] == "old")
    try client.request("GET", "/")
    #expect(try client.response()["X-Mark"] == "new")
  }

  /// Says when it goes, with the snapshot whose plugin holds it.
  private final class Witness: Sendable {
    private let journal: Journal
    init(_ journal: Journal) { self.journal = journal }
    deinit { self.journal.note("freed") }
  }

  private func waiting(_ box: Box<Suspension>, _ witness: Witness) -> PluginSlot {
    Script(access: { context in
      withExtendedLifetime(witness) { box.put(context.suspension()) }
      return .suspend
    }).slot
  }

  @Test func replacedSnapshotIsFreedAfterItsLastRequest() throws {
    let box = Box<Suspension>()
    let journal = Journal()
    let fixture = try EngineFixture([self.waiting(box, Witness(journal))])
    let client = try fixture.client()
    try client.request("GET", "/")
    let suspension = try box.take()
    fixture.use([self.marking("new")])
    // Nor does it go with the next: the request still has it.
    fixture.use([self.marking("newer")])
    fixture.engine.freeRetired()
    #expect(!fixture.engine.hasUnused)
    #expect(journal.lines.isEmpty)
    suspension.resume(.next)
    #expect(try client.response().status == 200)
    try Deadline.wait(for: "the request to let go") { fixture.engine.hasUnused }
    #expect(journal.lines.isEmpty)
    fixture.engine.freeRetired()
    #expect(journal.lines == ["freed"])
  }

  @Test func replacedSnapshotThatNobodyUsesIsFreedAtOnce() throws {
    let journal = Journal()
    let fixture = try EngineFixture([self.waiting(Box(), Witness(journal))])
    fixture.use([self.marking("new")])
    #expect(journal.lines == ["freed"])
  }

  @Test func drainFinishesTheRequestUnderWay() throws {
    let box = Box<Suspension>()
    let journal = Journal()
    let waiting = Script(
      access: { context in
        box.put(context.suspension())
        return .suspend
      }, log: { _ in journal.note("logged") })
    let fixture = try EngineFixture([waiting.slot])
    let idle = try fixture.client()
    let client = try fixture.client()
    try client.request("GET", "/wait")
    let suspension = try box.take()
    let drained = Gate()
    Thread {
      fixture.engine.drain()
      journal.note("drained")
      drained.open()
    }.start()
    // An idle connection ends at once, the busy one does not.
    #expect(try idle.isClosedByPeer())
    #expect(journal.lines.isEmpty)
    // The loops begin to drain one after the other: nobody takes connections once the last one has.
    try Deadline.wait(for: "every listener to close") { (try? fixture.client()) == nil }
    suspension.resume(.next)
    let response = try client.response()
    #expect(response.status == 200)
    #expect(response["Connection"] == "close")
    #expect(try client.isClosedByPeer())
    try drained.wait()
    #expect(journal.lines == ["logged", "drained"])
    #expect(throws: HarnessError.self) { try fixture.send() }
  }

  @Test func shutDownEndsRequestsUnderWay() throws {
    let box = Box<Suspension>()
    let fixture = try EngineFixture([
      Script(access: { context in
        box.put(context.suspension())
        return .suspend
      }).slot
    ])
    let client = try fixture.client()
    try client.request("GET", "/")
    let suspension = try box.take()
    fixture.engine.shutDown()
    #expect(try client.isClosedByPeer())
    suspension.resume(.next)
  }
}
