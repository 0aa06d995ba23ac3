// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI

/// Which of the plugin entities of one name applies where: the most specific one (Kong's order).
struct PluginPrecedence: Sendable {
  /// A configured plugin and what it is attached to.
  struct Candidate: Sendable {
    let entity: PluginEntity
    let entry: PluginEntry
  }

  /// What a change of candidates reaches.
  struct Reach: Sendable {
    var isEverything = false
    var services: Set<EntityID> = []
    var routes: Set<EntityID> = []
  }

  private var global: [EntityID: Candidate] = [:]
  private var byRoute: [EntityID: [EntityID: Candidate]] = [:]
  private var byService: [EntityID: [EntityID: Candidate]] = [:]
  /// Chains that many routes share: those with no plugin of their own, by service.
  private var shared: [EntityID?: PluginChain] = [:]

  /// Adds a candidate, or takes one away; the routes it reaches need their chains anew.
  mutating func add(_ candidate: Candidate, reach: inout Reach) { self.set(candidate, candidate.entity, &reach) }

  mutating func remove(_ entity: PluginEntity, reach: inout Reach) { self.set(nil, entity, &reach) }

  private mutating func set(_ candidate: Candidate?, _ entity: PluginEntity, _ reach: inout Reach) {
    if let route = entity.route {
      self.byRoute[route, default: [:]][entity.id] = candidate
      if self.byRoute[route]?.isEmpty == true { self.byRoute[route] = nil }
      reach.routes.insert(route)
    } else if let service = entity.service {
      self.byService[service, default: [:]][entity.id] = candidate
      if self.byService[service]?.isEmpty == true { self.byService[service] = nil }
      self.shared[service] = nil
      reach.services.insert(service)
    } else {
      self.global[entity.id] = candidate
      self.shared = [:]
      reach.isEverything = true
    }
  }

  /// The chain of requests that match no route: plugins attached to nothing at all.
  func globalChain() -> PluginChain { Self.chain(of: self.global.values.filter { $0.entity.consumer == nil }) }

  mutating func chain(route: EntityID, service: EntityID?) -> PluginChain {
    let own = self.byRoute[route]?.values.filter { $0.entity.service == nil || $0.entity.service == service }
    if let own, !own.isEmpty { return Self.chain(of: self.candidates(service) + own) }
    // Routes of services without plugins share one chain.
    let key = service.flatMap { self.byService[$0] == nil ? nil : $0 }
    if let known = self.shared[key] { return known }
    let chain = Self.chain(of: self.candidates(key))
    self.shared[key] = chain
    return chain
  }

  /// Those attached to no route: the global ones and those of a service.
  private func candidates(_ service: EntityID?) -> [Candidate] {
    let own = service.flatMap { self.byService[$0] } ?? [:]
    return Array(self.global.values) + own.values
  }

  private static func chain(of candidates: [Candidate]) -> PluginChain {
    if candidates.isEmpty { return .empty }
    let byName = Dictionary(grouping: candidates) { $0.entity.name }
    let slots = byName.values.sorted { left, right in
      left[0].entry.descriptor < right[0].entry.descriptor
    }
    return PluginChain(slots: slots.map(Self.slot))
  }

  /// The winner without a consumer, and those consumers whose own entity beats it.
  private static func slot(_ candidates: [Candidate]) -> PluginSlot {
    let fallback = candidates.filter { $0.entity.consumer == nil }.max { rank($0.entity) < rank($1.entity) }
    var byConsumer: [EntityID: Candidate] = [:]
    for candidate in candidates {
      guard let consumer = candidate.entity.consumer else { continue }
      let current = byConsumer[consumer] ?? fallback
      if rank(candidate.entity) > (current.map { rank($0.entity) } ?? 0) { byConsumer[consumer] = candidate }
    }
    return PluginSlot(fallback: fallback?.entry, byConsumer: byConsumer.mapValues(\.entry))
  }

  /// route+service+consumer, route+consumer, service+consumer, route+service, consumer, route, service, global.
  private static func rank(_ entity: PluginEntity) -> Int {
    switch (entity.route != nil, entity.service != nil, entity.consumer != nil) {
    case (true, true, true): 8
    case (true, false, true): 7
    case (false, true, true): 6
    case (true, true, false): 5
    case (false, false, true): 4
    case (true, false, false): 3
    case (false, true, false): 2
    case (false, false, false): 1
    }
  }
}
