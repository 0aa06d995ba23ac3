// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The dynamic table of an encoder, and where in it a field or a name is.
///
/// Entries of one bucket are chained from the newest to the oldest, by the numbers the table gives them. What was
/// evicted has too low a number: a chain ends there, and eviction has nothing to undo.
struct HPACKEncoderIndex: Sendable {
  private struct Link: Sendable {
    var lineHash: UInt32 = 0
    var nameHash: UInt32 = 0
    /// The next older entries in the buckets of the line and of the name.
    var olderLine: UInt32 = 0
    var olderName: UInt32 = 0
  }

  private(set) var table: HPACKDynamicTable
  /// By the number of the entry.
  private var links: [Link] = []
  /// The newest entry of each bucket.
  private var lines: [UInt32] = []
  private var names: [UInt32] = []
  /// Hashes of fields that came lately and are not in the table.
  private var seen: [UInt32] = []

  /// Bytes of table that an encoder uses at most.
  static let mostBytes = 4096
  /// As many as entries of no text would be.
  private static let linkCount = Self.mostBytes / HPACKLimits.fieldOverhead
  private static let bucketCount = 256
  private static let seenCount = 128
  /// Candidates that a look-up compares with, so that texts of one hash cost little.
  private static let probeLimit = 8

  init(limit: Int) {
    self.table = HPACKDynamicTable(limit: max(0, min(limit, Self.mostBytes)))
  }

  mutating func setLimit(_ limit: Int) {
    self.table.setLimit(limit)
  }

  /// The position of a line's field in the table, or -1.
  @inline(__always)
  func position(_ line: Span<UInt8>, _ hash: UInt32) -> Int {
    guard self.table.count > 0 else { return -1 }
    var number = self.lines[Int(hash) & (Self.bucketCount &- 1)]
    var last = -1
    for _ in 0..<Self.probeLimit {
      let position = Int(self.table.newest &- number)
      guard position > last, position < self.table.count else { return -1 }
      let link = self.links[Int(number) & (Self.linkCount &- 1)]
      if link.lineHash == hash, self.isField(line, at: position) { return position }
      (last, number) = (position, link.olderLine)
    }
    return -1
  }

  /// Whether the line's field is the one at a position.
  @inline(__always)
  private func isField(_ line: Span<UInt8>, at position: Int) -> Bool {
    let entry = self.table.entry(at: position)
    let nameCount = Int(entry.nameCount)
    var valueStart = nameCount &+ 1
    guard valueStart < line.count, line[nameCount] == UInt8(ascii: ":") else { return false }
    if line[valueStart] == .space { valueStart &+= 1 }
    let text = self.table.text(of: entry)
    return line.extracting(0..<nameCount).equals(lowercased: text.extracting(0..<nameCount))
      && line.extracting(valueStart..<line.count).equalsWords(text.extracting(nameCount..<text.count))
  }

  /// The position of the newest field with a name, or -1.
  func namePosition(_ name: Span<UInt8>, _ hash: UInt32) -> Int {
    guard self.table.count > 0 else { return -1 }
    var number = self.names[Int(hash) & (Self.bucketCount &- 1)]
    var last = -1
    for _ in 0..<Self.probeLimit {
      let position = Int(self.table.newest &- number)
      guard position > last, position < self.table.count else { return -1 }
      let link = self.links[Int(number) & (Self.linkCount &- 1)]
      if link.nameHash == hash {
        let entry = self.table.entry(at: position)
        let text = self.table.text(of: entry).extracting(0..<Int(entry.nameCount))
        if name.equals(lowercased: text) { return position }
      }
      (last, number) = (position, link.olderName)
    }
    return -1
  }

  /// Whether a field with this hash came lately; from now on it did.
  mutating func hasSeen(_ hash: UInt32) -> Bool {
    if self.seen.isEmpty { self.seen = Array(repeating: 0, count: Self.seenCount) }
    // Two places for each, the newer first, so that two fields of each message do not always drive each other out.
    let slot = Int(hash &* 2) & (Self.seenCount &- 1)
    if self.seen[slot] == hash || self.seen[slot &+ 1] == hash { return true }
    self.seen[slot &+ 1] = self.seen[slot]
    self.seen[slot] = hash
    return false
  }

  /// Inserts a field that the peer is told to insert.
  mutating func insert(_ name: Span<UInt8>, _ value: Span<UInt8>, nameHash: UInt32, lineHash: UInt32) {
    var entry = HPACKEntry.none
    entry.nameCount = UInt32(truncatingIfNeeded: name.count)
    entry.valueCount = UInt32(truncatingIfNeeded: value.count)
    let isIn = self.table.insert(entry) { output in
      output.append(lowercasing: name)
      output.append(copying: value)
    }
    guard isIn else { return }
    if self.links.isEmpty { self.makeLinks() }
    let number = self.table.newest
    let lineBucket = Int(lineHash) & (Self.bucketCount &- 1)
    let nameBucket = Int(nameHash) & (Self.bucketCount &- 1)
    self.links[Int(number) & (Self.linkCount &- 1)] = Link(
      lineHash: lineHash, nameHash: nameHash, olderLine: self.lines[lineBucket], olderName: self.names[nameBucket])
    self.lines[lineBucket] = number
    self.names[nameBucket] = number
  }

  private mutating func makeLinks() {
    self.links = Array(repeating: Link(), count: Self.linkCount)
    self.lines = Array(repeating: 0, count: Self.bucketCount)
    self.names = Array(repeating: 0, count: Self.bucketCount)
  }
}
