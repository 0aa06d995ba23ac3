// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonPlugins

/// Counting in memory is exact and bounded.
@Suite struct LocalCountersTests {
  private static func limits(_ minute: Double, hour: Double? = nil) -> [PeriodLimit] {
    [PeriodLimit(period: .minute, limit: minute)] + (hour.map { [PeriodLimit(period: .hour, limit: $0)] } ?? [])
  }

  private static func key(_ text: String, scope: Int = 1) -> LocalCounters.Key {
    LocalCounters.Key(scope: scope, .text(text))
  }

  @Test func asManyPassAsTheLimitSays() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(3)
    let counts = (0..<5).map { _ in counters.count(Self.key("a"), limits, now: 1_700_000_000).counts[0] }
    #expect(counts == [0, 1, 2, 3, 3])
  }

  /// However many ask at once, exactly N pass.
  @Test func exactlyNOfAnyNumberPassAtOnce() async {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(1234)
    let passed = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<16 {
        group.addTask {
          (0..<500).count { _ in
            counters.count(Self.key("a"), limits, now: 1_700_000_000).exhausted(limits) == nil
          }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(passed == 1234)
  }

  @Test func whatIsRefusedForOneLimitDoesNotCountForTheOther() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(2, hour: 100)
    for _ in 0..<10 { _ = counters.count(Self.key("a"), limits, now: 1_700_000_000) }
    #expect(counters.count(Self.key("a"), limits, now: 1_700_000_000).counts == [2, 2])
  }

  @Test func theNextSpanBeginsAtZero() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(2, hour: 100)
    for _ in 0..<2 { _ = counters.count(Self.key("a"), limits, now: 1_699_999_980) }
    #expect(counters.count(Self.key("a"), limits, now: 1_700_000_039).counts == [2, 2])
    #expect(counters.count(Self.key("a"), limits, now: 1_700_000_040).counts == [0, 2])
  }

  @Test func clientsAndScopesAreCountedApart() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(1)
    #expect(counters.count(Self.key("a"), limits, now: 0).counts == [0])
    #expect(counters.count(Self.key("b"), limits, now: 0).counts == [0])
    #expect(counters.count(Self.key("a", scope: 2), limits, now: 0).counts == [0])
    #expect(counters.count(LocalCounters.Key(scope: 1, .id(EntityID(high: 1, low: 2))), limits, now: 0).counts == [0])
    #expect(counters.count(Self.key("a"), limits, now: 0).counts == [1])
  }

  @Test func whatIsAddedIsSeen() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(5, hour: 100)
    #expect(counters.usage(of: Self.key("a"), limits, now: 1_700_000_000).counts == [0, 0])
    #expect(counters.entryCount == 0)
    counters.add(7, to: Self.key("a"), limits, since: 1_700_000_000, now: 1_700_000_000)
    // The minute that it belongs to is over.
    counters.add(-1, to: Self.key("a"), limits, since: 1_700_000_000, now: 1_700_000_040)
    #expect(counters.usage(of: Self.key("a"), limits, now: 1_700_000_000).counts == [7, 6])
    #expect(counters.usage(of: Self.key("a"), limits, now: 1_700_000_040).counts == [0, 6])
    #expect(counters.usage(of: Self.key("b"), limits, now: 1_700_000_000).counts == [0, 0])
  }

  @Test func additionsStayWithinTheNumbers() {
    let counters = LocalCounters(capacity: 1024)
    let limits = Self.limits(5)
    for _ in 0..<3 { counters.add(.max, to: Self.key("a"), limits, since: 0, now: 0) }
    #expect(counters.usage(of: Self.key("a"), limits, now: 0).counts == [.max])
    for _ in 0..<4 { counters.add(.min, to: Self.key("a"), limits, since: 0, now: 0) }
    #expect(counters.usage(of: Self.key("a"), limits, now: 0).counts == [.min])
  }

  @Test func aHundredThousandClientsStayWithinTheBound() {
    let counters = LocalCounters(capacity: 4096)
    for number in 0..<100_000 { _ = counters.count(Self.key("\(number)"), Self.limits(5), now: 1_700_000_000) }
    #expect(counters.entryCount <= 4096)
    #expect(counters.entryCount > 1024)
  }

  @Test func whatIsOverMakesRoomFirst() {
    let counters = LocalCounters(capacity: 64)
    for number in 0..<1000 { _ = counters.count(Self.key("old \(number)"), Self.limits(5), now: 1_700_000_000) }
    _ = counters.count(Self.key("new"), Self.limits(5), now: 1_700_009_000)
    #expect(counters.count(Self.key("new"), Self.limits(5), now: 1_700_009_000).counts == [1])
  }
}
