// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import Glibc
internal import Synchronization

/// One address of a target and what the whole node knows of it. It outlives the tables it is in: an edit of another
/// target, or of its own weight, changes nothing here.
///
/// Thread-safe, without locks: loops report to it and read it at every pick.
public final class TargetAddress: Sendable {
  /// What an address is told from others by.
  public struct Key: Sendable, Hashable {
    /// The target's host, as it is configured.
    public let host: String
    public let ip: IPAddress
    public let port: UInt16

    public init(host: String, ip: IPAddress, port: UInt16) {
      self.host = host
      self.ip = ip
      self.port = port
    }
  }

  public let key: Key
  private let inFlight = Atomic(0)
  private let health = Atomic(HealthState().packed)
  /// The average's bits, and when it was last brought up to date, in milliseconds.
  private let averageBits = Atomic<UInt64>(0)
  private let averagedAt = Atomic<UInt64>(0)

  public init(_ key: Key) { self.key = key }

  // MARK: Requests under way

  public var requestCount: Int { self.inFlight.load(ordering: .relaxed) }

  public func begin() { self.inFlight.add(1, ordering: .relaxed) }

  public func end() { self.inFlight.subtract(1, ordering: .relaxed) }

  // MARK: Health

  public var state: HealthState { HealthState(packed: self.health.load(ordering: .relaxed)) }

  public var isAvailable: Bool {
    (HealthCondition(rawValue: UInt8(truncatingIfNeeded: self.health.load(ordering: .relaxed))) ?? .healthy).isAvailable
  }

  /// Counts what happened.
  ///
  /// - Returns: the condition before and after, when it is another one now.
  @discardableResult
  public func report(_ report: HealthReport, limit: UInt8) -> HealthChange? {
    self.change { $0.apply(report, limit: limit) }
  }

  @discardableResult
  public func force(_ condition: HealthCondition) -> HealthChange? { self.change { $0.force(condition) } }

  private func change(_ body: (inout HealthState) -> Void) -> HealthChange? {
    var packed = self.health.load(ordering: .relaxed)
    while true {
      let old = HealthState(packed: packed)
      var new = old
      body(&new)
      if new == old { return nil }
      let (exchanged, found) = self.health.weakCompareExchange(
        expected: packed, desired: new.packed, ordering: .acquiringAndReleasing)
      if exchanged {
        return old.condition == new.condition ? nil : HealthChange(from: old.condition, to: new.condition)
      }
      packed = found
    }
  }

  // MARK: Latency

  /// The weight of an average sinks to 1/e in this time.
  static let decayMilliseconds = 10_000.0

  /// Milliseconds, as they count at `now`.
  public func latency(now: UInt64) -> Double {
    let average = Double(bitPattern: self.averageBits.load(ordering: .relaxed))
    if average == 0 { return 0 }
    return average * Self.decay(since: self.averagedAt.load(ordering: .relaxed), now)
  }

  /// A request took that long. Of two that end at the same moment on different loops, one may be lost.
  public func record(milliseconds: Double, now: UInt64) {
    let kept = Self.decay(since: self.averagedAt.load(ordering: .relaxed), now)
    let average = Double(bitPattern: self.averageBits.load(ordering: .relaxed))
    self.averageBits.store((average * kept + milliseconds * (1 - kept)).bitPattern, ordering: .relaxed)
    self.averagedAt.store(now, ordering: .relaxed)
  }

  /// What is supposed of an address nothing is known of yet.
  func suppose(milliseconds: Double, now: UInt64) {
    guard self.averagedAt.load(ordering: .relaxed) == 0 else { return }
    self.averageBits.store(milliseconds.bitPattern, ordering: .relaxed)
    self.averagedAt.store(now, ordering: .relaxed)
  }

  private static func decay(since then: UInt64, _ now: UInt64) -> Double {
    exp(-Double(now > then ? now - then : 0) / Self.decayMilliseconds)
  }
}

/// A condition gave way to another.
public struct HealthChange: Sendable, Hashable {
  public let from: HealthCondition
  public let to: HealthCondition
}
