// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
public import GibbonCore
internal import Synchronization

/// How names are resolved.
public struct ResolverSettings: Sendable {
  /// `address[:port]` of name servers; empty uses `/etc/resolv.conf`.
  public var servers: [String] = []
  /// Seconds that replace every answer's own TTL; nil respects it.
  public var validTTL: Int?
  /// Seconds an answer "no such name" is remembered.
  public var notFoundTTL = 30
  /// Seconds any other failure is remembered.
  public var errorTTL = 1
  /// Answers remembered at most.
  public var cacheSize = 10_000
  /// Whether IPv6 addresses are asked for too.
  public var usesIPv6 = true

  public init() {}
}

/// What is known of a name.
public struct DNSAnswer: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    /// At least one.
    case addresses([IPAddress])
    /// Kong's words: `dns server error: 3 name error`…
    case failed(String)
  }

  public let outcome: Outcome
  /// Milliseconds of the monotonic clock until which this holds.
  public let expiresAt: UInt64

  public init(outcome: Outcome, expiresAt: UInt64) {
    self.outcome = outcome
    self.expiresAt = expiresAt
  }
}

/// Resolves names with c-ares on a thread of its own: hosts file, search domains, A and AAAA records and
/// their TTLs. Answers are cached, also negative ones, and a name is asked for once however many wait.
///
/// Thread-safe.
public final class Resolver: Sendable {
  public typealias Completion = @Sendable (DNSAnswer) -> Void

  private struct State {
    var cache: [String: DNSAnswer] = [:]
    var waiting: [String: [Completion]] = [:]
  }

  private let settings: ResolverSettings
  private let state = Mutex(State())
  private let queries: QueryThread

  public init(settings: ResolverSettings) throws {
    self.settings = settings
    self.queries = try QueryThread(servers: settings.servers, usesIPv6: settings.usesIPv6)
  }

  deinit { self.queries.stop() }

  /// Calls `completion` once: before returning when the answer is cached, else on the resolver's thread.
  public func resolve(_ name: String, completion: @escaping Completion) {
    enum Step {
      case answer(DNSAnswer)
      case ask, wait
    }
    let now = Resolver.nowMilliseconds
    let step: Step = self.state.withLock { state in
      if let cached = state.cache[name], cached.expiresAt > now { return .answer(cached) }
      if state.waiting[name] != nil {
        state.waiting[name]?.append(completion)
        return .wait
      }
      state.waiting[name] = [completion]
      return .ask
    }
    switch step {
    case .answer(let answer): completion(answer)
    case .wait: break
    case .ask:
      self.queries.ask(name) { [weak self] result in self?.finish(name, result) }
    }
  }

  /// Forgets all answers.
  public func flush() { self.state.withLock { $0.cache.removeAll() } }

  private func finish(_ name: String, _ result: QueryResult) {
    let answer = self.answer(for: result)
    let waiting = self.state.withLock { state in
      if state.cache.count >= self.settings.cacheSize { self.makeRoom(in: &state.cache) }
      state.cache[name] = answer
      return state.waiting.removeValue(forKey: name) ?? []
    }
    for completion in waiting { completion(answer) }
  }

  /// Drops what has expired; if all is fresh, everything.
  private func makeRoom(in cache: inout [String: DNSAnswer]) {
    let now = Resolver.nowMilliseconds
    cache = cache.filter { $0.value.expiresAt > now }
    if cache.count >= self.settings.cacheSize { cache.removeAll() }
  }

  private func answer(for result: QueryResult) -> DNSAnswer {
    let seconds: Int
    let outcome: DNSAnswer.Outcome
    switch result {
    case .found(let addresses, let ttl):
      // A zero TTL would ask for every request.
      seconds = max(1, self.settings.validTTL ?? ttl)
      outcome = .addresses(addresses)
    case .notFound(let reason):
      seconds = self.settings.notFoundTTL
      outcome = .failed(reason)
    case .failed(let reason):
      seconds = self.settings.errorTTL
      outcome = .failed(reason)
    }
    return DNSAnswer(outcome: outcome, expiresAt: Resolver.nowMilliseconds + UInt64(max(0, seconds)) * 1000)
  }

  static var nowMilliseconds: UInt64 { gibbon_monotonic_us() / 1000 }
}
