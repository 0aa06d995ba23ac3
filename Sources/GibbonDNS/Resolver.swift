// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import GibbonCore
internal import Synchronization

/// Resolves names with c-ares on a thread of its own: hosts file, search domains, SRV, A and AAAA records and
/// their TTLs. Answers are cached, also negative ones, and a name is asked for once however many wait.
///
/// An answer that has expired stays in use until a server says something else, at most `staleTTL` longer: the time
/// runs from its own end, however often the question failed since.
///
/// Thread-safe.
public final class Resolver: Sendable {
  public typealias Completion = @Sendable (DNSAnswer) -> Void

  struct State {
    var cache: [String: Cached] = [:]
    var waiting: [String: [Completion]] = [:]
    var watched = WatchedNames()
    var counts: [Event: Int] = [:]
    var isSilent = false
  }

  struct Cached {
    var answer: DNSAnswer
    /// Of the last answer that found something.
    var kind: RecordKind?
    /// Why the last question failed, while the answer before is used on.
    var failure: String?
  }

  /// What is counted.
  public enum Event: String, Sendable, CaseIterable {
    case hits, misses, queries, stale, failures
  }

  let settings: ResolverSettings
  let state = Mutex(State())
  private let stale: Atomic<Int>
  private let queries = Mutex<QueryThread?>(nil)

  public init(settings: ResolverSettings) throws {
    self.settings = settings
    self.stale = Atomic(settings.staleTTL)
    let thread = try QueryThread(servers: settings.servers, hosts: settings.hosts) { [weak self] in self?.refresh() }
    self.queries.withLock { $0 = thread }
  }

  deinit { self.queries.withLock { $0?.stop() } }

  /// Changes `ResolverSettings.staleTTL` for the answers to come.
  public func setStaleTTL(_ seconds: Int) { self.stale.store(seconds, ordering: .relaxed) }

  /// Calls `completion` once: before returning when the answer is cached, else on the resolver's thread.
  public func resolve(_ name: String, completion: @escaping Completion) {
    if let literal = IPAddress(name) { return completion(Self.answer(for: literal)) }
    enum Step {
      case answer(DNSAnswer)
      case ask(RecordKind?)
      case wait
    }
    let now = Resolver.nowMilliseconds
    let step: Step = self.state.withLock { state in
      let cached = state.cache[name]
      if let cached, cached.answer.expiresAt > now {
        state.counts[.hits, default: 0] += 1
        return .answer(cached.answer)
      }
      state.counts[.misses, default: 0] += 1
      if state.waiting[name] != nil {
        state.waiting[name]?.append(completion)
        return .wait
      }
      state.waiting[name] = [completion]
      return .ask(cached?.kind)
    }
    switch step {
    case .answer(let answer): completion(answer)
    case .wait: break
    case .ask(let last): self.ask(name, last: last)
    }
  }

  /// An address in place of a name, which holds for ever.
  static func answer(for literal: IPAddress) -> DNSAnswer {
    DNSAnswer(outcome: .found([DNSEndpoint(literal)], literal.isV6 ? .aaaa : .a), expiresAt: .max)
  }

  /// Forgets all answers.
  public func flush() { self.state.withLock { $0.cache.removeAll() } }

  /// To be called for a name that is in `waiting`.
  func ask(_ name: String, last: RecordKind?) {
    self.state.withLock { $0.counts[.queries, default: 0] += 1 }
    let kinds = self.settings.kinds(of: name, last: last)
    self.queries.withLock { $0 }?.ask(name, kinds) { [weak self] result in self?.finish(name, result) }
  }

  func wakeUp() { self.queries.withLock { $0 }?.wakeUp() }

  private func finish(_ name: String, _ result: LookupResult) {
    let now = Resolver.nowMilliseconds
    let (answer, waiting, watchers) = self.state.withLock { state in
      let cached = self.cached(
        for: result, after: state.cache[name] ?? state.watched.usable(name), now, &state.counts)
      if state.cache[name] == nil, state.cache.count >= self.settings.cacheSize { self.makeRoom(in: &state.cache) }
      state.cache[name] = cached
      let watchers = state.watched.answered(name, cached.answer, now: now)
      return (cached.answer, state.waiting.removeValue(forKey: name) ?? [], watchers)
    }
    for completion in waiting { completion(answer) }
    for watcher in watchers { watcher(answer) }
  }

  /// Drops what has expired; if all is fresh, everything.
  private func makeRoom(in cache: inout [String: Cached]) {
    let now = Resolver.nowMilliseconds
    cache = cache.filter { $0.value.answer.expiresAt > now }
    if cache.count >= self.settings.cacheSize { cache.removeAll() }
  }

  private func cached(
    for result: LookupResult, after last: Cached?, _ now: UInt64, _ counts: inout [Event: Int]
  ) -> Cached {
    func end(_ seconds: Int) -> UInt64 { now + UInt64(max(0, seconds)) * 1000 }
    switch result {
    case .found(let endpoints, let kind, let ttl):
      // A zero TTL would ask for every request.
      let expiry = end(max(1, self.settings.validTTL ?? ttl))
      let stale = UInt64(max(0, self.stale.load(ordering: .relaxed))) * 1000
      let answer = DNSAnswer(
        outcome: .found(endpoints, kind), expiresAt: expiry, usableUntil: expiry.addingReportingOverflow(stale).0)
      return Cached(answer: answer, kind: kind)
    case .notFound(let reason):
      counts[.failures, default: 0] += 1
      return Cached(
        answer: DNSAnswer(outcome: .failed(reason), expiresAt: end(self.settings.notFoundTTL)), kind: last?.kind)
    case .failed(let reason):
      counts[.failures, default: 0] += 1
      let retry = end(self.settings.errorTTL)
      if let last, case .found = last.answer.outcome, last.answer.usableUntil > now {
        counts[.stale, default: 0] += 1
        // What was known serves on, and its end does not move.
        let kept = DNSAnswer(
          outcome: last.answer.outcome, expiresAt: min(retry, last.answer.usableUntil),
          usableUntil: last.answer.usableUntil)
        return Cached(answer: kept, kind: last.kind, failure: reason)
      }
      return Cached(answer: DNSAnswer(outcome: .failed(reason), expiresAt: retry), kind: last?.kind)
    }
  }

  static var nowMilliseconds: UInt64 { gibbon_monotonic_us() / 1000 }
}
