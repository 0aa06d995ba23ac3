// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonBalancing

@Suite struct HealthTests {
  @Test func theFirstFailureIsAWarningAndTheLimitEnds() {
    var state = HealthState()
    state.apply(.tcpFailure, limit: 3)
    #expect(state.condition == .mostlyHealthy && state.condition.isAvailable)
    state.apply(.tcpFailure, limit: 3)
    #expect(state.condition == .mostlyHealthy)
    state.apply(.tcpFailure, limit: 3)
    #expect(state.condition == .unhealthy && !state.condition.isAvailable)
    state.apply(.success, limit: 2)
    #expect(state.condition == .mostlyUnhealthy && !state.condition.isAvailable)
    state.apply(.success, limit: 2)
    #expect(state.condition == .healthy)
  }

  @Test func kindsOfFailuresCountApart() {
    var state = HealthState()
    for report in [HealthReport.tcpFailure, .httpFailure, .timeout] { state.apply(report, limit: 2) }
    #expect(state.condition == .mostlyHealthy)
    state.apply(.httpFailure, limit: 2)
    #expect(state.condition == .unhealthy)
  }

  @Test func aSuccessSetsAllFailuresBack() {
    var state = HealthState()
    state.apply(.tcpFailure, limit: 2)
    state.apply(.success, limit: 2)
    state.apply(.tcpFailure, limit: 2)
    #expect(state.condition == .mostlyHealthy && state.count(of: .tcpFailure) == 1)
  }

  @Test(arguments: HealthReport.allCases) func aLimitOfZeroSwitchesAReportOff(report: HealthReport) {
    var state = HealthState()
    for _ in 0..<300 { state.apply(report, limit: 0) }
    #expect(state == HealthState())
  }

  @Test func whatAConditionSaysAlreadyIsNotCounted() {
    var state = HealthState()
    state.apply(.success, limit: 5)
    #expect(state.count(of: .success) == 0)
    state.force(.unhealthy)
    state.apply(.timeout, limit: 5)
    #expect(state.count(of: .timeout) == 0)
  }

  @Test func forcingForgetsTheCounters() {
    var state = HealthState()
    state.apply(.timeout, limit: 2)
    state.force(.healthy)
    state.apply(.timeout, limit: 2)
    #expect(state.condition == .mostlyHealthy)
  }

  /// A history of reports, against a reference that keeps its counters in a dictionary.
  @Test(arguments: 0..<50 as Range<UInt64>) func historiesAgreeWithTheReference(seed: UInt64) {
    var random = Seeded(seed)
    let limits = HealthReport.allCases.map { _ in UInt8(random.next() % 5) }
    var state = HealthState()
    var condition = HealthCondition.healthy
    var counts: [HealthReport: Int] = [:]
    for step in 0..<500 {
      let report = HealthReport(rawValue: UInt8(random.next() % 4)) ?? .success
      let limit = limits[Int(report.rawValue)]
      state.apply(report, limit: limit)
      let same: HealthCondition = report == .success ? .healthy : .unhealthy
      if limit > 0, condition != same {
        counts[report, default: 0] += 1
        for other in HealthReport.allCases where (other == .success) != (report == .success) { counts[other] = 0 }
        if counts[report, default: 0] >= Int(limit) {
          condition = same
        } else if condition == .healthy {
          condition = .mostlyHealthy
        } else if condition == .unhealthy {
          condition = .mostlyUnhealthy
        }
      }
      #expect(state.condition == condition, "seed \(seed), step \(step)")
      #expect(HealthState(packed: state.packed) == state)
    }
  }

  @Test func statusesAreReadByTheRules() {
    let rules = HealthRules(healthyStatuses: [200, 302], unhealthyStatuses: [500, 200, 999])
    #expect(rules.report(ofStatus: 200) == .success)
    #expect(rules.report(ofStatus: 500) == .httpFailure)
    #expect(rules.report(ofStatus: 999) == .httpFailure)
    #expect(rules.report(ofStatus: 0) == .httpFailure)
    #expect(rules.report(ofStatus: 404) == nil)
    #expect(rules.report(ofStatus: -1) == nil && rules.report(ofStatus: 100_000) == nil)
  }
}

/// splitmix64: the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
