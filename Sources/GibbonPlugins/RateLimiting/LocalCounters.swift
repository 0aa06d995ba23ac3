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
    var spans: InlineArray<6, Span>
    /// When the longest of them is over, in Unix seconds.
    var end: Int

    struct Span {
      var start = Int.min
      var count: Int64 = 0
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
      var entry = entries[key] ?? Entry(spans: .init(repeating: Entry.Span()), end: now)
      var counts: [Int64] = []
      counts.reserveCapacity(limits.count)
      var passes = true
      for (place, limit) in limits.enumerated() {
        let start = limit.period.start(of: now)
        if entry.spans[place].start != start { entry.spans[place] = Entry.Span(start: start, count: 0) }
        counts.append(entry.spans[place].count)
        if Double(entry.spans[place].count) >= limit.limit { passes = false }
        entry.end = max(entry.end, start + limit.period.seconds)
      }
      if passes {
        for place in limits.indices { entry.spans[place].count += 1 }
      }
      entries[key] = entry
      return Usage(counts: counts)
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

/// What tells one client from the others.
enum ClientIdentifier: Sendable, Hashable {
  /// Of a consumer, credential or service.
  case id(EntityID)
  /// A header's value, a path, an address.
  case text(String)

  var text: String {
    switch self {
    case .id(let id): "\(id)"
    case .text(let text): text
    }
  }
}
