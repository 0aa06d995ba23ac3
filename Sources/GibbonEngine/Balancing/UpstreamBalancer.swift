// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import GibbonBalancing
internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO
internal import GibbonModel
internal import Synchronization

/// An upstream on this node: the same for all loops, and for as long as the upstream exists.
///
/// Thread-safe. Loops only read `version` and, after it changed, `view`. Tables are made on the thread of whoever
/// changes something, never on a loop.
final class UpstreamBalancer: Sendable {
  let id: EntityID
  /// Goes up with each new view.
  let version = Atomic(0)
  private let resolver: Resolver
  private let errorLog: ErrorLog
  private let published: Mutex<Published>
  private let editing: Mutex<Editing>

  private struct Published {
    var view: BalancerView
    /// Called once, with the next view.
    var waiting: [@Sendable () -> Void] = []
    var viewChanged: (@Sendable (BalancerView?) -> Void)?
  }

  fileprivate struct Editing {
    var runtime: UpstreamRuntime
    /// That targets have in place of addresses.
    var names: Set<String> = []
    var answers: [String: DNSAnswer] = [:]
    var watches: [String: NameWatch] = [:]
    var addresses: [TargetAddress.Key: TargetAddress] = [:]
    /// Addresses that are in no table any more, and until when their health is remembered.
    var retired: [TargetAddress.Key: (address: TargetAddress, until: UInt64)] = [:]
    var isRebuildDue = false
    var isEnded = false
  }

  /// Health of a target that was removed is remembered for this long, as Kong does.
  private static let retiredMilliseconds: UInt64 = 300_000
  fileprivate static let retiredLimit = 4096

  init(_ runtime: UpstreamRuntime, resolver: Resolver, errorLog: ErrorLog) {
    self.id = runtime.entity.id
    self.resolver = resolver
    self.errorLog = errorLog
    let table = AddressTable([], AddressTable.Plan())
    self.published = Mutex(Published(view: BalancerView(runtime, table, hostFields: [], targets: [])))
    self.editing = Mutex(Editing(runtime: runtime))
  }

  var view: BalancerView { self.published.withLock { $0.view } }

  var name: String { self.view.runtime.entity.name }

  /// Calls `body` with this view and every later one, and with nil at the end; on any thread.
  func observe(_ body: @escaping @Sendable (BalancerView?) -> Void) {
    let view = self.published.withLock { published in
      published.viewChanged = body
      return published.view
    }
    body(view)
  }

  /// Calls `body` when there is a view that differs from this one.
  func wait(after view: BalancerView, _ body: @escaping @Sendable () -> Void) {
    let isOver = self.published.withLock { published in
      if published.view === view { published.waiting.append(body) }
      return published.view !== view
    }
    if isOver { body() }
  }

  // MARK: Changes

  /// Takes over another configuration; when this returns, no request goes to a target that it does not have.
  func use(_ runtime: UpstreamRuntime) {
    let names = Set(runtime.targets.filter { $0.literal == nil }.map(\.host))
    let missing = self.editing.withLock { editing in
      editing.runtime = runtime
      editing.names = names
      for (name, watch) in editing.watches where !names.contains(name) {
        watch.cancel()
        editing.watches[name] = nil
        editing.answers[name] = nil
      }
      self.rebuild(&editing)
      return names.filter { editing.watches[$0] == nil }
    }
    for name in missing { self.watch(name) }
  }

  /// The upstream is gone.
  func end() {
    self.editing.withLock { editing in
      editing.isEnded = true
      for watch in editing.watches.values { watch.cancel() }
      editing.watches = [:]
    }
    let viewChanged = self.published.withLock { $0.viewChanged.take() }
    viewChanged?(nil)
  }

  private func watch(_ name: String) {
    let watch = self.resolver.watch(name) { [weak self] answer in self?.learn(name, answer) }
    self.editing.withLock { editing in
      if editing.isEnded || !editing.names.contains(name) || editing.watches[name] != nil {
        watch.cancel()
      } else {
        editing.watches[name] = watch
      }
    }
  }

  /// A name has another answer. Many come at once when a gateway starts: one new table is made for all.
  private func learn(_ name: String, _ answer: DNSAnswer) {
    let mustSchedule = self.editing.withLock { editing in
      guard editing.names.contains(name) else { return false }
      let old = editing.answers.updateValue(answer, forKey: name)
      if let old, Self.saysTheSame(old, answer) { return false }
      defer { editing.isRebuildDue = true }
      return !editing.isRebuildDue && !editing.isEnded
    }
    guard mustSchedule else { return }
    DispatchQueue.global().async { [weak self] in
      guard let self else { return }
      self.editing.withLock { editing in
        editing.isRebuildDue = false
        self.rebuild(&editing)
      }
    }
  }

  private static func saysTheSame(_ old: DNSAnswer, _ new: DNSAnswer) -> Bool {
    old.outcome == new.outcome || (!old.endpoints.isEmpty && Set(old.endpoints) == Set(new.endpoints))
  }

  private func rebuild(_ editing: inout Editing) {
    var builder = ViewBuilder(editing.runtime, editing.answers)
    let view = builder.build(seed: self.id.low, now: Clock.milliseconds) { editing.address($0) }
    editing.retire(
      keeping: Set(view.table.entries.map(\.address.key)), until: Clock.milliseconds + Self.retiredMilliseconds)
    let (waiting, changed) = self.published.withLock { published in
      published.view = view
      // A report that came while the table was made.
      view.table.healthChanged()
      defer { published.waiting = [] }
      return (published.waiting, published.viewChanged)
    }
    self.version.add(1, ordering: .releasing)
    changed?(view)
    for body in waiting { body() }
  }

  // MARK: Health

  /// Counts what a request or a probe showed of an address.
  func report(
    _ report: HealthReport, _ rules: HealthRules, of address: TargetAddress, _ evidence: @autoclosure () -> String
  ) {
    guard let change = address.report(report, limit: rules.limit(of: report)) else { return }
    self.note(change, of: address, "\(report.words) of \(evidence())")
  }

  /// Sets the health of addresses as somebody says.
  func force(_ condition: HealthCondition, of addresses: [TargetAddress]) {
    for address in addresses {
      if let change = address.force(condition) { self.note(change, of: address, "set by the Admin API") }
    }
  }

  private func note(_ change: HealthChange, of address: TargetAddress, _ reason: String) {
    let (name, becomes) = self.published.withLock { published in
      let table = published.view.table
      let was = table.isHealthy
      table.healthChanged()
      return (published.view.runtime.entity.name, table.isHealthy == was ? nil : table.isHealthy)
    }
    let place = SocketAddress.internet(address.key.ip, port: address.key.port)
    self.errorLog.write(
      change.to.isAvailable == change.from.isAvailable ? .notice : .warn,
      "upstream '\(name)': target \(address.key.host) (\(place)) is \(change.to.words), was \(change.from.words): "
        + reason)
    if let becomes {
      self.errorLog.write(
        .warn, "upstream '\(name)' is \(becomes ? "healthy" : "unhealthy: requests for it are answered with 503")")
    }
  }
}

extension UpstreamBalancer.Editing {
  /// The one that is known, also one that was in use a while ago.
  fileprivate mutating func address(_ key: TargetAddress.Key) -> TargetAddress {
    if let known = self.addresses[key] { return known }
    let address = self.retired.removeValue(forKey: key)?.address ?? TargetAddress(key)
    self.addresses[key] = address
    return address
  }

  fileprivate mutating func retire(keeping keys: Set<TargetAddress.Key>, until: UInt64) {
    let now = Clock.milliseconds
    if !self.retired.isEmpty { self.retired = self.retired.filter { $0.value.until > now } }
    guard self.addresses.count > keys.count else { return }
    for (key, address) in self.addresses where !keys.contains(key) {
      self.addresses[key] = nil
      // An address without a history needs no memory.
      if address.state != HealthState(), self.retired.count < UpstreamBalancer.retiredLimit {
        self.retired[key] = (address, until)
      }
    }
  }
}

extension HealthCondition {
  var words: String {
    switch self {
    case .healthy: "healthy"
    case .mostlyHealthy: "mostly healthy"
    case .mostlyUnhealthy: "mostly unhealthy"
    case .unhealthy: "unhealthy"
    }
  }
}

extension HealthReport {
  fileprivate var words: String {
    switch self {
    case .success: "successes"
    case .httpFailure: "HTTP failures"
    case .tcpFailure: "TCP failures"
    case .timeout: "timeouts"
    }
  }
}
