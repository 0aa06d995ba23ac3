// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI

/// `rate-limiting`: how many requests a client may make in a second, a minute, … a year.
public final class RateLimitingPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var second: Double?
    var minute: Double?
    var hour: Double?
    var day: Double?
    var month: Double?
    var year: Double?
    var limitBy: String?
    var headerName: String?
    var path: String?
    var policy: String?
    var faultTolerant: Bool
    var redis: RedisSettings?
    var hideClientHeaders: Bool
    var errorCode: Double?
    var errorMessage: String?
    var syncRate: Double

    var limits: [PeriodLimit] {
      PeriodLimit.list([self.second, self.minute, self.hour, self.day, self.month, self.year])
    }
  }

  private let configuration: Configuration
  private let limits: [PeriodLimit]
  private let headers: LimitHeaders
  private let limitBy: LimitBy
  private let policy: any CountingPolicy
  private let local: LocalCounters?
  /// What the plugin is attached to: its counters are shared by nobody else.
  private let scope: CounterScope
  private let refusal: LocalResponse
  private let trouble: RepeatedTrouble

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    try self.init(configuration: configuration, environment: environment, counters: .node)
  }

  init(configuration: Configuration, environment: PluginEnvironment, counters: LocalCounters) throws {
    self.configuration = configuration
    self.limits = configuration.limits
    self.headers = LimitHeaders(self.limits)
    self.limitBy = configuration.limitBy.flatMap { LimitBy(rawValue: $0) } ?? .consumer
    self.scope = CounterScope("ratelimit", route: environment.plugin.route, service: environment.plugin.service)
    let policy = configuration.policy ?? "local"
    self.local = policy == "local" ? counters : nil
    self.trouble = RepeatedTrouble(environment)
    self.policy = try CountingPolicies.make(
      policy, redis: configuration.redis, syncRate: configuration.syncRate, environment, trouble: self.trouble)
    self.refusal = .error(
      status: max(100, min(999, UInt16(clamping: configuration.errorCode ?? 429))),
      configuration.errorMessage ?? "API rate limit exceeded")
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let now = Int(context.startedWallMicroseconds / 1_000_000)
    guard let local else { return self.awaitUsage(context, now: now) }
    let key = LocalCounters.Key(scope: self.scope.hash, self.client(of: context))
    return self.decide(context, local.count(key, self.limits, now: now), now: now)
  }

  private func awaitUsage(_ context: RequestContext, now: Int) -> PhaseAction {
    let key = self.scope.key(self.client(of: context).text)
    return context.awaiting { context in
      do {
        return self.decide(context, try await self.policy.count(key, self.limits, now: now), now: now)
      } catch {
        self.trouble.report("failed to get usage: \(error)", names: context.matchedNames)
        guard self.configuration.faultTolerant else { throw error }
        // Better some requests too many than none at all.
        return .next
      }
    }
  }

  private func client(of context: RequestContext) -> ClientIdentifier {
    self.limitBy.client(of: context, header: self.configuration.headerName, path: self.configuration.path)
  }

  private func decide(_ context: RequestContext, _ usage: Usage, now: Int) -> PhaseAction {
    let exhausted = usage.exhausted(self.limits)
    if !self.configuration.hideClientHeaders {
      self.headers.write(usage, exhausted: exhausted, now: now, to: context.response)
    }
    return exhausted == nil ? .next : .respond(self.refusal)
  }
}
