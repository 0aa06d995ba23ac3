// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonModel

/// What a request did with an upstream's addresses: which one it is on, which ones it has tried, and what is told of
/// them to the health checks. Confined to its loop; one for each exchange, reused with it.
final class BalancedAttempt {
  private var balancer: UpstreamBalancer?
  /// The upstream that is balanced over.
  private(set) var upstream: UpstreamRuntime?
  private var rules = HealthRules()
  private var hasHealthChecks = false
  private var address: TargetAddress?
  private(set) var tried: [TargetAddress] = []
  /// Of what the request is told by; nil until it was asked for.
  var hash: UInt32?
  /// A cookie that the response sets, because the request had none.
  var cookie: String?
  private var begunAt: UInt64 = 0
  private var hasAnswered = false
  private var measuresLatency = false

  /// Addresses remembered as tried, at most.
  private static let triedLimit = 64

  var isUsed: Bool { self.balancer != nil || self.hash != nil }

  /// A request is on its way to an address.
  func begin(_ address: TargetAddress, _ balancer: UpstreamBalancer, _ view: BalancerView, now: UInt64) {
    self.leave()
    address.begin()
    self.address = address
    self.balancer = balancer
    self.upstream = view.runtime
    self.rules = view.runtime.passive
    self.hasHealthChecks = view.runtime.hasHealthChecks
    self.measuresLatency = view.runtime.entity.algorithm == .latency
    self.begunAt = now
    self.hasAnswered = false
  }

  /// The try failed before an answer began.
  func failed(isTimeout: Bool) {
    guard let address = self.address, let balancer = self.balancer else { return }
    if self.tried.count < Self.triedLimit { self.tried.append(address) }
    if self.hasHealthChecks { balancer.report(isTimeout ? .timeout : .tcpFailure, self.rules, of: address, "requests") }
    self.leave()
  }

  /// A connection out of the pool turned out to be closed: that says nothing of the address.
  func wasStale() { self.leave() }

  /// The address answered.
  func answered(_ status: Int) {
    guard let address = self.address, let balancer = self.balancer else { return }
    self.hasAnswered = true
    guard self.hasHealthChecks, let report = self.rules.report(ofStatus: status) else { return }
    balancer.report(report, self.rules, of: address, "requests, the last one with status \(status)")
  }

  /// The request is over.
  func end(now: UInt64) {
    if self.hasAnswered, self.measuresLatency {
      self.address?.record(milliseconds: Double(now &- self.begunAt), now: now)
    }
    self.leave()
    self.balancer = nil
    self.upstream = nil
    self.hash = nil
    self.cookie = nil
    if !self.tried.isEmpty { self.tried = [] }
  }

  private func leave() {
    self.address?.end()
    self.address = nil
  }
}
