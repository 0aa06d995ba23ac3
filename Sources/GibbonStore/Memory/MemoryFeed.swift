// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The last writes, one revision each.
struct MemoryFeed: Sendable {
  struct Entry: Sendable, Hashable {
    let collection: String
    let id: ExactText
  }

  /// The last of them has the last revision.
  private var entries: [Entry] = []
  private(set) var last: Revision = 0

  /// Entries that are kept when nobody trims; twice as many are held for a moment.
  private static let limit = 100_000

  mutating func append(_ collection: String, _ id: ExactText) {
    self.entries.append(Entry(collection: collection, id: id))
    self.last += 1
  }

  /// Takes back what came after a revision.
  mutating func undo(to revision: Revision) {
    self.entries.removeLast(min(Int(self.last - revision), self.entries.count))
    self.last = revision
  }

  mutating func trim(keeping count: Int) {
    self.entries.removeFirst(max(0, self.entries.count - max(0, count)))
  }

  mutating func trimIfLong() {
    if self.entries.count > 2 * Self.limit { self.trim(keeping: Self.limit) }
  }

  /// Goes on at a new revision which no entry leads to, so that every reader starts anew.
  mutating func restart() {
    self.entries.removeAll()
    self.last += 1
  }

  /// What was written after a revision, oldest first, each entity once; nil when that is not known any more.
  func entries(after revision: Revision) -> [Entry]? {
    guard revision <= self.last, self.last - Revision(self.entries.count) <= revision else { return nil }
    var seen: Set<Entry> = []
    let count = Int(self.last - revision)
    return Array(self.entries.suffix(count).reversed().filter { seen.insert($0).inserted }.reversed())
  }
}
