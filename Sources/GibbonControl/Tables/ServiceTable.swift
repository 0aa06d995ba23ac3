// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel

/// The services that can be reached, each with its place in the snapshot.
struct ServiceTable: Sendable {
  private var runtimes: [EntityID: ServiceRuntime] = [:]
  private var freeSlots: [Int] = []
  /// Every slot is below this.
  private(set) var slotLimit = 0

  subscript(id: EntityID) -> ServiceRuntime? { self.runtimes[id] }

  /// The names of upstreams that a change touches, as `tables` have them. To be asked for before the change and
  /// after it: an upstream may get another name, a target another upstream.
  static func upstreamNames(touchedBy delta: EntityDelta, in tables: EntityTables) -> Set<String> {
    let ids = Set(delta.upstreams.keys).union(delta.targets.keys.compactMap { tables.targets[$0]?.upstream })
    return Set(ids.compactMap { tables.upstreams[$0]?.name })
  }

  /// Takes over what changed: services themselves, and those whose host is an upstream that did.
  ///
  /// - Parameter tables: the entities after the change.
  /// - Returns: the services whose runtime is another one now.
  mutating func apply(_ delta: EntityDelta, upstreamNames: Set<String>, after tables: EntityTables) -> Set<EntityID> {
    var affected = Set(delta.services.keys)
    if !upstreamNames.isEmpty {
      for service in tables.services.values where upstreamNames.contains(service.host) { affected.insert(service.id) }
    }
    if affected.isEmpty { return [] }
    let upstreams = Dictionary(tables.upstreams.values.map { ($0.name, $0) }) { first, _ in first }
    let targets = Dictionary(grouping: tables.targets.values) { $0.upstream }
    for id in affected {
      guard let service = tables.services[id], service.isEnabled else {
        if let old = self.runtimes.removeValue(forKey: id) { self.freeSlots.append(old.slot) }
        continue
      }
      let slot = self.runtimes[id]?.slot ?? self.takeSlot()
      self.runtimes[id] = Self.runtime(service, slot, upstreams[service.host], targets)
    }
    return affected
  }

  private mutating func takeSlot() -> Int {
    if let free = self.freeSlots.popLast() { return free }
    self.slotLimit += 1
    return self.slotLimit - 1
  }

  private static func runtime(
    _ service: Service, _ slot: Int, _ upstream: Upstream?, _ targets: [EntityID: [Target]]
  ) -> ServiceRuntime {
    // One that is damaged has no host.
    guard !service.host.isEmpty else {
      return ServiceRuntime(entity: service, slot: slot, endpoints: [], hostHeader: nil)
    }
    guard let upstream else {
      let endpoint = UpstreamEndpoint(host: service.host, port: UInt16(clamping: service.port))
      return ServiceRuntime(entity: service, slot: slot, endpoints: [endpoint], hostHeader: nil)
    }
    let own = (targets[upstream.id] ?? []).sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    return ServiceRuntime(
      entity: service, slot: slot, endpoints: own.compactMap(Self.endpoint), hostHeader: upstream.hostHeader)
  }

  /// `host:port`, port 8000 when a target names none.
  private static func endpoint(_ target: Target) -> UpstreamEndpoint? {
    let text = target.target
    let closing = text.lastIndex(of: "]")
    guard let colon = text.lastIndex(of: ":"), closing.map({ colon > $0 }) ?? true else {
      return UpstreamEndpoint(host: text, port: 8000, weight: target.weight)
    }
    guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    return UpstreamEndpoint(host: String(text[..<colon]), port: port, weight: target.weight)
  }

  /// What of the upstreams has no effect.
  static func warnings(_ tables: EntityTables) -> [String] {
    let replaced = tables.upstreams.values.filter { $0.algorithm != .roundRobin }
    if replaced.isEmpty { return [] }
    let hosts = Set(tables.services.values.map(\.host))
    return replaced.filter { hosts.contains($0.name) }.sorted { $0.name < $1.name }.map { upstream in
      "upstream '\(upstream.name)': algorithm '\(upstream.algorithm.rawValue)' is not available in this version "
        + "of Gibbon; its targets are used in weighted turns"
    }
  }
}
