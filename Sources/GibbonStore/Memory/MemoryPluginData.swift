// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Counters and locks.
struct MemoryPluginData: Sendable {
  private struct Counter {
    var value: Int64
    let expiresAt: Double
  }

  private struct Lock {
    let owner: EntityID
    let expiresAt: Double
  }

  private var counters: [CounterKey: Counter] = [:]
  /// The number of counters at which those are looked for whose time is over.
  private var sweepCount = Self.firstSweepCount
  private var locks: [String: Lock] = [:]

  private static let firstSweepCount = 4096
  private static let counterLimit = 1_000_000
  private static let lockLimit = 10_000

  // MARK: Counters

  /// All additions or none.
  mutating func increment(_ increments: [CounterIncrement], at now: Double) throws(StoreError) -> [Int64] {
    if self.counters.count >= self.sweepCount { self.sweepCounters(at: now) }
    guard self.counters.count + increments.count <= Self.counterLimit else {
      throw .unavailable("there are more than \(Self.counterLimit) counters in memory")
    }
    return increments.map { self.increment($0, at: now) }
  }

  private mutating func increment(_ increment: CounterIncrement, at now: Double) -> Int64 {
    guard var counter = self.counters[increment.key], counter.expiresAt > now else {
      self.counters[increment.key] = Counter(value: increment.amount, expiresAt: increment.expiresAt)
      return increment.amount
    }
    let (sum, overflows) = counter.value.addingReportingOverflow(increment.amount)
    counter.value = overflows ? (increment.amount < 0 ? .min : .max) : sum
    self.counters[increment.key] = counter
    return counter.value
  }

  func counter(_ key: CounterKey, at now: Double) -> Int64 {
    guard let counter = self.counters[key], counter.expiresAt > now else { return 0 }
    return counter.value
  }

  private mutating func sweepCounters(at now: Double) {
    self.counters = self.counters.filter { $0.value.expiresAt > now }
    self.sweepCount = max(Self.firstSweepCount, 2 * self.counters.count)
  }

  // MARK: Locks

  mutating func acquireLock(
    _ name: String, owner: EntityID, until end: Double, at now: Double
  ) throws(StoreError) -> Bool {
    if let lock = self.locks[name], lock.owner != owner, lock.expiresAt > now { return false }
    if self.locks[name] == nil, self.locks.count >= Self.lockLimit {
      self.sweepLocks(at: now)
      guard self.locks.count < Self.lockLimit else {
        throw .unavailable("there are more than \(Self.lockLimit) locks in memory")
      }
    }
    self.locks[name] = Lock(owner: owner, expiresAt: end)
    return true
  }

  mutating func releaseLock(_ name: String, owner: EntityID) {
    if self.locks[name]?.owner == owner { self.locks[name] = nil }
  }

  private mutating func sweepLocks(at now: Double) { self.locks = self.locks.filter { $0.value.expiresAt > now } }

  // MARK: Both

  /// Forgets what has outlived its time.
  mutating func sweep(at now: Double) {
    self.sweepCounters(at: now)
    self.sweepLocks(at: now)
  }
}
