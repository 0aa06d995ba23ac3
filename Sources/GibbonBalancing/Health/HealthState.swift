// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How an address is, in Kong's four states.
public enum HealthCondition: UInt8, Sendable, CaseIterable {
  case healthy
  /// Still used, and failures were counted.
  case mostlyHealthy
  /// Not used, and successes were counted.
  case mostlyUnhealthy
  case unhealthy

  /// Whether requests go there.
  public var isAvailable: Bool { self == .healthy || self == .mostlyHealthy }
}

/// What a probe or a request showed.
public enum HealthReport: UInt8, Sendable, CaseIterable {
  case success, httpFailure, tcpFailure, timeout
}

/// A condition and the counters that lead to the next one. Kong's rules:
/// - A limit of 0 switches a counter off: such a report has no effect.
/// - A success sets the counters of failures back, a failure that of successes; kinds of failures count apart.
/// - The counter that reaches its limit decides. Before that, the first opposite report makes a condition a
///   `mostly` one.
/// - What a condition already says, nobody counts: a success of a healthy address, a failure of an unhealthy one.
public struct HealthState: Sendable, Hashable {
  public var condition: HealthCondition
  /// By `HealthReport`, in the order of its raw values.
  private var counters: SIMD4<UInt8> = .zero

  public init(_ condition: HealthCondition = .healthy) { self.condition = condition }

  public func count(of report: HealthReport) -> UInt8 { self.counters[Int(report.rawValue)] }

  /// - Parameter limit: of the report's counter.
  public mutating func apply(_ report: HealthReport, limit: UInt8) {
    guard limit > 0 else { return }
    let isSuccess = report == .success
    if self.condition == (isSuccess ? .healthy : .unhealthy) { return }
    let index = Int(report.rawValue)
    if isSuccess {
      self.counters = SIMD4(self.counters[0], 0, 0, 0)
    } else {
      self.counters[0] = 0
    }
    if self.counters[index] < .max { self.counters[index] += 1 }
    if self.counters[index] >= limit {
      self.condition = isSuccess ? .healthy : .unhealthy
    } else if self.condition == .healthy {
      self.condition = .mostlyHealthy
    } else if self.condition == .unhealthy {
      self.condition = .mostlyUnhealthy
    }
  }

  /// Somebody says how it is: the counters begin anew.
  public mutating func force(_ condition: HealthCondition) { self = HealthState(condition) }
}

extension HealthState {
  /// Both in one number, which an atomic can hold.
  var packed: UInt64 {
    var packed = UInt64(self.condition.rawValue)
    for index in 0..<4 { packed |= UInt64(self.counters[index]) << UInt64(8 + 8 * index) }
    return packed
  }

  init(packed: UInt64) {
    self.condition = HealthCondition(rawValue: UInt8(truncatingIfNeeded: packed)) ?? .healthy
    for index in 0..<4 { self.counters[index] = UInt8(truncatingIfNeeded: packed >> UInt64(8 + 8 * index)) }
  }
}
