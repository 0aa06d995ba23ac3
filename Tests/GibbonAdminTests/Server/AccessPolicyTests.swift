// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import NIOCore
import Testing

@testable import GibbonAdmin

@Suite struct AccessPolicyTests {
  @Test func originsAreComparedAsSuch() {
    #expect(Origin("HTTP://Manager.Test:80/path?x#y") == Origin(field: "http://manager.test"))
    #expect(Origin("https://m.test:443") == Origin(field: "https://m.test"))
    #expect(Origin("https://[::1]:8445/manager") == Origin(field: "https://[::1]:8445"))
    #expect(Origin("http://m.test") != Origin(field: "http://m.test:8002"))
    #expect(Origin("http://m.test") != Origin(field: "https://m.test"))
    for text in ["null", "", "m.test", "//m.test", "http://", "http:m.test", "http://m.test:x", "http://a b"] {
      #expect(Origin(text) == nil, "\(text)")
    }
    for text in ["http://m.test/", "http://m.test/path", "http://m.test?", "http://m.test#"] {
      #expect(Origin(field: text) == nil, "\(text)")
    }
  }

  @Test func loopbackIsWhatLeadsNowhereElse() {
    for host in [
      "localhost", "LocalHost.", "a.localhost", "127.0.0.1:80", "127.255.0.1", "[::1]", "[::ffff:127.0.0.1]:1",
    ] {
      #expect(Authority(host)?.isLoopback == true, "\(host)")
    }
    for host in ["localhost.test", "alocalhost", "126.0.0.1", "[::2]", "[::ffff:128.0.0.1]", "0.0.0.0", "127.1"] {
      #expect(Authority(host)?.isLoopback == false, "\(host)")
    }
    for host in ["", ".", "a:b", "a:99999", "[::1", "[::1]x", "a/b", "a@b", "a,b", "ä"] {
      #expect(Authority(host) == nil, "\(host)")
    }
  }

  @Test func anOwnNameIsTheOneThatIsListenedOn() {
    let policy = AccessPolicy(origins: [], hosts: [], ownName: "gate.internal")
    #expect(
      policy.refusal(of: ReceivedHead(method: "GET", target: "/", host: "gate.internal"), isOnLoopback: true) == nil)
    #expect(
      policy.refusal(of: ReceivedHead(method: "GET", target: "/", host: "other.internal"), isOnLoopback: true) != nil)
    #expect(
      policy.refusal(of: ReceivedHead(method: "GET", target: "/", host: "other.internal"), isOnLoopback: false) == nil)
  }

  @Test func withoutListedOriginsNobodyGetsAField() {
    let policy = AccessPolicy(origins: ["null", "*"], hosts: [])
    for origin in ["null", "*", "http://a.test"] {
      let head = ReceivedHead(method: "GET", target: "/", fields: [("origin", origin)])
      #expect(policy.refusal(of: head, isOnLoopback: false)?.status == 403)
      #expect(policy.fields(for: head).isEmpty)
    }
  }
}

@Suite struct SharedBoundTests {
  @Test func bodiesWaitInLineForRoom() {
    let budget = BodyBudget(bytes: 100)
    #expect(budget.take(60) {} == nil)
    let first = budget.take(60) {}
    // Who is small does not pass those who wait.
    let second = budget.take(10) {}
    guard let first, let second else {
      Issue.record("taken at once")
      return
    }
    #expect(budget.leave(first))
    #expect(!budget.leave(second))
    budget.giveBack(60)
    budget.giveBack(10)
    #expect(budget.take(100) {} == nil)
  }

  @Test func theOneThatWaitedForLongestMakesRoom() {
    let table = ConnectionTable(limit: 2)
    let first = table.admit(at: .uptimeNanoseconds(1)) {}
    let second = table.admit(at: .uptimeNanoseconds(2)) {}
    #expect(first != nil && second != nil)
    if let first { table.note(first, waitingSince: nil) }
    #expect(table.admit(at: .uptimeNanoseconds(3)) {} != nil && table.count == 2)
    if let second { table.note(second, waitingSince: nil) }
    let third = table.admit(at: .uptimeNanoseconds(4)) {}
    #expect(third != nil && table.count == 2)
    if let third { table.note(third, waitingSince: nil) }
    #expect(table.admit(at: .uptimeNanoseconds(5)) {} == nil)
  }
}
