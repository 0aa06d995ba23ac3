// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// A part of a cache of entities by consumer: bounded by what the lists hold, in two generations of which the older one
/// is dropped, with what was not asked for since it got old.
struct EntityLists: Sendable {
  struct Entry: Sendable {
    let consumer: EntityID
    let entities: ConsumerEntities
    /// The ids of `entities`.
    let ids: [EntityID]
    /// Unix seconds at which the first of them is no longer one.
    let expiresAt: Double?

    /// An empty list takes room too.
    var weight: Int { self.ids.count + 1 }
  }

  private struct Generation: Sendable {
    var entries: [EntityID: Entry] = [:]
    /// The consumers in whose lists an entity is: the way back from a deletion, which tells nothing but the id.
    var consumers: [EntityID: [EntityID]] = [:]
    var weight = 0

    mutating func insert(_ entry: Entry) {
      self.entries[entry.consumer] = entry
      self.weight += entry.weight
      for id in entry.ids { self.consumers[id, default: []].append(entry.consumer) }
    }

    @discardableResult
    mutating func remove(consumer: EntityID) -> Entry? {
      guard let entry = self.entries.removeValue(forKey: consumer) else { return nil }
      self.weight -= entry.weight
      for id in entry.ids {
        self.consumers[id]?.removeAll { $0 == consumer }
        if self.consumers[id]?.isEmpty == true { self.consumers[id] = nil }
      }
      return entry
    }

    mutating func remove(entity id: EntityID) {
      for consumer in self.consumers[id] ?? [] { self.remove(consumer: consumer) }
    }
  }

  private var young = Generation()
  private var old = Generation()
  /// Of one generation. A single list may weigh more.
  private let limit: Int

  /// - Parameter capacity: entities and lists that both generations hold together.
  init(capacity: Int) { self.limit = max(1, capacity / 2) }

  var count: Int { self.young.entries.count + self.old.entries.count }

  /// A consumer's entities, unless the time of one of them is over.
  mutating func find(_ consumer: EntityID, now: () -> Double) -> ConsumerEntities? {
    if let entry = self.young.entries[consumer] { return self.alive(entry, now) }
    guard let entry = self.old.remove(consumer: consumer) else { return nil }
    self.insert(entry)
    return self.alive(entry, now)
  }

  private mutating func alive(_ entry: Entry, _ now: () -> Double) -> ConsumerEntities? {
    guard let end = entry.expiresAt, end <= now() else { return entry.entities }
    self.remove(consumer: entry.consumer)
    return nil
  }

  mutating func insert(_ entry: Entry) {
    self.remove(consumer: entry.consumer)
    if self.young.weight + entry.weight > self.limit, !self.young.entries.isEmpty {
      self.old = self.young
      self.young = Generation()
    }
    self.young.insert(entry)
  }

  mutating func remove(consumer: EntityID) {
    self.young.remove(consumer: consumer)
    self.old.remove(consumer: consumer)
  }

  mutating func remove(entity id: EntityID) {
    self.young.remove(entity: id)
    self.old.remove(entity: id)
  }

  mutating func removeAll() {
    self.young = Generation()
    self.old = Generation()
  }
}
