// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What counts as a success or a failure, and how many of each change a condition. One for active checks, one for
/// passive ones.
public struct HealthRules: Sendable, Hashable {
  public var healthyStatuses: StatusSet
  public var unhealthyStatuses: StatusSet
  /// Limits; 0 switches a rule off.
  public var successes: UInt8
  public var httpFailures: UInt8
  public var tcpFailures: UInt8
  public var timeouts: UInt8

  public init(
    healthyStatuses: StatusSet = StatusSet(), unhealthyStatuses: StatusSet = StatusSet(), successes: UInt8 = 0,
    httpFailures: UInt8 = 0, tcpFailures: UInt8 = 0, timeouts: UInt8 = 0
  ) {
    self.healthyStatuses = healthyStatuses
    self.unhealthyStatuses = unhealthyStatuses
    self.successes = successes
    self.httpFailures = httpFailures
    self.tcpFailures = tcpFailures
    self.timeouts = timeouts
  }

  /// No report has any effect.
  public var isOff: Bool {
    self.successes == 0 && self.httpFailures == 0 && self.tcpFailures == 0 && self.timeouts == 0
  }

  public func limit(of report: HealthReport) -> UInt8 {
    switch report {
    case .success: self.successes
    case .httpFailure: self.httpFailures
    case .tcpFailure: self.tcpFailures
    case .timeout: self.timeouts
    }
  }

  /// What a status says; nil when it says nothing. A status in both sets is a healthy one.
  ///
  /// - Parameter status: 0 for an answer that is not HTTP, which is a failure.
  public func report(ofStatus status: Int) -> HealthReport? {
    if self.healthyStatuses.contains(status) { return .success }
    return status == 0 || self.unhealthyStatuses.contains(status) ? .httpFailure : nil
  }
}

/// Status codes from 0 to 1023, a bit each.
public struct StatusSet: Sendable, Hashable, ExpressibleByArrayLiteral {
  private var words: [UInt64]

  public init(_ statuses: [Int] = []) {
    self.words = []
    for status in statuses where (0..<1024).contains(status) {
      while self.words.count <= status >> 6 { self.words.append(0) }
      self.words[status >> 6] |= 1 << UInt64(status & 63)
    }
  }

  public init(arrayLiteral statuses: Int...) { self.init(statuses) }

  public func contains(_ status: Int) -> Bool {
    guard status >= 0, status >> 6 < self.words.count else { return false }
    return self.words[status >> 6] >> UInt64(status & 63) & 1 == 1
  }
}
