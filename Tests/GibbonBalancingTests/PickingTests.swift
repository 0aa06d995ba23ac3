// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonBalancing

@Suite struct PickingTests {
  private static func table(
    _ algorithm: BalancingAlgorithm, _ weights: [Int], threshold: Double = 0, seed: UInt64 = 0
  ) -> AddressTable {
    var plan = AddressTable.Plan()
    plan.algorithm = algorithm
    plan.threshold = threshold
    plan.targetCount = weights.count
    plan.seed = seed
    plan.now = 1_000_000
    let entries = weights.enumerated().map { index, weight in
      let text = "10.0.\(index / 250).\(index % 250)"
      return AddressTable.Entry(
        TargetAddress(.init(host: text, ip: IPAddress(text) ?? .loopbackV4, port: 80)), weight: weight, text: text)
    }
    return AddressTable(entries, plan)
  }

  private static func pick(
    _ table: AddressTable, hash: UInt32 = 0, avoiding tried: [TargetAddress] = [], _ random: inout Seeded
  ) -> Int? {
    table.pick(hash: hash, avoiding: tried, now: 1_000_000, random: &random)
  }

  @Test(
    arguments: [
      [1, 1], [1, 1, 1], [5, 1, 1], [100, 50], [10, 100, 1000], [1, 0, 3], [65_535, 1], [7, 13, 29, 31], [0, 0, 4],
    ], [0, 1, 12_345] as [UInt64])
  func sharesOfARoundAreTheWeights(weights: [Int], seed: UInt64) {
    var random = Seeded(1)
    let table = Self.table(.roundRobin, weights, seed: seed)
    let divisor = weights.reduce(0) { a, b in
      var (a, b) = (a, b)
      while b != 0 { (a, b) = (b, a % b) }
      return a
    }
    let round = weights.reduce(0, +) / divisor
    var counts = [Int](repeating: 0, count: weights.count)
    for _ in 0..<round { counts[Self.pick(table, &random) ?? 0] += 1 }
    #expect(counts == weights.map { $0 / divisor })
  }

  @Test func turnsOfAnEntryAreSpread() {
    var random = Seeded(1)
    let table = Self.table(.roundRobin, [5, 1, 1])
    let picks = (0..<14).compactMap { _ in Self.pick(table, &random) }
    // Never more than four in a row of the one with five of seven turns, as with nginx.
    #expect(!picks.indices.dropLast(4).contains { picks[$0...($0 + 4)].allSatisfy { $0 == 0 } })
  }

  @Test(arguments: BalancingAlgorithm.allCases) func unavailableAddressesGetNothing(algorithm: BalancingAlgorithm) {
    var random = Seeded(3)
    let table = Self.table(algorithm, [1, 1, 1, 1])
    table.entries[1].address.force(.unhealthy)
    table.entries[3].address.force(.unhealthy)
    table.healthChanged()
    var seen: Set<Int> = []
    for number in 0..<400 {
      let index = Self.pick(table, hash: UInt32(truncatingIfNeeded: random.next()), &random)
      if let index { seen.insert(index) } else { Issue.record("nothing at \(number)") }
      if let index { table.entries[index].address.begin() }
    }
    #expect(seen.isSubset(of: [0, 2]) && !seen.isEmpty)
  }

  @Test(arguments: BalancingAlgorithm.allCases) func addressesTriedAreAvoidedWhileThereAreOthers(
    algorithm: BalancingAlgorithm
  ) {
    var random = Seeded(4)
    let table = Self.table(algorithm, [1, 1, 1])
    var tried: [TargetAddress] = []
    for _ in 0..<3 {
      guard let index = Self.pick(table, hash: 77, avoiding: tried, &random) else {
        Issue.record("nothing")
        return
      }
      let address = table.entries[index].address
      #expect(!tried.contains { $0 === address })
      tried.append(address)
    }
    // All were tried: one of them again, rather than none.
    #expect(Self.pick(table, hash: 77, avoiding: tried, &random) != nil)
  }

  @Test(arguments: BalancingAlgorithm.allCases) func nothingIsPickedWithoutWeight(algorithm: BalancingAlgorithm) {
    var random = Seeded(5)
    #expect(Self.pick(Self.table(algorithm, []), &random) == nil)
    #expect(Self.pick(Self.table(algorithm, [0, 0]), &random) == nil)
    let drained = Self.table(algorithm, [0, 1, 0])
    for number in 0..<50 { #expect(Self.pick(drained, hash: UInt32(number) &* 77_777_777, &random) == 1) }
  }

  @Test(arguments: [(0.0, 2, true), (0, 3, false), (50, 1, true), (66, 1, true), (67, 1, false), (100, 0, false)])
  func theThresholdIsOfTheAvailableWeight(threshold: Double, out: Int, isHealthy: Bool) {
    let table = Self.table(.roundRobin, [10, 10, 10], threshold: threshold)
    for index in 0..<out { table.entries[index].address.force(.unhealthy) }
    table.healthChanged()
    #expect(table.isHealthy == isHealthy)
    #expect(table.unavailableWeight == out * 10)
  }

  @Test func theLeastBusyIsPickedByWeight() {
    var random = Seeded(6)
    let table = Self.table(.leastConnections, [1, 2, 1])
    var counts = [0, 0, 0]
    for _ in 0..<400 {
      guard let index = Self.pick(table, &random) else { continue }
      table.entries[index].address.begin()
      counts[index] += 1
    }
    #expect(abs(counts[1] - 200) <= 2 && abs(counts[0] - 100) <= 2, "\(counts)")
    // Those of one that ends are free again.
    for _ in 0..<100 { table.entries[0].address.end() }
    #expect(Self.pick(table, &random) == 0)
  }

  @Test func withoutRequestsUnderWayEqualsTakeTurns() {
    var random = Seeded(7)
    let table = Self.table(.leastConnections, [1, 1, 1])
    var counts = [0, 0, 0]
    for _ in 0..<30 { counts[Self.pick(table, &random) ?? 0] += 1 }
    #expect(counts == [10, 10, 10])
  }

  @Test func theFastestIsPickedUntilItIsSlow() {
    var random = Seeded(8)
    let table = Self.table(.latency, [1, 1, 1])
    for (index, milliseconds) in [50.0, 5, 500].enumerated() {
      table.entries[index].address.record(milliseconds: milliseconds, now: 1_005_000)
    }
    #expect(table.pick(now: 1_005_000, random: &random) == 1)
    for _ in 0..<20 { table.entries[1].address.record(milliseconds: 900, now: 1_007_000) }
    table.entries[1].address.record(milliseconds: 900, now: 1_009_000)
    #expect(table.pick(now: 1_009_000, random: &random) == 0)
  }

  @Test func anAverageFadesWithTime() {
    let address = TargetAddress(.init(host: "a", ip: .loopbackV4, port: 1))
    address.record(milliseconds: 100, now: 1_000_000)
    #expect(abs(address.latency(now: 1_000_000) - 100) < 0.001)
    #expect(abs(address.latency(now: 1_010_000) - 100 / 2.718_281_8) < 0.001)
  }

  @Test(arguments: [BalancingAlgorithm.leastConnections, .latency]) func manyEntriesAreSampled(
    algorithm: BalancingAlgorithm
  ) {
    var random = Seeded(9)
    let table = Self.table(algorithm, Array(repeating: 1, count: 1000))
    var seen: Set<Int> = []
    for _ in 0..<300 { seen.insert(Self.pick(table, &random) ?? -1) }
    #expect(!seen.contains(-1) && seen.count > 50)
    for entry in table.entries.dropFirst() { entry.address.force(.unhealthy) }
    table.healthChanged()
    #expect(Self.pick(table, &random) == 0)
  }
}
