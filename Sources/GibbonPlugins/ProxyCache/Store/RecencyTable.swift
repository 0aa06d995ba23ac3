// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is kept under a key.
enum CacheEntry: Sendable {
  case response(CachedResponse)
  /// Responses that differ by fields of requests, each under a key of its own.
  case variants(CacheVariants)

  /// Of memory, about.
  var costBytes: Int {
    switch self {
    case .response(let response): response.costBytes
    case .variants(let variants): variants.costBytes
    }
  }
}

/// Entries by key, within a number of bytes: what was not asked for the longest goes first.
///
/// A doubly linked list through the places of an array; `none` stands for no place.
struct RecencyTable {
  private struct Place {
    var key: CacheKey
    var entry: CacheEntry?
    var expiry: Int
    var newer: Int
    var older: Int
  }

  private static let none = -1

  private let capacityBytes: Int
  private(set) var heldBytes = 0
  private var index: [CacheKey: Int] = [:]
  private var places: [Place] = []
  private var free: [Int] = []
  private var newest = Self.none
  private var oldest = Self.none

  init(capacityBytes: Int) { self.capacityBytes = capacityBytes }

  var count: Int { self.index.count }

  mutating func find(_ key: CacheKey, now: Int) -> CacheEntry? {
    guard let place = self.index[key] else { return nil }
    guard self.places[place].expiry > now else {
      self.drop(place)
      return nil
    }
    if place != self.newest {
      self.unlink(place)
      self.link(place)
    }
    return self.places[place].entry
  }

  /// When an entry is over; nil where there is none.
  func expiry(_ key: CacheKey) -> Int? { self.index[key].map { self.places[$0].expiry } }

  /// The entry must not be larger than the table.
  mutating func insert(_ entry: CacheEntry, at key: CacheKey, expiry: Int) {
    if let place = self.index[key] { self.drop(place) }
    let cost = entry.costBytes
    while self.heldBytes > self.capacityBytes - cost, self.oldest != Self.none { self.drop(self.oldest) }
    let new = Place(key: key, entry: entry, expiry: expiry, newer: Self.none, older: Self.none)
    let place: Int
    if let reused = self.free.popLast() {
      place = reused
      self.places[place] = new
    } else {
      place = self.places.count
      self.places.append(new)
    }
    self.index[key] = place
    self.heldBytes += cost
    self.link(place)
  }

  /// - Returns: whether there was one that is not over.
  mutating func remove(_ key: CacheKey, now: Int) -> Bool {
    guard let place = self.index[key] else { return false }
    let wasFound = self.places[place].expiry > now
    self.drop(place)
    return wasFound
  }

  mutating func removeAll() { self = RecencyTable(capacityBytes: self.capacityBytes) }

  private mutating func drop(_ place: Int) {
    self.unlink(place)
    self.index[self.places[place].key] = nil
    self.heldBytes -= self.places[place].entry?.costBytes ?? 0
    self.places[place].entry = nil
    self.free.append(place)
  }

  private mutating func link(_ place: Int) {
    self.places[place].older = self.newest
    self.places[place].newer = Self.none
    if self.newest != Self.none { self.places[self.newest].newer = place }
    self.newest = place
    if self.oldest == Self.none { self.oldest = place }
  }

  private mutating func unlink(_ place: Int) {
    let (newer, older) = (self.places[place].newer, self.places[place].older)
    if newer == Self.none { self.newest = older } else { self.places[newer].older = older }
    if older == Self.none { self.oldest = newer } else { self.places[older].newer = newer }
  }
}
