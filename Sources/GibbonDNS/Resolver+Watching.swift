// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Synchronization

/// Somebody who is told of a name's answers until `cancel()`.
public final class NameWatch: Sendable {
  fileprivate let name: String
  fileprivate let number: UInt64
  private let resolver: Resolver

  fileprivate init(_ name: String, _ number: UInt64, _ resolver: Resolver) {
    self.name = name
    self.number = number
    self.resolver = resolver
  }

  public func cancel() { self.resolver.state.withLock { $0.watched.remove(self.name, self.number) } }
}

extension Resolver {
  /// Keeps a name fresh, with traffic and without: asks for it now and each time its answer expires.
  ///
  /// - Parameter handler: gets every answer, on the resolver's thread; the first one perhaps before this returns.
  ///   It is told when an answer must not be used any longer.
  public func watch(_ name: String, handler: @escaping Completion) -> NameWatch {
    let number = self.state.withLock { $0.watched.add(name, handler) }
    // The answer comes by way of the watch; a cached one comes from here.
    let isCached = self.state.withLock { state in
      guard let cached = state.cache[name], cached.answer.expiresAt > Resolver.nowMilliseconds else { return false }
      _ = state.watched.answered(name, cached.answer, now: Resolver.nowMilliseconds)
      return true
    }
    if isCached, let cached = self.state.withLock({ $0.cache[name]?.answer }) {
      handler(cached)
      self.wakeUp()
    } else {
      self.resolve(name) { _ in }
    }
    return NameWatch(name, number, self)
  }

  /// Asks for the watched names whose answers have expired. On the resolver's thread.
  ///
  /// - Returns: milliseconds until there is something to do again; nil for never.
  func refresh() -> UInt64? {
    let now = Resolver.nowMilliseconds
    let due = self.state.withLock { $0.watched.due(now) }
    for name in due.expired { self.resolve(name) { _ in } }
    for (handlers, answer) in due.ended { for handler in handlers { handler(answer) } }
    return self.state.withLock { $0.watched.millisecondsToNext(now: now) }
  }

  /// What is known of a name, for people.
  public struct Known: Sendable {
    public let name: String
    public let answer: DNSAnswer
    /// Why the last question failed, while the answer before is used on.
    public let failure: String?
    /// Milliseconds until the name is asked for again; 0 when that is due.
    public let expiresIn: Int
    public let isWatched: Bool
  }

  /// Names in the order of their text, `limit` at most; and how often what happened since the start.
  public func known(limit: Int) -> (names: [Known], total: Int, counts: [(event: Event, count: Int)]) {
    let now = Resolver.nowMilliseconds
    return self.state.withLock { state in
      let names = state.cache.keys.sorted().prefix(limit).compactMap { name in
        state.cache[name].map { cached in
          Known(
            name: name, answer: cached.answer, failure: cached.failure,
            expiresIn: Int(clamping: cached.answer.expiresAt > now ? cached.answer.expiresAt - now : 0),
            isWatched: state.watched.contains(name))
        }
      }
      return (names, state.cache.count, Event.allCases.map { ($0, state.counts[$0] ?? 0) })
    }
  }
}

/// The names that are kept fresh, and when each is due.
struct WatchedNames {
  private struct Watched {
    var handlers: [UInt64: Resolver.Completion] = [:]
    /// The last answer that may be used.
    var usable: DNSAnswer?
    /// When there is something to do, in milliseconds; nil while the question is under way and nothing ends.
    var dueAt: UInt64?
  }

  private var names: [String: Watched] = [:]
  /// Names by the tick in which they may be due; those whose time has changed since are passed over.
  private var ticks: [UInt64: [String]] = [:]
  private var lastNumber: UInt64 = 0

  private static let tickMilliseconds: UInt64 = 100

  func contains(_ name: String) -> Bool { self.names[name] != nil }

  /// What the cache had no room for.
  func usable(_ name: String) -> Resolver.Cached? { self.names[name]?.usable.map { Resolver.Cached(answer: $0) } }

  mutating func add(_ name: String, _ handler: @escaping Resolver.Completion) -> UInt64 {
    self.lastNumber += 1
    self.names[name, default: Watched()].handlers[self.lastNumber] = handler
    return self.lastNumber
  }

  mutating func remove(_ name: String, _ number: UInt64) {
    self.names[name]?.handlers[number] = nil
    if self.names[name]?.handlers.isEmpty == true { self.names[name] = nil }
  }

  /// Takes over an answer; whoever must be told of it.
  mutating func answered(_ name: String, _ answer: DNSAnswer, now: UInt64) -> [Resolver.Completion] {
    guard self.names[name] != nil else { return [] }
    if case .found = answer.outcome {
      self.names[name]?.usable = answer
    } else {
      self.names[name]?.usable = nil
    }
    // An answer that may not be remembered at all is not asked for without a pause.
    self.schedule(name, at: max(answer.expiresAt, now + 1000))
    return self.names[name].map { Array($0.handlers.values) } ?? []
  }

  private mutating func schedule(_ name: String, at due: UInt64) {
    self.names[name]?.dueAt = due
    if due < .max { self.ticks[due / Self.tickMilliseconds + 1, default: []].append(name) }
  }

  /// The names to ask for, and the answers that have come to their end while a question is open.
  mutating func due(
    _ now: UInt64
  ) -> (expired: [String], ended: [([Resolver.Completion], DNSAnswer)]) {
    var expired: [String] = []
    var ended: [([Resolver.Completion], DNSAnswer)] = []
    for tick in self.ticks.keys where tick * Self.tickMilliseconds <= now {
      for name in self.ticks.removeValue(forKey: tick) ?? [] {
        guard let watched = self.names[name], let due = watched.dueAt, due <= now else { continue }
        self.names[name]?.dueAt = nil
        expired.append(name)
        guard let usable = watched.usable else { continue }
        if usable.usableUntil > now {
          self.schedule(name, at: usable.usableUntil)
        } else {
          self.names[name]?.usable = nil
          ended.append(
            (
              Array(watched.handlers.values),
              DNSAnswer(outcome: .failed("dns client error: no server answers"), expiresAt: now)
            ))
        }
      }
    }
    return (expired, ended)
  }

  func millisecondsToNext(now: UInt64) -> UInt64? {
    guard let next = self.ticks.keys.min() else { return nil }
    let due = next * Self.tickMilliseconds
    return due > now ? due - now : 0
  }
}
