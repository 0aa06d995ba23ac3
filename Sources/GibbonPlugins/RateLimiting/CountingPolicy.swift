// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Where requests are counted besides this node's memory.
protocol CountingPolicy: Sendable {
  /// Counts a request under a key unless a limit is used up.
  ///
  /// - Parameter now: Unix seconds.
  /// - Returns: what was used before it.
  func count(_ key: String, _ limits: [PeriodLimit], now: Int) async throws -> Usage
}

/// What a plugin is attached to, as part of its counters' keys (Kong's: the zero id stands for nothing).
struct CounterScope: Sendable {
  private let prefix: String
  let hash: Int

  /// - Parameter word: what the keys of this plugin begin with.
  init(_ word: String, route: EntityID?, service: EntityID?) {
    let nothing = EntityID(high: 0, low: 0)
    self.prefix = "\(word):\(route ?? nothing):\(service ?? nothing):"
    self.hash = self.prefix.utf8.span.seededHash
  }

  func key(_ identifier: String) -> String { self.prefix + identifier }

  /// Of what is counted under a name of its own.
  func hash(of name: String) -> Int { (self.prefix + name).utf8.span.seededHash }
}

enum CountingPolicies {
  /// A day, in seconds; `sync_rate` may be any number.
  private static let longestInterval: Double = 86_400

  static func make(
    _ name: String, redis: RedisSettings?, syncRate: Double, _ environment: PluginEnvironment,
    trouble: RepeatedTrouble
  ) throws -> any CountingPolicy {
    switch name {
    case "cluster": return ClusterPolicy(counters: try Self.datastore(environment), trouble: trouble)
    case "redis":
      let client = try Self.client(redis, environment)
      let interval = Duration.milliseconds(Int(clamping: min(syncRate, Self.longestInterval) * 1000))
      return syncRate == -1
        ? RedisPolicy(client: client) : SyncedRedisPolicy(client: client, interval: interval, trouble: trouble)
    default: return NoPolicy()
    }
  }

  /// The counters that a policy shares with other nodes; nil where it counts in this node's memory.
  static func counters(
    _ name: String, redis: RedisSettings?, _ environment: PluginEnvironment
  ) throws -> (any SharedCounters)? {
    switch name {
    case "cluster": try Self.datastore(environment)
    case "redis": RedisCounters(client: try Self.client(redis, environment))
    default: nil
    }
  }

  private static func datastore(_ environment: PluginEnvironment) throws -> any SharedCounters {
    guard let counters = environment.counters else {
      throw CountingFailure("policy 'cluster' needs a database; use 'local' or 'redis'")
    }
    return counters
  }

  private static func client(_ redis: RedisSettings?, _ environment: PluginEnvironment) throws -> RedisClient {
    guard let redis, redis.host != nil else { throw CountingFailure("policy 'redis' needs redis.host") }
    return RedisClients.client(for: redis, trust: environment.settings.trust)
  }
}

struct CountingFailure: Error, Sendable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Counting is local: nobody asks.
private struct NoPolicy: CountingPolicy {
  func count(_ key: String, _ limits: [PeriodLimit], now: Int) async throws -> Usage {
    Usage(counts: limits.map { _ in 0 })
  }
}

/// Counters in the datastore, for all nodes on it: one round trip for a request.
///
/// Never lets more pass than the limit: a request counts itself first and sees what was there before. One that is
/// refused takes its count back, which happens behind its answer; until then others may be refused that would have
/// just fitted.
struct ClusterPolicy: CountingPolicy {
  let counters: any SharedCounters
  let trouble: RepeatedTrouble

  func count(_ key: String, _ limits: [PeriodLimit], now: Int) async throws -> Usage {
    let additions = limits.map { limit -> CounterAddition in
      let start = limit.period.start(of: now)
      return CounterAddition(
        "\(key):\(start):\(limit.period.name)", by: 1, expiresAt: Double(limit.period.end(of: start)))
    }
    let usage = Usage(counts: try await self.counters.add(additions).map { $0 - 1 })
    if usage.exhausted(limits) != nil {
      let (counters, trouble) = (self.counters, self.trouble)
      Task {
        do {
          _ = try await counters.add(additions.map { CounterAddition($0.name, by: -1, expiresAt: $0.expiresAt) })
        } catch {
          trouble.report("failed to take a count back: \(error)")
        }
      }
    }
    return usage
  }
}
