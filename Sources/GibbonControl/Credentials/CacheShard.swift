// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import Synchronization

/// A part of a cache of credentials: a bounded table by key, the least used making room (clock algorithm), and the
/// ways back from what changes in the datastore to what is cached of it.
struct CacheShard: Sendable {
  struct Entry: Sendable {
    let key: [UInt8]
    /// nil: it is known that there is none.
    let credential: Credential?
    /// Unix seconds.
    let expiresAt: Double?
    var wasUsed = true
  }

  private var slots: [Entry?] = []
  private var freeSlots: [Int] = []
  private var hand = 0
  private let capacity: Int
  /// The slot of each key's hash. Two keys of one hash displace each other.
  private var positions: [Int: Int] = [:]
  private var byCredential: [EntityID: Int] = [:]
  private var byConsumer: [EntityID: Set<Int>] = [:]

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { self.positions.count }

  /// The entry of a key, unless its time is over.
  mutating func find(_ key: Span<UInt8>, hash: Int, now: () -> Double) -> Entry? {
    guard let slot = self.positions[hash], let entry = self.slots[slot], entry.key.span.equals(key) else { return nil }
    if let end = entry.expiresAt, end <= now() {
      self.remove(hash)
      return nil
    }
    if !entry.wasUsed { self.slots[slot]?.wasUsed = true }
    return entry
  }

  mutating func insert(_ entry: Entry, hash: Int) {
    self.remove(hash)
    let slot = self.takeSlot()
    self.slots[slot] = entry
    self.positions[hash] = slot
    if let credential = entry.credential {
      self.byCredential[credential.id] = hash
      self.byConsumer[credential.consumer.id, default: []].insert(hash)
    }
  }

  mutating func remove(_ hash: Int) {
    guard let slot = self.positions.removeValue(forKey: hash) else { return }
    if let credential = self.slots[slot]?.credential {
      self.byCredential[credential.id] = nil
      self.byConsumer[credential.consumer.id]?.remove(hash)
      if self.byConsumer[credential.consumer.id]?.isEmpty == true { self.byConsumer[credential.consumer.id] = nil }
    }
    self.slots[slot] = nil
    self.freeSlots.append(slot)
  }

  mutating func remove(credential id: EntityID) {
    if let hash = self.byCredential[id] { self.remove(hash) }
  }

  mutating func remove(consumer id: EntityID) {
    for hash in self.byConsumer[id] ?? [] { self.remove(hash) }
  }

  mutating func removeAll() { self = CacheShard(capacity: self.capacity) }

  /// A free slot; where there is none, one that was not used since the hand came by last.
  private mutating func takeSlot() -> Int {
    if let free = self.freeSlots.popLast() { return free }
    if self.slots.count < self.capacity {
      self.slots.append(nil)
      return self.slots.count - 1
    }
    while true {
      let slot = self.hand
      self.hand = (self.hand + 1) % self.slots.count
      guard let entry = self.slots[slot] else { return slot }
      if entry.wasUsed {
        self.slots[slot]?.wasUsed = false
      } else {
        self.remove(entry.key.span.seededHash)
        return self.freeSlots.popLast() ?? slot
      }
    }
  }
}

/// A shard behind its lock, held for the time of one look-up.
final class LockedShard: Sendable {
  let state: Mutex<CacheShard>

  init(capacity: Int) { self.state = Mutex(CacheShard(capacity: capacity)) }
}
