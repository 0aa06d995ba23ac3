// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Responses by key, within a number of bytes: what was not asked for the longest goes first.
///
/// A doubly linked list through the places of an array; `none` stands for no place.
struct RecencyTable {
  private struct Place {
    var key: CacheKey
    var response: CachedResponse?
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

  mutating func find(_ key: CacheKey, now: Int) -> CachedResponse? {
    guard let place = self.index[key] else { return nil }
    guard self.places[place].expiry > now else {
      self.drop(place)
      return nil
    }
    if place != self.newest {
      self.unlink(place)
      self.link(place)
    }
    return self.places[place].response
  }

  /// The response must not be larger than the table.
  mutating func insert(_ response: CachedResponse, at key: CacheKey, expiry: Int) {
    if let place = self.index[key] { self.drop(place) }
    let cost = response.costBytes
    while self.heldBytes > self.capacityBytes - cost, self.oldest != Self.none { self.drop(self.oldest) }
    let new = Place(key: key, response: response, expiry: expiry, newer: Self.none, older: Self.none)
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
    self.heldBytes -= self.places[place].response?.costBytes ?? 0
    self.places[place].response = nil
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
