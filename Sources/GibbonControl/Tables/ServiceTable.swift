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

  /// Takes over what changed: services themselves, and those whose host means another upstream now, or none.
  ///
  /// - Parameters:
  ///   - upstreamNames: those that mean something else now.
  ///   - tables: the entities after the change.
  /// - Returns: the services whose runtime is another one now.
  mutating func apply(
    _ delta: EntityDelta, _ upstreams: UpstreamTable, upstreamNames: Set<String>, after tables: EntityTables
  ) -> Set<EntityID> {
    var affected = Set(delta.services.keys)
    if !upstreamNames.isEmpty {
      for service in tables.services.values where upstreamNames.contains(service.host) { affected.insert(service.id) }
    }
    if affected.isEmpty { return [] }
    for id in affected {
      guard let service = tables.services[id], service.isEnabled else {
        if let old = self.runtimes.removeValue(forKey: id) { self.freeSlots.append(old.slot) }
        continue
      }
      let slot = self.runtimes[id]?.slot ?? self.takeSlot()
      let endpoint = UpstreamEndpoint(host: service.host, port: UInt16(clamping: service.port))
      // One that is damaged has no host.
      self.runtimes[id] = ServiceRuntime(
        entity: service, slot: slot, endpoints: service.host.isEmpty ? [] : [endpoint],
        upstream: upstreams.id(of: service.host))
    }
    return affected
  }

  private mutating func takeSlot() -> Int {
    if let free = self.freeSlots.popLast() { return free }
    self.slotLimit += 1
    return self.slotLimit - 1
  }
}
