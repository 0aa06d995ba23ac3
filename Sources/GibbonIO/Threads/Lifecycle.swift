// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a server does about signals, from its first request to its end: a value that decides, without a clock and
/// without threads. Whoever holds it carries out the actions and tells when they are done.
///
/// An end that was asked for is never put off by a later signal, only brought forward.
public struct Lifecycle: Sendable {
  public typealias Instant = ContinuousClock.Instant

  public enum Event: Sendable, Hashable {
    case signal(Signal)
    /// The reload that was begun is over, whatever came of it.
    case reloaded
    /// Nothing is under way any more.
    case drained
    case stopped
    /// `deadline` has come.
    case time
  }

  /// Why something that was under way is cut off.
  public enum Cause: Sendable, Hashable {
    case terminated
    case timeOver
  }

  public enum Action: Sendable, Hashable {
    case reload
    /// The server is about to end: nothing is applied any more.
    case refuseReload
    case reopenLogs
    /// Requests should go elsewhere from now on; those that come are served.
    case announceEnd
    /// Take nothing new, and tell with `.drained` when everything is answered.
    case drain
    case endTunnels
    /// Cut off what is under way, for a reason, and end everything; tell with `.stopped`.
    case stop(Cause?)
    /// At once: what `stop` still waits for is given up.
    case exit
  }

  private enum Phase { case serving, leaving, draining, stopping }

  /// How long a tunnel, which has no end of its own, may outlast the start of a drain that has no limit.
  public static let tunnelSeconds = 10
  /// Added to the limit that a command gave, which ends the drain itself when the time is over.
  private static let graceSeconds = 1

  private var phase = Phase.serving
  private var isReloading = false
  private var reloadsAgain = false
  /// Seconds that a drain takes at most unless it is told otherwise; nil: as long as requests take.
  private let limitSeconds: Int?
  /// When a drain that was announced begins, and what limit it has.
  private var leavesAt: Instant?
  private var askedSeconds: Int?
  private var tunnelsEndAt: Instant?
  private var cutsAt: Instant?

  public init(drainSeconds: Int? = nil) { self.limitSeconds = drainSeconds }

  /// When `.time` is due.
  public var deadline: Instant? {
    switch self.phase {
    case .serving, .stopping: nil
    // A reload under way is waited for; its end is an event.
    case .leaving: self.isReloading ? nil : self.leavesAt
    case .draining: [self.tunnelsEndAt, self.cutsAt].compactMap { $0 }.min()
    }
  }

  public mutating func decide(_ event: Event, at now: Instant) -> [Action] {
    switch event {
    case .signal(let signal): return self.decide(signal, at: now)
    case .reloaded:
      self.isReloading = false
      if self.phase == .leaving { return self.leaveIfDue(now) }
      guard self.phase == .serving, self.reloadsAgain else { return [] }
      self.reloadsAgain = false
      self.isReloading = true
      return [.reload]
    case .drained: return self.phase == .draining ? self.stop(nil) : []
    case .stopped: return self.phase == .stopping ? [.exit] : []
    case .time: return self.timePassed(now)
    }
  }

  private mutating func decide(_ signal: Signal, at now: Instant) -> [Action] {
    switch signal {
    case .terminate: return self.phase == .stopping ? [.exit] : self.stop(.terminated)
    case .drain(let request): return self.drain(request, at: now)
    case .reopenLogs: return self.phase == .stopping ? [] : [.reopenLogs]
    case .reload:
      guard self.phase == .serving else { return [.refuseReload] }
      if self.isReloading {
        self.reloadsAgain = true
        return []
      }
      self.isReloading = true
      return [.reload]
    }
  }

  private mutating func drain(_ request: DrainRequest, at now: Instant) -> [Action] {
    let wait = now.advanced(by: .seconds(request.waitSeconds))
    switch self.phase {
    case .serving:
      self.phase = .leaving
      self.leavesAt = wait
      self.askedSeconds = request.limitSeconds
      return [.announceEnd] + self.leaveIfDue(now)
    case .leaving:
      self.leavesAt = min(self.leavesAt ?? wait, wait)
      self.askedSeconds = request.limitSeconds ?? self.askedSeconds
      return self.leaveIfDue(now)
    case .draining:
      guard let seconds = request.limitSeconds else { return [] }
      let end = wait.advanced(by: .seconds(seconds + Self.graceSeconds))
      self.cutsAt = min(self.cutsAt ?? end, end)
      return []
    case .stopping: return []
    }
  }

  private mutating func leaveIfDue(_ now: Instant) -> [Action] {
    guard !self.isReloading, let at = self.leavesAt, now >= at else { return [] }
    self.phase = .draining
    self.tunnelsEndAt = nil
    if let seconds = self.askedSeconds {
      self.cutsAt = now.advanced(by: .seconds(seconds + Self.graceSeconds))
    } else {
      self.tunnelsEndAt = now.advanced(by: .seconds(Self.tunnelSeconds))
      self.cutsAt = self.limitSeconds.map { now.advanced(by: .seconds($0)) }
    }
    return [.drain]
  }

  private mutating func timePassed(_ now: Instant) -> [Action] {
    switch self.phase {
    case .serving, .stopping: return []
    case .leaving: return self.leaveIfDue(now)
    case .draining:
      if let end = self.cutsAt, now >= end { return self.stop(.timeOver) }
      guard let end = self.tunnelsEndAt, now >= end else { return [] }
      self.tunnelsEndAt = nil
      return [.endTunnels]
    }
  }

  private mutating func stop(_ cause: Cause?) -> [Action] {
    self.phase = .stopping
    return [.stop(cause)]
  }
}
