// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI

/// Which of the plugin entities of one name applies where: the most specific one (Kong's order).
struct PluginPrecedence {
  /// A configured plugin and what it is attached to.
  struct Candidate {
    let entity: PluginEntity
    let entry: PluginEntry
  }

  private let global: [Candidate]
  private let byRoute: [EntityID: [Candidate]]
  private let byService: [EntityID: [Candidate]]
  /// Chains that many routes share: those with no plugin of their own, by service.
  private var shared: [EntityID?: PluginChain] = [:]

  init(_ candidates: [Candidate]) {
    self.global = candidates.filter { $0.entity.route == nil && $0.entity.service == nil }
    var byRoute: [EntityID: [Candidate]] = [:]
    var byService: [EntityID: [Candidate]] = [:]
    for candidate in candidates {
      if let route = candidate.entity.route {
        byRoute[route, default: []].append(candidate)
      } else if let service = candidate.entity.service {
        byService[service, default: []].append(candidate)
      }
    }
    self.byRoute = byRoute
    self.byService = byService
  }

  /// The chain of requests that match no route: plugins attached to nothing at all.
  func globalChain() -> PluginChain { Self.chain(of: self.global.filter { $0.entity.consumer == nil }) }

  mutating func chain(route: EntityID, service: EntityID?) -> PluginChain {
    let own = self.byRoute[route]?.filter { $0.entity.service == nil || $0.entity.service == service }
    if let own, !own.isEmpty {
      return Self.chain(of: self.global + (service.flatMap { self.byService[$0] } ?? []) + own)
    }
    // Routes of services without plugins share one chain.
    let key = service.flatMap { self.byService[$0] == nil ? nil : $0 }
    if let known = self.shared[key] { return known }
    let chain = Self.chain(of: self.global + (key.flatMap { self.byService[$0] } ?? []))
    self.shared[key] = chain
    return chain
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
