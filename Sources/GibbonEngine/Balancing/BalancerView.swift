// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO
internal import GibbonModel

/// What loops see of an upstream: its table, and what belongs to each entry of it. Immutable, but for the health of
/// the addresses; a change of targets or names makes another one.
final class BalancerView: Sendable {
  /// A target and what is known of its name.
  struct TargetState: Sendable {
    let target: UpstreamTarget
    /// A kind of record, or why there are no addresses.
    let dns: String
    let isResolving: Bool
    /// Its entries in the table.
    let entries: Range<Int>
  }

  let runtime: UpstreamRuntime
  let table: AddressTable
  /// `Host` by entry.
  let hostFields: [[UInt8]]
  let targets: [TargetState]

  init(_ runtime: UpstreamRuntime, _ table: AddressTable, hostFields: [[UInt8]], targets: [TargetState]) {
    self.runtime = runtime
    self.table = table
    self.hostFields = hostFields
    self.targets = targets
  }

  /// There may be addresses soon.
  var isWorthWaitingFor: Bool {
    self.table.totalWeight == 0 && self.targets.contains { $0.isResolving && $0.target.weight > 0 }
  }

  func socketAddress(of entry: Int) -> SocketAddress {
    let key = self.table.entries[entry].address.key
    return .internet(key.ip, port: key.port)
  }

  /// For each target why nothing goes there.
  var reasons: String {
    if self.targets.isEmpty { return "it has no targets" }
    let shown = self.targets.prefix(Self.shownTargets).map { state in
      "\(state.target.text): \(self.reason(state))"
    }
    let more = self.targets.count - shown.count
    let share = self.runtime.entity.healthchecks.threshold
    return shown.joined(separator: "; ") + (more > 0 ? "; and \(more) more" : "")
      + (share > 0 ? "; available weight must exceed \(share) %" : "")
  }

  private static let shownTargets = 20

  func reason(_ state: TargetState) -> String {
    if state.target.weight == 0 { return "weight 0" }
    if state.entries.isEmpty { return state.isResolving ? "being resolved" : state.dns }
    let available = state.entries.count { self.table.entries[$0].address.isAvailable }
    if available == 0 { return "unhealthy" }
    return available == state.entries.count ? "healthy" : "\(available) of \(state.entries.count) addresses healthy"
  }
}
