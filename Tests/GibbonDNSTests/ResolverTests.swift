// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import Glibc
import Synchronization
import Testing

@testable import GibbonDNS

@Suite struct ResolverTests {
  private static let one: NameServer.Reply = .addresses([[192, 0, 2, 1]], ttl: 300)

  // MARK: Without a name server

  @Test func namesOfTheHostsFileNeedNoServer() throws {
    let asking = try Asking()
    #expect(try asking.addresses("localhost").contains("127.0.0.1"))
    #expect(asking.server.count(.a("localhost")) == 0)
    asking.server.stop()
  }

  @Test(arguments: ["127.0.0.1", "192.0.2.55", "::1", "2001:db8::7"])
  func anAddressIsItsOwnAnswer(text: String) throws {
    let asking = try Asking()
    #expect(try asking.addresses(text) == [text])
    asking.server.stop()
  }

  // MARK: Answers

  @Test func theFirstKindThatIsThereIsTheAnswer() throws {
    let name = "both.example.test"
    let asking = try Asking([
      .a(name): .addresses([[192, 0, 2, 1], [192, 0, 2, 2]], ttl: 60),
      .aaaa(name): .addresses([[0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [9]], ttl: 60),
    ]) { $0.order = [.aaaa, .a] }
    #expect(try asking.addresses(name) == ["2001:db8::9"])
    #expect(asking.server.count(.a(name)) == 0)
    asking.server.stop()
  }

  @Test func withoutIPv6OnlyIPv4IsAskedFor() throws {
    let name = "four.example.test"
    let asking = try Asking([.a(name): Self.one]) { $0.order = [.a] }
    #expect(try asking.addresses(name) == ["192.0.2.1"])
    #expect(asking.server.count(.aaaa(name)) == 0)
    asking.server.stop()
  }

  @Test func aNameWithOnlyIPv6IsFound() throws {
    let name = "six.example.test"
    let asking = try Asking([
      .a(name): .code(0),
      .aaaa(name): .addresses([[0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [6]], ttl: 60),
    ]) { $0.order = [.srv, .a, .aaaa] }
    #expect(try asking.addresses(name) == ["2001:db8::6"])
    asking.server.stop()
  }

  @Test func anUnknownNameFailsWithKongsWords() throws {
    let asking = try Asking()
    #expect(try asking.answer("nobody.example.test").reason == "dns server error: 3 name error")
    asking.server.stop()
  }

  @Test func aNameWithoutAddressesFailsWithKongsWords() throws {
    let name = "empty.example.test"
    let asking = try Asking([.a(name): .code(0), .aaaa(name): .code(0)])
    #expect(try asking.answer(name).reason == "dns client error: 101 empty record received")
    asking.server.stop()
  }

  @Test(arguments: [2, 5] as [UInt8])
  func aServerThatFailsIsAFailure(code: UInt8) throws {
    let name = "broken.example.test"
    let asking = try Asking([.a(name): .code(code), .aaaa(name): .code(code)])
    let reason = try #require(try asking.answer(name).reason)
    #expect(reason.hasPrefix("dns client error: "))
    asking.server.stop()
  }

  /// Answers no server should give: each must end in an answer, whatever it says.
  @Test(
    arguments: [
      [], [0xC0], [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 3, 1, 2, 3],
      [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0xFF, 0xFF, 1],
      Array(repeating: 0xFF, count: 200), [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12],
      Array(repeating: 0xC0, count: 100),
    ] as [[UInt8]])
  func answersThatMakeNoSenseAreFailures(bytes: [UInt8]) throws {
    let name = "hostile.example.test"
    let asking = try Asking([.a(name): .raw(bytes, answers: 1)]) { $0.order = [.a] }
    #expect(try asking.answer(name).reason != nil)
    asking.server.stop()
  }

  @Test(arguments: [
    "", ".", "..", "a..b", " ", "a\u{0}b.test", String(repeating: "a", count: 64) + ".test",
    String(repeating: "abcdefgh.", count: 40) + "test", "ü.test", "-", "*", "1.2.3.4.5", "[::1]", "%00",
  ])
  func namesThatMakeNoSenseAreFailures(name: String) throws {
    let asking = try Asking()
    #expect(try asking.answer(name).reason != nil)
    asking.server.stop()
  }

  // MARK: Remembering

  @Test func anAnswerHoldsForItsTTL() throws {
    let name = "ttl.example.test"
    let asking = try Asking([.a(name): .addresses([[192, 0, 2, 1]], ttl: 77)]) { $0.order = [.a] }
    let before = Resolver.nowMilliseconds
    let first = try asking.answer(name)
    let after = Resolver.nowMilliseconds
    #expect((before + 77_000...after + 77_000).contains(first.expiresAt))
    asking.server.answer(.a(name), with: .addresses([[192, 0, 2, 2]], ttl: 77))
    #expect(try asking.answer(name) == first)
    #expect(asking.server.count(.a(name)) == 1)
    asking.resolver.flush()
    #expect(try asking.addresses(name) == ["192.0.2.2"])
    #expect(asking.server.count(.a(name)) == 2)
    asking.server.stop()
  }

  @Test func theSmallestTTLOfAnAnswerCounts() throws {
    let name = "_web._tcp.mixed.example.test"
    let asking = try Asking([
      .srv(name): .services([.init(priority: 1, weight: 1, port: 80, target: "one.example.test")], ttl: 600),
      .a("one.example.test"): .addresses([[192, 0, 2, 1]], ttl: 30),
    ])
    let before = Resolver.nowMilliseconds
    let answer = try asking.answer(name)
    #expect((before + 30_000...Resolver.nowMilliseconds + 30_000).contains(answer.expiresAt))
    asking.server.stop()
  }

  @Test func aTTLOfZeroIsOneSecond() throws {
    let name = "zero.example.test"
    let asking = try Asking([.a(name): .addresses([[192, 0, 2, 1]], ttl: 0)]) { $0.order = [.a] }
    let before = Resolver.nowMilliseconds
    let answer = try asking.answer(name)
    #expect((before + 1_000...Resolver.nowMilliseconds + 1_000).contains(answer.expiresAt))
    asking.server.stop()
  }

  @Test func validTTLReplacesTheAnswersOwn() throws {
    let name = "valid.example.test"
    let asking = try Asking([.a(name): Self.one]) {
      $0.order = [.a]
      $0.validTTL = 5
    }
    let before = Resolver.nowMilliseconds
    let answer = try asking.answer(name)
    #expect((before + 5_000...Resolver.nowMilliseconds + 5_000).contains(answer.expiresAt))
    asking.server.stop()
  }

  @Test func thatANameIsUnknownIsRemembered() throws {
    let name = "late.example.test"
    let asking = try Asking { $0.order = [.a] }
    let first = try asking.answer(name)
    let asked = asking.server.count(.a(name))
    asking.server.answer(.a(name), with: Self.one)
    #expect(try asking.answer(name) == first)
    #expect(asking.server.count(.a(name)) == asked)
    asking.server.stop()
  }

  @Test func anExpiredAnswerIsAskedForAgain() throws {
    let name = "back.example.test"
    let asking = try Asking {
      $0.order = [.a]
      $0.notFoundTTL = 0
    }
    #expect(try asking.answer(name).reason != nil)
    asking.server.answer(.a(name), with: Self.one)
    #expect(try asking.addresses(name) == ["192.0.2.1"])
    asking.server.stop()
  }

  @Test func theCacheIsBounded() throws {
    var table: [NameServer.Question: NameServer.Reply] = [:]
    for number in 0..<6 { table[.a("n\(number).example.test")] = Self.one }
    let asking = try Asking(table) {
      $0.order = [.a]
      $0.cacheSize = 3
    }
    for number in 0..<6 { #expect(try !asking.addresses("n\(number).example.test").isEmpty) }
    #expect(try !asking.addresses("n0.example.test").isEmpty)
    // Of six fresh answers three were kept, so the first one was asked for twice.
    #expect(asking.server.count(.a("n0.example.test")) == 2)
    asking.server.stop()
  }

  // MARK: Many at once

  @Test func aNameIsAskedForOnceHoweverManyWait() throws {
    let name = "crowd.example.test"
    let asking = try Asking([.a(name): Self.one]) { $0.order = [.a] }
    asking.server.hold()
    let answers = Mutex<[DNSAnswer]>([])
    let done = DispatchSemaphore(value: 0)
    let box = Box(answers)
    DispatchQueue.concurrentPerform(iterations: 100) { _ in
      asking.resolver.resolve(name) { answer in
        box.answers.withLock { $0.append(answer) }
        done.signal()
      }
    }
    asking.server.release()
    for _ in 0..<100 { #expect(done.wait(timeout: .now() + 30) == .success) }
    let seen = box.answers.withLock { $0 }
    #expect(seen.count == 100)
    #expect(Set(seen.map(\.addresses)) == [["192.0.2.1"]])
    #expect(asking.server.count(.a(name)) == 1)
    asking.server.stop()
  }

  @Test func aSlowNameDoesNotHoldUpOthers() throws {
    let asking = try Asking([.a("quick.example.test"): Self.one]) { $0.order = [.a] }
    let silent = try NameServer([:])
    silent.hold()
    // Two resolvers of one process do not share a thread either.
    var settings = ResolverSettings()
    settings.servers = [silent.address]
    let stuck = try Resolver(settings: settings)
    stuck.resolve("slow.example.test") { _ in }
    #expect(try asking.addresses("quick.example.test") == ["192.0.2.1"])
    #expect(try GibbonDNSTests.answer(of: stuck, "localhost").addresses.contains("127.0.0.1"))
    asking.server.stop()
    silent.stop()
  }

  @Test func aCompletionMayAskAgain() throws {
    let asking = try Asking([.a("first.example.test"): Self.one, .a("second.example.test"): Self.one]) {
      $0.order = [.a]
    }
    let done = DispatchSemaphore(value: 0)
    let resolver = asking.resolver
    resolver.resolve("first.example.test") { _ in
      resolver.resolve("first.example.test") { _ in
        resolver.resolve("second.example.test") { _ in done.signal() }
      }
    }
    #expect(done.wait(timeout: .now() + 30) == .success)
    asking.server.stop()
  }

  private final class Box: Sendable {
    let answers: Mutex<[DNSAnswer]>
    init(_ answers: consuming Mutex<[DNSAnswer]>) { self.answers = answers }
  }

  // MARK: Settings

  private static func refusal(of server: String) -> String? {
    var settings = ResolverSettings()
    settings.servers = [server]
    do {
      _ = try Resolver(settings: settings)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    "not an address", "127.0.0.1:port", "::1:::", "ns.example.test", "1.2.3", "127.0.0.1:99999", "[::1",
    "[127.0.0.1]:53", "",
  ])
  func aServerThatIsNoAddressIsAnErrorThatNamesIt(text: String) {
    #expect(Self.refusal(of: text)?.contains("'\(text)'") == true)
  }

  @Test(arguments: ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:53"])
  func addressesWithAndWithoutPortAreServers(text: String) {
    #expect(Self.refusal(of: text) == nil)
  }

  @Test func theSystemsServersAreUsedWithoutSettings() throws {
    let resolver = try Resolver(settings: ResolverSettings())
    #expect(try GibbonDNSTests.answer(of: resolver, "localhost").addresses.contains("127.0.0.1"))
  }
}
