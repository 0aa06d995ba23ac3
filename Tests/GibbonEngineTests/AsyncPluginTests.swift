// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Awaits once, in the way it is told, and notes on which thread it runs.
private final class AwaitingPlugin: AsyncPlugin {
  enum Way: String, CaseIterable, Sendable {
    case yield, otherThread, none
  }
  enum Ending: Sendable {
    case next, respond, throwing, suspend
  }
  struct Configuration: Decodable, Sendable {}

  static let descriptor = describe("awaiting", [.access, .headerFilter, .log])
  let way: Way
  let ending: Ending
  let threads = Box<String>()

  init(_ way: Way, _ ending: Ending = .next) {
    self.way = way
    self.ending = ending
  }

  init(configuration: Configuration, environment: PluginEnvironment) {
    self.way = .none
    self.ending = .next
  }

  private static var thread: String { "\(pthread_self())" }

  nonisolated(nonsending) func accessAsync(_ context: RequestContext) async throws -> PhaseAction {
    self.threads.put(Self.thread)
    context.serviceRequest.setHeader("X-Before", "1")
    switch self.way {
    case .none: break
    case .yield: await Task.yield()
    case .otherThread:
      await withCheckedContinuation { continuation in
        Thread { continuation.resume() }.start()
      }
    }
    self.threads.put(Self.thread)
    context.serviceRequest.setHeader("X-After", context.request.header("X-Before") ?? "lost")
    switch self.ending {
    case .next: return .next
    case .respond: return .respond(.message(status: 403, "no"))
    case .throwing: throw Mishap()
    case .suspend: return .suspend
    }
  }

  func headerFilter(_ context: RequestContext) { self.threads.put(Self.thread) }

  var slot: PluginSlot {
    PluginSlot(fallback: PluginEntry(id: .random(), descriptor: Self.descriptor, instance: self))
  }
}

@Suite struct AsyncPluginTests {
  @Test(arguments: AwaitingPlugin.Way.allCases) private func runsOnTheRequestsLoop(way: AwaitingPlugin.Way) throws {
    let plugin = AwaitingPlugin(way)
    let fixture = try EngineFixture([plugin.slot])
    for round in 1...8 {
      let echo = try fixture.send().echo()
      #expect(echo.head["X-Before"] == "1")
      #expect(echo.head["X-After"] == "1")
      let threads = plugin.threads.all.suffix(3)
      #expect(plugin.threads.all.count == 3 * round)
      // Before the await, after it, and in a synchronous phase.
      #expect(Set(threads).count == 1, "round \(round)")
    }
  }

  @Test(arguments: AwaitingPlugin.Way.allCases) private func mayAnswer(way: AwaitingPlugin.Way) throws {
    let fixture = try EngineFixture([AwaitingPlugin(way, .respond).slot])
    #expect(try fixture.send().status == 403)
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test(arguments: AwaitingPlugin.Way.allCases, [AwaitingPlugin.Ending.throwing, .suspend])
  private func failureIsAnUnexpectedError(way: AwaitingPlugin.Way, ending: AwaitingPlugin.Ending) throws {
    let fixture = try EngineFixture([AwaitingPlugin(way, ending).slot])
    let client = try fixture.client()
    for _ in 0..<3 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 500)
      #expect(response.text.contains("An unexpected error occurred"))
    }
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test func manyAwaitAtOnce() throws {
    let fixture = try EngineFixture([AwaitingPlugin(.otherThread).slot, AwaitingPlugin(.yield).slot])
    let clients = try (0..<16).map { _ in try fixture.client() }
    for round in 0..<4 {
      for (number, client) in clients.enumerated() { try client.request("GET", "/\(round)/\(number)") }
      for (number, client) in clients.enumerated() {
        #expect(try client.response().echo().head.word(1) == "/\(round)/\(number)")
      }
    }
  }

  @Test func clientsThatLeaveHarmNothing() throws {
    let fixture = try EngineFixture([AwaitingPlugin(.otherThread).slot])
    for _ in 0..<30 {
      let client = try fixture.client()
      try client.request("GET", "/left")
      client.close()
    }
    for _ in 0..<10 { #expect(try fixture.send().echo().head["X-After"] == "1") }
  }
}
