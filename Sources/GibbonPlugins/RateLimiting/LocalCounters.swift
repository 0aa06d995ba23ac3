// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Synchronization

/// Counts of this node, exact over all event loops: looking and counting are one step.
///
/// Bounded: a shard that is full forgets what is over, and if that is not enough, some of the rest.
final class LocalCounters: Sendable {
  /// Whose requests: two hashes with the process's random seed stand for the text, so that a key costs no memory of
  /// its own and cannot be forged to meet another.
  struct Key: Sendable, Hashable {
    let first: Int
    let second: Int

    init(scope: Int, _ client: ClientIdentifier) {
      self.first = Self.hash(scope, client)
      self.second = Self.hash(~scope, client)
    }

    private static func hash(_ scope: Int, _ client: ClientIdentifier) -> Int {
      var hasher = Hasher()
      hasher.combine(scope)
      hasher.combine(client)
      return hasher.finalize()
    }
  }

  private struct Entry {
    /// Start and count of each limit's current span, in the order of the limits.
    private var spans = InlineArray<6, Span>(repeating: Span())
    /// When the longest of them is over, in Unix seconds.
    private(set) var end: Int

    private struct Span {
      var start = Int.min
      var count: Int64 = 0
    }

    init(end: Int) { self.end = end }

    func usage(_ limits: [PeriodLimit], now: Int) -> Usage {
      Usage(
        counts: limits.enumerated().map { place, limit in
          self.spans[place].start == limit.period.start(of: now) ? self.spans[place].count : 0
        })
    }

    mutating func count(_ limits: [PeriodLimit], now: Int) -> Usage {
      var counts: [Int64] = []
      counts.reserveCapacity(limits.count)
      var passes = true
      for (place, limit) in limits.enumerated() {
        let start = limit.period.start(of: now)
        if self.spans[place].start != start { self.begin(place, limit.period, start) }
        counts.append(self.spans[place].count)
        if Double(self.spans[place].count) >= limit.limit { passes = false }
      }
      if passes {
        for place in limits.indices { self.spans[place].count &+= 1 }
      }
      return Usage(counts: counts)
    }

    mutating func add(_ amount: Int64, _ limits: [PeriodLimit], since began: Int, now: Int) {
      for (place, limit) in limits.enumerated() {
        let start = limit.period.start(of: began)
        guard start == limit.period.start(of: now) else { continue }
        if self.spans[place].start != start { self.begin(place, limit.period, start) }
        let (sum, overflows) = self.spans[place].count.addingReportingOverflow(amount)
        self.spans[place].count = overflows ? (amount < 0 ? .min : .max) : sum
      }
    }

    private mutating func begin(_ place: Int, _ period: Period, _ start: Int) {
      self.spans[place] = Span(start: start, count: 0)
      self.end = max(self.end, period.end(of: start))
    }
  }

  private final class Shard: Sendable {
    let entries = Mutex<[Key: Entry]>([:])
  }

  private let shards: [Shard]
  private let shardCapacity: Int
  private static let shardCount = 64

  /// For all instances of a node: a changed configuration goes on counting where the last one was.
  static let node = LocalCounters(capacity: 262_144)

  init(capacity: Int) {
    self.shards = (0..<Self.shardCount).map { _ in Shard() }
    self.shardCapacity = max(1, capacity / Self.shardCount)
  }

  /// Counts a request unless a limit is used up.
  ///
  /// - Parameter now: Unix seconds.
  /// - Returns: what was used before it.
  func count(_ key: Key, _ limits: [PeriodLimit], now: Int) -> Usage {
    self.shards[key.first & (Self.shardCount - 1)].entries.withLock { entries in
      if entries.count >= self.shardCapacity, entries[key] == nil { self.makeRoom(&entries, now: now) }
      return entries[key, default: Entry(end: now)].count(limits, now: now)
    }
  }

  /// What was used, without counting.
  func usage(of key: Key, _ limits: [PeriodLimit], now: Int) -> Usage {
    self.shards[key.first & (Self.shardCount - 1)].entries.withLock { entries in
      (entries[key] ?? Entry(end: now)).usage(limits, now: now)
    }
  }

  /// Counts what a request used that began some time ago, whatever the limits say: in the periods that are still the
  /// same. A count stays at the greatest number there is.
  func add(_ amount: Int64, to key: Key, _ limits: [PeriodLimit], since began: Int, now: Int) {
    self.shards[key.first & (Self.shardCount - 1)].entries.withLock { entries in
      if entries.count >= self.shardCapacity, entries[key] == nil { self.makeRoom(&entries, now: now) }
      entries[key, default: Entry(end: now)].add(amount, limits, since: began, now: now)
    }
  }

  private func makeRoom(_ entries: inout [Key: Entry], now: Int) {
    for (key, entry) in entries where entry.end <= now { entries[key] = nil }
    guard entries.count >= self.shardCapacity else { return }
    // Which ones is up to the hashes, so nobody can choose whose.
    for key in Array(entries.keys.prefix(max(1, self.shardCapacity / 8))) { entries[key] = nil }
  }

  /// Entries that are held, for measurements.
  var entryCount: Int { self.shards.reduce(0) { $0 + $1.entries.withLock { $0.count } } }
}
