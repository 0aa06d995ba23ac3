// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel

/// The upstreams with their targets, each at its place in the snapshot.
struct UpstreamTable: Sendable {
  private(set) var runtimes = UpstreamSet()
  private var places: [EntityID: Int] = [:]
  private var freePlaces: [Int] = []
  private var placeLimit = 0
  private var names: [EntityID: String] = [:]
  private var idsByName: [String: Set<EntityID>] = [:]
  private var targets: [EntityID: Set<EntityID>] = [:]
  private var upstreamOfTarget: [EntityID: EntityID] = [:]
  private var warningTexts: [EntityID: String] = [:]

  /// The upstream of that name. Of several, in different workspaces, the one with the least id.
  func id(of name: String) -> EntityID? { self.idsByName[name]?.min() }

  /// Takes over what changed; the cost does not depend on how many others there are.
  ///
  /// - Parameter tables: the entities after the change.
  /// - Returns: names that mean another upstream now, or none.
  mutating func apply(_ delta: EntityDelta, after tables: EntityTables) -> Set<String> {
    var touched = Set(delta.upstreams.keys)
    for id in delta.targets.keys {
      if let old = self.upstreamOfTarget.removeValue(forKey: id) {
        self.targets[old]?.remove(id)
        touched.insert(old)
      }
      guard let new = tables.targets[id]?.upstream else { continue }
      self.upstreamOfTarget[id] = new
      self.targets[new, default: []].insert(id)
      touched.insert(new)
    }
    if touched.isEmpty { return [] }
    var changedNames: Set<String> = []
    var changes: [(place: Int, upstream: UpstreamRuntime?)] = []
    for id in touched {
      let upstream = tables.upstreams[id]
      changedNames.formUnion(self.rename(id, to: upstream?.name))
      if let upstream {
        let place = self.places[id] ?? self.takePlace()
        self.places[id] = place
        changes.append((place, self.runtime(upstream, tables)))
      } else if let place = self.places.removeValue(forKey: id) {
        self.freePlaces.append(place)
        self.targets[id] = nil
        changes.append((place, nil))
      }
      self.warningTexts[id] = upstream.flatMap(Self.warning)
    }
    self.runtimes.set(changes)
    return changedNames
  }

  private mutating func rename(_ id: EntityID, to name: String?) -> Set<String> {
    let old = self.names[id]
    if old == name { return [] }
    if let old {
      self.idsByName[old]?.remove(id)
      if self.idsByName[old]?.isEmpty == true { self.idsByName[old] = nil }
    }
    self.names[id] = name
    if let name { self.idsByName[name, default: []].insert(id) }
    return Set([old, name].compactMap { $0 })
  }

  private mutating func takePlace() -> Int {
    if let free = self.freePlaces.popLast() { return free }
    self.placeLimit += 1
    return self.placeLimit - 1
  }

  /// Of two targets of the same text, which files can hold, the newer one counts.
  private func runtime(_ upstream: Upstream, _ tables: EntityTables) -> UpstreamRuntime {
    let own = (self.targets[upstream.id] ?? []).compactMap { tables.targets[$0] }
      .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    var byText: [String: UpstreamTarget] = [:]
    for target in own {
      guard let made = UpstreamTarget(id: target.id, text: target.target, weight: target.weight) else { continue }
      byText[target.target] = made
    }
    return UpstreamRuntime(entity: upstream, targets: Array(byText.values))
  }

  // MARK: What has no effect

  var warnings: [String] { self.warningTexts.values.sorted() }

  private static func warning(_ upstream: Upstream) -> String? {
    let checks = upstream.healthchecks.active
    guard checks.healthy.interval > 0 || checks.unhealthy.interval > 0 else { return nil }
    switch checks.kind {
    case .http, .https, .tcp: return nil
    case .grpc, .grpcs:
      return "upstream '\(upstream.name)': active health checks of type '\(checks.kind.rawValue)' are not available "
        + "in this version of Gibbon; its targets are not probed"
    }
  }
}
