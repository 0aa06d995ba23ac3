// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import Synchronization

/// Counters in Redis, asked for each request (`sync_rate` -1): exact over all nodes. As in Kong, a request counts even
/// when it is refused.
struct RedisPolicy: CountingPolicy {
  let client: RedisClient

  /// Adds one and says what was there; the first sets the end.
  static let script = """
    local count = redis.call('incr', KEYS[1])
    if count == 1 then redis.call('expire', KEYS[1], ARGV[1]) end
    return count - 1
    """

  func count(_ key: String, _ limits: [PeriodLimit], now: Int) async throws -> Usage {
    let commands = limits.map { limit -> [String] in
      // Seconds from now: a second is too short for what two clocks differ in.
      let seconds = max(limit.period.seconds, limit.period.end(of: limit.period.start(of: now)) - now)
      return ["EVAL", Self.script, "1", RedisKeys.key(key, limit.period, now: now), "\(seconds)"]
    }
    let values = try await self.client.run(commands)
    return Usage(counts: try values.map { try RedisKeys.integer($0) })
  }
}

enum RedisKeys {
  /// Kong's names, so that its nodes and ours count together.
  ///
  /// - Parameter name: of what is counted, where a plugin counts several things.
  static func key(_ key: String, _ period: Period, now: Int, name: String? = nil) -> String {
    "\(key):\(period.start(of: now) * 1000):\(name.map { $0 + ":" } ?? "")\(period.name)"
  }

  static func integer(_ value: RESPValue) throws -> Int64 {
    guard let number = value.integerValue else { throw RESPError("a count is no number") }
    return number
  }
}

/// Counters in Redis that other nodes count in too.
struct RedisCounters: SharedCounters {
  let client: RedisClient

  static let script = """
    local exists = redis.call('exists', KEYS[1])
    local count = redis.call('incrby', KEYS[1], ARGV[1])
    if exists == 0 then redis.call('expireat', KEYS[1], ARGV[2]) end
    return count
    """

  func add(_ additions: [CounterAddition]) async throws -> [Int64] {
    let values = try await self.client.run(
      additions.map { ["EVAL", Self.script, "1", $0.name, "\($0.amount)", "\(Int(clamping: $0.expiresAt))"] })
    return try values.map { try RedisKeys.integer($0) }
  }

  func values(of names: [String]) async throws -> [Int64] {
    try await self.client.run(names.map { ["GET", $0] })
      .map { value in value == .bulk(nil) ? 0 : try RedisKeys.integer(value) }
  }
}

/// Counters in Redis that this node keeps a copy of, and compares every `sync_rate` seconds.
///
/// Between two comparisons a node does not know of the others' requests: with n nodes, at most what the other n - 1
/// let pass in one interval goes beyond the limit. If Redis is away, this node counts on by itself and tells Redis
/// when it is back.
final class SyncedRedisPolicy: CountingPolicy {
  private struct Copy {
    /// As Redis had it last.
    var base: Int64
    /// Counted here since.
    var delta: Int64
    /// Unix seconds.
    let end: Int
  }

  private let counters: RedisCounters
  private let copies = Mutex<[String: Copy]>([:])
  private let syncing = Mutex<Task<Void, Never>?>(nil)

  /// Counters that are kept; beyond that, those that have nothing to tell go.
  private static let capacity = 200_000

  init(client: RedisClient, interval: Duration, trouble: RepeatedTrouble) {
    self.counters = RedisCounters(client: client)
    let task = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: interval)
        guard let self else { return }
        do { try await self.synchronize() } catch { trouble.report("failed to synchronize counters: \(error)") }
      }
    }
    self.syncing.withLock { $0 = task }
  }

  deinit { self.syncing.withLock { $0 }?.cancel() }

  func count(_ key: String, _ limits: [PeriodLimit], now: Int) async throws -> Usage {
    let names = limits.map { RedisKeys.key(key, $0.period, now: now) }
    let unknown = self.copies.withLock { copies in
      names.enumerated().filter { copies[$1] == nil }.map { (name: $1, limit: limits[$0]) }
    }
    if !unknown.isEmpty {
      let values = try await self.counters.values(of: unknown.map(\.name))
      self.copies.withLock { copies in
        if copies.count >= Self.capacity { self.makeRoom(&copies, now: now) }
        for (place, entry) in unknown.enumerated() where copies[entry.name] == nil {
          let period = entry.limit.period
          copies[entry.name] = Copy(base: values[place], delta: 0, end: period.end(of: period.start(of: now)))
        }
      }
    }
    return self.copies.withLock { copies in
      let usage = Usage(counts: names.map { copies[$0].map { $0.base + $0.delta } ?? 0 })
      if usage.exhausted(limits) == nil {
        for name in names { copies[name]?.delta += 1 }
      }
      return usage
    }
  }

  private func makeRoom(_ copies: inout [String: Copy], now: Int) {
    copies = copies.filter { $0.value.end > now && $0.value.delta != 0 }
    while copies.count >= Self.capacity, let key = copies.keys.first { copies[key] = nil }
  }

  /// Tells Redis what was counted here and learns what others counted.
  func synchronize() async throws {
    let pending = self.copies.withLock { copies in copies.filter { $0.value.delta != 0 } }
    if pending.isEmpty { return }
    let entries = Array(pending)
    let values = try await self.counters.add(
      entries.map { CounterAddition($0.key, by: $0.value.delta, expiresAt: Double($0.value.end)) })
    self.copies.withLock { copies in
      for (place, entry) in entries.enumerated() {
        copies[entry.key]?.base = values[place]
        copies[entry.key]?.delta -= entry.value.delta
      }
    }
  }
}
