// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Glibc
import Synchronization
import GibbonTesting
import Testing

@testable import GibbonDNS

/// Answers over time: stale ones, watched names, SRV records.
@Suite struct WatchTests {
  private static func reply(_ last: UInt8, ttl: UInt32 = 1) -> NameServer.Reply {
    .addresses([[192, 0, 2, last]], ttl: ttl)
  }

  @Test func anExpiredAnswerServesWhileNoServerAnswersAndNoLonger() throws {
    let name = "stale.example.test"
    let asking = try Asking([.a(name): Self.reply(1)]) {
      $0.order = [.a]
      $0.staleTTL = 3
      $0.errorTTL = 0
    }
    let first = try asking.answer(name)
    #expect(first.usableUntil == first.expiresAt + 3000)
    asking.server.answer(.a(name), with: .code(2))
    try Deadline.wait(for: "the end of the answer") { Resolver.nowMilliseconds >= first.expiresAt }
    // Each failed question leaves the end where it was.
    let second = try asking.answer(name)
    #expect(second.addresses == ["192.0.2.1"] && second.usableUntil == first.usableUntil)
    let third = try asking.answer(name)
    #expect(third.usableUntil == first.usableUntil)
    #expect(asking.server.count(.a(name)) > 2)
    try Deadline.wait(for: "the end of the stale answer") { Resolver.nowMilliseconds >= first.usableUntil }
    #expect(try asking.answer(name).reason != nil)
    asking.server.stop()
  }

  @Test func aServerThatSaysThereIsNoSuchNameIsBelieved() throws {
    let name = "gone.example.test"
    let asking = try Asking([.a(name): Self.reply(1)]) { $0.order = [.a] }
    let first = try asking.answer(name)
    asking.server.answer(.a(name), with: .code(3))
    try Deadline.wait(for: "the end of the answer") { Resolver.nowMilliseconds >= first.expiresAt }
    #expect(try asking.answer(name).reason == "dns server error: 3 name error")
    asking.server.stop()
  }

  @Test func aWatchedNameIsAskedForAgainWithoutTraffic() throws {
    let name = "watched.example.test"
    let asking = try Asking([.a(name): Self.reply(1)]) { $0.order = [.a] }
    let seen = Seen()
    let watch = asking.resolver.watch(name) { seen.put($0) }
    try Deadline.wait(for: "the first answer") { seen.last?.addresses == ["192.0.2.1"] }
    asking.server.answer(.a(name), with: Self.reply(2))
    try Deadline.wait(for: "the second answer") { seen.last?.addresses == ["192.0.2.2"] }
    asking.server.answer(.a(name), with: .code(3))
    try Deadline.wait(for: "the denial") { seen.last?.reason != nil }
    watch.cancel()
    asking.server.stop()
  }

  @Test func aWatchedNameEndsWhenTheServerStaysSilent() throws {
    let name = "silent.example.test"
    let asking = try Asking([.a(name): Self.reply(1)]) {
      $0.order = [.a]
      $0.staleTTL = 1
    }
    let seen = Seen()
    let watch = asking.resolver.watch(name) { seen.put($0) }
    try Deadline.wait(for: "the first answer") { seen.last?.addresses == ["192.0.2.1"] }
    asking.server.hold()
    try Deadline.wait(for: "the end") { seen.last?.reason == "dns client error: no server answers" }
    asking.server.answer(.a(name), with: Self.reply(3))
    asking.server.release()
    try Deadline.wait(for: "the return") { seen.last?.addresses == ["192.0.2.3"] }
    watch.cancel()
    asking.server.stop()
  }

  @Test func servicesOfTheFirstPriorityAreFoundWithPortsAndWeights() throws {
    let name = "web.example.test"
    let asking = try Asking([
      .srv(name): .services(
        [
          .init(priority: 2, weight: 9, port: 9, target: "spare.example.test"),
          .init(priority: 1, weight: 10, port: 8081, target: "one.example.test"),
          .init(priority: 1, weight: 0, port: 8082, target: "two.example.test"),
        ], ttl: 60),
      .a("one.example.test"): Self.reply(1), .a("two.example.test"): Self.reply(2),
      .a("spare.example.test"): Self.reply(3),
    ])
    let answer = try asking.answer(name)
    #expect(answer.endpoints.map(\.port) == [8081, 8082])
    #expect(answer.endpoints.map(\.weight) == [10, 1])
    #expect(answer.endpoints.map(\.name) == ["one.example.test", "two.example.test"])
    #expect(answer.addresses == ["192.0.2.1", "192.0.2.2"])
    asking.server.stop()
  }

  @Test func theKindThatAnsweredLastIsAskedForFirst() throws {
    let name = "last.example.test"
    let asking = try Asking([.a(name): Self.reply(1)])
    let first = try asking.answer(name)
    #expect(asking.server.count(.srv(name)) > 0)
    let asked = asking.server.count(.srv(name))
    try Deadline.wait(for: "the end of the answer") { Resolver.nowMilliseconds >= first.expiresAt }
    #expect(try asking.addresses(name) == ["192.0.2.1"])
    #expect(asking.server.count(.srv(name)) == asked)
    asking.server.stop()
  }

  @Test func theNewClientAsksForServicesByTheirNamesOnly() throws {
    let asking = try Asking([.a("plain.example.test"): Self.reply(1)]) {
      $0.order = [.a, .srv]
      $0.limitsServicesToServiceNames = true
    }
    #expect(try asking.addresses("plain.example.test") == ["192.0.2.1"])
    #expect(asking.server.count(.srv("plain.example.test")) == 0)
    #expect(try asking.answer("_web._tcp.example.test").reason != nil)
    #expect(asking.server.count(.srv("_web._tcp.example.test")) > 0)
    asking.server.stop()
  }

  @Test(
    arguments: [
      [], [0xC0], [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 3, 1, 2, 3],
      [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 8, 0, 1, 0, 1, 0, 80, 0xC0, 12 + 100],
      [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 8, 0, 1, 0, 1, 0, 80, 0xC0, 0xFF],
      [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0xFF, 0xFF, 1], Array(repeating: 0xC0, count: 300),
    ] as [[UInt8]])
  func serviceRecordsThatMakeNoSenseAreFailures(bytes: [UInt8]) throws {
    let name = "hostile.example.test"
    let asking = try Asking([.srv(name): .raw(bytes, answers: 3)]) { $0.order = [.srv] }
    #expect(try asking.answer(name).reason != nil)
    asking.server.stop()
  }

  @Test func namesOfAHostsFileAreFoundWithoutCaseAndDot() {
    let file = HostsFile("# none\n192.0.2.7\tone.test  ONE # two.test\r\n::1 one.test\nnonsense three.test\n")
    #expect(file["One.Test."].map(\.description) == ["192.0.2.7", "::1"])
    #expect(file["one"].map(\.description) == ["192.0.2.7"])
    #expect(file["two.test"].isEmpty && file["three.test"].isEmpty)
  }
}

/// Answers that came.
private final class Seen: Sendable {
  private let held = Mutex<[DNSAnswer]>([])
  func put(_ answer: DNSAnswer) { self.held.withLock { $0.append(answer) } }
  var last: DNSAnswer? { self.held.withLock { $0.last } }
}
