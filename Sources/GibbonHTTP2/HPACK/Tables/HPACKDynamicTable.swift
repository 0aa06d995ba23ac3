// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The dynamic table (RFC 7541, section 2.3.2): one buffer of text, from the oldest entry to the newest, and one ring
/// of entries. Memory grows with use, to twice the limit of text and one entry for 32 bytes of limit.
struct HPACKDynamicTable: Sendable {
  private var text = ByteBuffer()
  /// Bytes of evicted entries that still stand before the text.
  private var spent = 0
  /// Bytes ever evicted, modulo 2^32: what an entry's offset is compared with.
  private var evicted: UInt32 = 0
  /// The ring; its length is a power of two, or zero at first.
  private var ring: [HPACKEntry] = []
  /// Entries ever inserted, modulo 2^32. The newest has this number, the one before it one less.
  private(set) var newest: UInt32 = 0
  private(set) var count = 0
  /// The sum of the entries' sizes (section 4.1).
  private(set) var size = 0
  private(set) var limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// The entry at a position, 0 being the newest; less than `count`.
  @inline(__always)
  func entry(at position: Int) -> HPACKEntry {
    self.ring[self.slot(self.newest &- UInt32(truncatingIfNeeded: position))]
  }

  /// Name and value of an entry, one after the other.
  @inline(__always) @_lifetime(borrow self)
  func text(of entry: HPACKEntry) -> Span<UInt8> {
    self.text[ByteRange(offset: Int(entry.offset &- self.evicted), count: entry.textCount)]
  }

  /// Changes the limit and evicts what is beyond it (section 4.3).
  mutating func setLimit(_ limit: Int) {
    self.limit = limit
    self.evict(to: limit)
  }

  /// Inserts a field (section 4.4): what is too large for the table empties it. `write` appends its name and its value,
  /// which may not be of this table: eviction comes first. False when it was too large.
  mutating func insert(_ new: HPACKEntry, _ write: (inout OutputSpan<UInt8>) -> Void) -> Bool {
    self.evict(to: self.limit &- new.size)
    guard new.size <= self.limit else { return false }
    let bytes = new.textCount
    if self.spent &+ self.text.count &+ bytes > 2 &* self.limit {
      self.text.compact()
      self.spent = 0
    }
    if self.count == self.ring.count { self.growRing() }
    var entry = new
    entry.offset = self.evicted &+ UInt32(truncatingIfNeeded: self.text.count)
    self.text.append(upTo: bytes, write)
    self.newest &+= 1
    self.ring[self.slot(self.newest)] = entry
    self.count &+= 1
    self.size &+= entry.size
    return true
  }

  /// Evicts the oldest entries until at most `size` remains.
  private mutating func evict(to size: Int) {
    while self.count > 0, self.size > size {
      let entry = self.entry(at: self.count &- 1)
      self.count &-= 1
      self.size &-= entry.size
      self.evicted &+= UInt32(truncatingIfNeeded: entry.textCount)
      self.text.consume(entry.textCount)
      // A buffer without readable bytes starts anew.
      self.spent = self.text.isEmpty ? 0 : self.spent &+ entry.textCount
    }
  }

  private func slot(_ number: UInt32) -> Int {
    Int(number) & (self.ring.count &- 1)
  }

  private mutating func growRing() {
    let old = self
    self.ring = Array(repeating: .none, count: max(Self.firstCapacity, 2 &* old.ring.count))
    for position in 0..<old.count {
      self.ring[self.slot(old.newest &- UInt32(truncatingIfNeeded: position))] = old.entry(at: position)
    }
  }

  private static let firstCapacity = 16
}
