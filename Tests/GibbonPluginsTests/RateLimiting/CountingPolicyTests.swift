// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import Synchronization
import Testing

@testable import GibbonPlugins

/// Counting where other nodes count too.
@Suite struct CountingPolicyTests {
  /// Counters as a datastore has them.
  private final class Counters: SharedCounters {
    let values = Mutex<[String: Int64]>([:])
    let ends = Mutex<[Double]>([])

    func add(_ additions: [CounterAddition]) async throws -> [Int64] {
      self.ends.withLock { $0 += additions.map(\.expiresAt) }
      return self.values.withLock { values in
        additions.map { addition in
          values[addition.name, default: 0] += addition.amount
          return values[addition.name] ?? 0
        }
      }
    }

    func values(of names: [String]) async throws -> [Int64] {
      self.values.withLock { values in names.map { values[$0] ?? 0 } }
    }

    var all: [Int64] { self.values.withLock { Array($0.values) } }
  }

  @Test func ofAnyNumberAtOnceNoMoreThanTheLimitPass() async throws {
    let counters = Counters()
    let policy = ClusterPolicy(counters: counters, trouble: RepeatedTrouble(.testing()))
    let limits = [PeriodLimit(period: .minute, limit: 20)]
    let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<200 {
        group.addTask { try await policy.count("k", limits, now: 0).exhausted(limits) == nil }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(passed <= 20 && passed > 0)
  }

  /// Thirty days after its beginning a month is not always over.
  @Test func aCounterIsKeptUntilItsPeriodEnds() async throws {
    let counters = Counters()
    let policy = ClusterPolicy(counters: counters, trouble: RepeatedTrouble(.testing()))
    // 2023-10-31.
    _ = try await policy.count("k", [PeriodLimit(period: .month, limit: 1)], now: 1_698_710_400)
    #expect(counters.ends.withLock { $0 } == [1_698_796_800])
  }

  @Test func aRefusedRequestTakesItsCountBack() async throws {
    let counters = Counters()
    let policy = ClusterPolicy(counters: counters, trouble: RepeatedTrouble(.testing()))
    let limits = [PeriodLimit(period: .second, limit: 1), PeriodLimit(period: .hour, limit: 100)]
    for _ in 0..<5 { _ = try await policy.count("k", limits, now: 0) }
    // Behind the answer: until it is done.
    while counters.all != [1, 1] { await Task.yield() }
    #expect(try await policy.count("k", limits, now: 1).counts == [0, 1])
  }
}
