// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI
internal import Synchronization

/// `response-ratelimiting`: how much a client may use up of what services say in their responses that it used.
public final class ResponseRatelimitingPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    /// What one name may be used in each period.
    struct Amounts: Decodable, Sendable {
      var second: Double?
      var minute: Double?
      var hour: Double?
      var day: Double?
      var month: Double?
      var year: Double?

      var limits: [PeriodLimit] {
        PeriodLimit.list([self.second, self.minute, self.hour, self.day, self.month, self.year])
      }
    }

    var headerName: String?
    var limitBy: String?
    var policy: String?
    var faultTolerant: Bool
    var redis: RedisSettings?
    var blockOnFirstViolation: Bool
    var hideClientHeaders: Bool
    var limits: [String: Amounts]
  }

  /// What a request's later phases need to know.
  private struct Held: Sendable {
    let client: ClientIdentifier
    /// Unix seconds.
    let startedAt: Int
    /// Of each limit, before the request.
    let usage: [Usage]
    let remaining: [[Double]]
    var amounts: [Int64]
    var isRefused = false
  }

  /// Additions under way to counters of other nodes; beyond that they answer too slowly to be told.
  private static let pendingLimit = 10_000
  /// Seconds that a counter is kept after its period: clocks differ, and an addition may come late.
  private static let grace = 30

  private let configuration: Configuration
  private let trouble: RepeatedTrouble
  private let headerName: String
  private let limitBy: LimitBy
  /// By name.
  private let limits: [NamedLimit]
  private let places: [String: Int]
  private let headers: NamedLimitHeaders
  private let scope: CounterScope
  private let local: LocalCounters
  private let shared: (any SharedCounters)?
  private let pending = Atomic<Int>(0)

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    try self.init(configuration: configuration, environment: environment, counters: .node)
  }

  init(configuration: Configuration, environment: PluginEnvironment, counters: LocalCounters) throws {
    let scope = CounterScope(
      "response-ratelimit", route: environment.plugin.route, service: environment.plugin.service)
    let limits = configuration.limits.sorted { $0.key < $1.key }
      .map { NamedLimit(name: $0.key, limits: $0.value.limits, hash: scope.hash(of: $0.key)) }
    self.configuration = configuration
    self.trouble = RepeatedTrouble(environment)
    self.headerName = configuration.headerName ?? "x-kong-limit"
    self.limitBy = configuration.limitBy.flatMap { LimitBy(rawValue: $0) } ?? .consumer
    self.limits = limits
    self.places = Dictionary(uniqueKeysWithValues: limits.enumerated().map { ($1.name, $0) })
    self.headers = NamedLimitHeaders(limits)
    self.scope = scope
    self.local = counters
    self.shared = try CountingPolicies.counters(
      configuration.policy ?? "local", redis: configuration.redis, environment)
  }

  // MARK: Before the service

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let now = Int(context.startedWallMicroseconds / 1_000_000)
    let client = self.limitBy.client(of: context)
    guard let shared else {
      let usage = self.limits.map { limit in
        self.local.usage(of: LocalCounters.Key(scope: limit.hash, client), limit.limits, now: now)
      }
      return self.decide(context, client, usage, now: now)
    }
    return context.awaiting { context in
      do {
        return self.decide(context, client, try await self.usage(shared, client, now: now), now: now)
      } catch {
        self.trouble.report("failed to get usage: \(error)", names: context.matchedNames)
        guard self.configuration.faultTolerant else { throw error }
        self.headers.tellNothing(context.serviceRequest)
        return .next
      }
    }
  }

  private func usage(_ counters: any SharedCounters, _ client: ClientIdentifier, now: Int) async throws -> [Usage] {
    let key = self.scope.key(client.text)
    let values = try await counters.values(
      of: self.limits.flatMap { limit in
        limit.limits.map { RedisKeys.key(key, $0.period, now: now, name: limit.name) }
      })
    var rest = values[...]
    return self.limits.map { limit in
      defer { rest = rest.dropFirst(limit.limits.count) }
      return Usage(counts: Array(rest.prefix(limit.limits.count)))
    }
  }

  private func decide(
    _ context: RequestContext, _ client: ClientIdentifier, _ usage: [Usage], now: Int
  ) -> PhaseAction {
    let remaining = zip(self.limits, usage).map { $0.remaining($1) }
    if self.configuration.blockOnFirstViolation {
      for (limit, left) in zip(self.limits, remaining) where left.contains(where: { $0 <= 0 }) {
        return .respond(.error(status: 429, "API rate limit exceeded for '\(limit.name)'"))
      }
    }
    context.pluginValue = Held(
      client: client, startedAt: now, usage: usage, remaining: remaining,
      amounts: self.limits.map { _ in 0 })
    self.headers.tell(context.serviceRequest, remaining)
    return .next
  }

  // MARK: After it

  public func headerFilter(_ context: RequestContext) throws {
    let fields = context.serviceResponse.headers(self.headerName)
    // Between the service and the gateway; also where nothing could be counted.
    if !fields.isEmpty { context.response.clearHeader(self.headerName) }
    guard var held = context.pluginValue as? Held else { return }
    held.amounts = Increments.parse(fields, places: self.places)
    if !self.configuration.hideClientHeaders {
      self.headers.write(self.limits, held.remaining, using: held.amounts, to: context.response)
    }
    let isExceeded = zip(held.amounts, held.remaining).contains { amount, left in
      amount > 0 && left.contains { $0 <= 0 }
    }
    // A tunnel that is open cannot be refused; it counts.
    if isExceeded, context.serviceResponse.status != 101 {
      held.isRefused = true
      context.response.setStatus(429)
      context.response.dropBody()
    }
    context.pluginValue = held
  }

  public func log(_ context: RequestContext) throws {
    guard let held = context.pluginValue as? Held, !held.isRefused else { return }
    let milliseconds = context.outcome.startedAtMilliseconds &+ UInt64(clamping: context.outcome.latencies.request)
    let now = Int(milliseconds / 1000)
    for (place, limit) in self.limits.enumerated() where held.amounts[place] != 0 {
      self.count(held, place, limit, now: now)
    }
  }

  private func count(_ held: Held, _ place: Int, _ limit: NamedLimit, now: Int) {
    let amount = held.amounts[place]
    guard let shared else {
      let key = LocalCounters.Key(scope: limit.hash, held.client)
      return self.local.add(amount, to: key, limit.limits, since: held.startedAt, now: now)
    }
    let key = self.scope.key(held.client.text)
    let additions = zip(limit.limits, held.usage[place].counts).compactMap { limited, count -> CounterAddition? in
      let period = limited.period
      let start = period.start(of: held.startedAt)
      // A period that ended meanwhile is read by nobody.
      guard start == period.start(of: now), count.magnitude < Increments.countLimit else { return nil }
      return CounterAddition(
        RedisKeys.key(key, period, now: held.startedAt, name: limit.name), by: amount,
        expiresAt: Double(period.end(of: start) + Self.grace))
    }
    self.tell(shared, additions)
  }

  /// Behind the response, which has gone.
  private func tell(_ counters: any SharedCounters, _ additions: [CounterAddition]) {
    guard !additions.isEmpty else { return }
    guard self.pending.wrappingAdd(1, ordering: .relaxed).newValue <= Self.pendingLimit else {
      self.pending.wrappingSubtract(1, ordering: .relaxed)
      return self.trouble.report("more than \(Self.pendingLimit) counts wait for the counters")
    }
    Task {
      do { _ = try await counters.add(additions) } catch {
        self.trouble.report("could not increment counters: \(error)")
      }
      self.pending.wrappingSubtract(1, ordering: .relaxed)
    }
  }
}
