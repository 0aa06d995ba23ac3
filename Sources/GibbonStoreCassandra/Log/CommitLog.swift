// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonStore
internal import Synchronization

/// The log of commits, which is the database: all else is derived from it.
///
/// Revisions have no gaps. Whoever adds one says which it is to be, and the server lets one win.
final class CommitLog: Sendable {
  /// How far it reaches.
  struct Position: Sendable, Hashable {
    /// The last commit.
    var head: Revision = 0
    /// All commits up to this one are in the other tables.
    var applied: Revision = 0
    /// The entries up to this one are forgotten.
    var floor: Revision = 0
  }

  let tables: Tables
  private let now: @Sendable () -> Double
  /// What this node has seen; both only grow, but for a datastore that was emptied.
  private let known = Mutex(Position())

  /// Revisions of a partition.
  static let bucketSize: Revision = 1024
  /// Entries and bytes that a reader is given at once; who is further behind reads everything anew.
  private static let entryLimit: Revision = 20_000
  private static let byteLimit = 64 * 1024 * 1024
  /// Rows of a page, of which each may have 64 KiB, and parts, of 256 KiB.
  private static let entriesAtOnce: Int32 = 128
  private static let partsAtOnce: Int32 = 16

  init(_ tables: Tables, now: @escaping @Sendable () -> Double) {
    self.tables = tables
    self.now = now
  }

  var position: Position { self.known.withLock { $0 } }

  func forget() { self.known.withLock { $0 = Position() } }

  static func bucket(_ revision: Revision) -> Int64 { revision / Self.bucketSize }

  // MARK: Where it ends

  /// Asks the datastore.
  func refresh() async throws(StoreError) -> Position {
    // One by one: each is asked for at a node that has it.
    let values = try await concurrently(["applied", "floor"]) { (key) async throws(StoreError) in
      try await self.tables.rows(
        "SELECT value FROM \(self.tables.keyspace).progress WHERE key = ?", [.text(key)], .available
      )
      .first?.first?.integer ?? 0
    }
    let (applied, floor) = (values.first ?? 0, values.last ?? 0)
    let start = self.known.withLock { known in
      // One replica alone may be behind what was seen before; that is no other datastore.
      if self.tables.quorum.isAway {
        known.applied = max(known.applied, applied)
        known.floor = max(known.floor, floor)
      } else {
        // It never goes back: this is another datastore, or an emptied one.
        if applied < known.applied { known = Position() }
        known.applied = applied
        known.floor = floor
      }
      known.head = max(known.head, known.applied)
      return known
    }
    try await self.readEnd(from: start.head)
    return self.position
  }

  /// Looks for commits behind the last one that is known.
  func readEnd() async throws(StoreError) { try await self.readEnd(from: self.position.head) }

  private func readEnd(from start: Revision) async throws(StoreError) {
    var head = start
    while true {
      let rows = try await self.tables.rows(
        "SELECT revision FROM \(self.tables.keyspace).commits WHERE bucket = ? AND revision > ?",
        [.bigint(Self.bucket(head + 1)), .bigint(head)], .available)
      let before = head
      for row in rows where row.first?.integer == head + 1 { head += 1 }
      if head == before || Self.bucket(head + 1) == Self.bucket(head) { break }
    }
    let found = head
    self.known.withLock { $0.head = max($0.head, found) }
  }

  // MARK: Bringing the tables up to it

  /// Does what is left of commits whose writers have not: they may still be at it, or may have died.
  func rollForward(to head: Revision) async throws(StoreError) {
    var applied = self.position.applied
    while applied < head {
      let last = min(head, applied + 100)
      guard let entries = try await self.entries(after: applied, through: last) else {
        // Trimmed meanwhile, so that somebody was faster.
        let position = try await self.refresh()
        guard position.applied > applied else { throw .failure("the log has no commit \(applied + 1)") }
        applied = position.applied
        continue
      }
      for (entry, revision) in zip(entries, applied + 1...last) { try await self.apply(entry, revision) }
      applied = last
    }
  }

  func apply(_ entry: LogEntry, _ revision: Revision) async throws(StoreError) {
    try await self.tables.apply(entry, revision)
    try await self.write("applied", revision)
    self.known.withLock { known in
      known.applied = max(known.applied, revision)
      known.head = max(known.head, revision)
    }
  }

  /// The higher value stays, in whatever order two are written: its time is the later one.
  private func write(_ key: String, _ value: Revision) async throws(StoreError) {
    try await self.tables.write(
      "INSERT INTO \(self.tables.keyspace).progress (key, value) VALUES (?, ?) USING TIMESTAMP ?",
      [.text(key), .bigint(value), .bigint(value)])
  }

  // MARK: Reading

  /// - Returns: nil where some of them are not there any more, or where they are too many.
  func entries(after first: Revision, through last: Revision) async throws(StoreError) -> [LogEntry]? {
    guard first < last else { return [] }
    guard last - first <= Self.entryLimit else { return nil }
    var entries: [LogEntry] = []
    var size = 0
    for bucket in Self.bucket(first + 1)...Self.bucket(last) {
      let rows = try await self.tables.rows(
        """
        SELECT revision, id, parts, payload FROM \(self.tables.keyspace).commits \
        WHERE bucket = ? AND revision > ? AND revision <= ?
        """, [.bigint(bucket), .bigint(first), .bigint(last)], .available, pageSize: Self.entriesAtOnce)
      for row in rows {
        guard row.count == 4, row[0].integer == first + 1 + Revision(entries.count), let id = row[1].id else {
          return nil
        }
        guard let bytes = try await self.payload(row[3].bytes, id, parts: row[2].integer ?? 0) else { return nil }
        size += bytes.count
        guard size <= Self.byteLimit || entries.isEmpty else { return nil }
        guard let entry = LogEntry(bytes) else { throw .failure("commit \(row[0].integer ?? 0) cannot be read") }
        entries.append(entry)
      }
    }
    return entries.count == last - first ? entries : nil
  }

  private func payload(_ bytes: [UInt8]?, _ id: EntityID, parts: Int64) async throws(StoreError) -> [UInt8]? {
    guard parts > 0 else { return bytes }
    var bytes: [UInt8] = []
    let rows = try await self.tables.rows(
      "SELECT part, payload FROM \(self.tables.keyspace).commit_parts WHERE id = ?", [.uuid(id)], .available,
      pageSize: Self.partsAtOnce)
    for (index, row) in rows.enumerated() {
      guard row.count == 2, row[0].integer == Int64(index), let part = row[1].bytes else { return nil }
      bytes += part
    }
    return rows.count == parts ? bytes : nil
  }

  // MARK: Forgetting

  func trim(keeping count: Int) async throws(StoreError) {
    let position = try await self.refresh()
    try await self.rollForward(to: position.head)
    let floor = position.head - Revision(max(0, count))
    guard floor > position.floor else { return }
    // Whole partitions only; the last one stays for the entries to come. Before it is said that they are gone, so that
    // whoever is interrupted leaves them to the next: readers notice what is missing.
    let (first, end) = (Self.bucket(position.floor), Self.bucket(floor + 1))
    for bucket in first..<max(first, end) { try await self.delete(bucket) }
    try await self.write("floor", floor)
    self.known.withLock { $0.floor = max($0.floor, floor) }
  }

  private func delete(_ bucket: Int64) async throws(StoreError) {
    let rows = try await self.tables.rows(
      "SELECT id, parts FROM \(self.tables.keyspace).commits WHERE bucket = ?", [.bigint(bucket)])
    for row in rows where row.count == 2 && (row[1].integer ?? 0) > 0 {
      try await self.deleteParts(row[0])
    }
    try await self.tables.write("DELETE FROM \(self.tables.keyspace).commits WHERE bucket = ?", [.bigint(bucket)])
  }

  func deleteParts(_ id: CQLValue) async throws(StoreError) {
    try await self.tables.write("DELETE FROM \(self.tables.keyspace).commit_parts WHERE id = ?", [id])
  }

  var time: Double { self.now() }
}
