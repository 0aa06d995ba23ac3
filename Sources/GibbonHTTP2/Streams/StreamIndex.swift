// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Finds the slot of a stream by its id: open addressing over two flat arrays. Ids of one connection follow each other,
/// so they are their own hash.
struct StreamIndex: Sendable {
  /// 0: free.
  private var ids: [UInt32] = []
  private var slots: [Int32] = []
  private var count = 0

  func slot(of id: UInt32) -> Int? {
    guard !self.ids.isEmpty, id != 0 else { return nil }
    let mask = self.ids.count &- 1
    var place = Self.home(id, mask)
    while self.ids[place] != 0 {
      if self.ids[place] == id { return Int(self.slots[place]) }
      place = (place &+ 1) & mask
    }
    return nil
  }

  mutating func insert(_ id: UInt32, slot: Int) {
    if (self.count &+ 1) &* 2 > self.ids.count { self.grow() }
    self.place(id, slot: Int32(truncatingIfNeeded: slot))
    self.count &+= 1
  }

  mutating func remove(_ id: UInt32) {
    guard !self.ids.isEmpty, id != 0 else { return }
    let mask = self.ids.count &- 1
    var hole = Self.home(id, mask)
    while self.ids[hole] != id {
      if self.ids[hole] == 0 { return }
      hole = (hole &+ 1) & mask
    }
    self.count &-= 1
    // Those behind move up, so that no search ends at the hole.
    var next = (hole &+ 1) & mask
    while self.ids[next] != 0 {
      let home = Self.home(self.ids[next], mask)
      if (next &- home) & mask >= (next &- hole) & mask {
        self.ids[hole] = self.ids[next]
        self.slots[hole] = self.slots[next]
        hole = next
      }
      next = (next &+ 1) & mask
    }
    self.ids[hole] = 0
  }

  private mutating func place(_ id: UInt32, slot: Int32) {
    let mask = self.ids.count &- 1
    var place = Self.home(id, mask)
    while self.ids[place] != 0 { place = (place &+ 1) & mask }
    self.ids[place] = id
    self.slots[place] = slot
  }

  private mutating func grow() {
    let (ids, slots) = (self.ids, self.slots)
    let size = max(8, ids.count &* 2)
    self.ids = Array(repeating: 0, count: size)
    self.slots = Array(repeating: 0, count: size)
    for index in ids.indices where ids[index] != 0 { self.place(ids[index], slot: slots[index]) }
  }

  private static func home(_ id: UInt32, _ mask: Int) -> Int { Int(id &>> 1) & mask }
}
