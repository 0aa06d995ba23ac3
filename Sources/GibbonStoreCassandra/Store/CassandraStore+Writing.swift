// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

extension CassandraStore {
  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    guard !writes.isEmpty else { return try await self.revision() }
    return try await self.line.run(.writes(writes)).revision
  }

  /// Commits of one purge; what is left waits for the next.
  private static let purgeRounds = 100
  /// Entities of one of them.
  private static let purgeLimit = 1000

  /// Counters and locks end by themselves.
  @discardableResult
  public func purgeExpired() async throws(StoreError) -> Int {
    var count = 0
    for _ in 0..<Self.purgeRounds {
      let now = self.now()
      let rows = try await self.expired(at: now)
      guard !rows.isEmpty else {
        self.swept.withLock { $0 = now - Self.sweptSeconds }
        break
      }
      let places = rows.map(\.place).filter { self.collections[$0.collection] != nil }
      let deleted = places.isEmpty ? 0 : try await self.line.run(.expired(places)).count
      count += deleted
      if deleted == 0 {
        try await self.forgetStale(rows)
        break
      }
    }
    return count
  }

  /// What ended this long before a purge that left nothing is not looked for again until the next start: the server
  /// would have to read over all that was deleted there. Whoever adds an entity whose end is past has that much time.
  private static let sweptSeconds = 3600.0

  private func expired(at now: Double) async throws(StoreError) -> [(end: Double, place: EntityPlace)] {
    let text = """
      SELECT expires_at, collection, id FROM \(self.tables.keyspace).expiring \
      WHERE shard = ? AND expires_at > ? AND expires_at <= ? LIMIT \(Self.purgeLimit)
      """
    let start = self.swept.withLock { $0 }
    let found = try await concurrently(Array(Shard.all)) { (shard) async throws(StoreError) in
      try await self.tables.rows(text, [.int(shard), .double(start), .double(now)])
    }
    let rows = found.joined().compactMap { row -> (end: Double, place: EntityPlace)? in
      guard row.count == 3, let end = row[0].double, let name = row[1].text, let id = row[2].text else { return nil }
      return (end, EntityPlace(name, id))
    }
    let sorted = rows.sorted {
      ($0.place.collection, $0.end, $0.place.id) < ($1.place.collection, $1.end, $1.place.id)
    }
    return Array(sorted.prefix(Self.purgeLimit))
  }

  /// A replica that was away for long may bring back rows of what is gone.
  private func forgetStale(_ rows: [(end: Double, place: EntityPlace)]) async throws(StoreError) {
    let revision = self.log.position.applied
    for row in rows where try await self.tables.entity(row.place)?.expiresAt != row.end {
      let deletion = self.tables.deletion(.expiring(row.end, row.place), revision)
      try await self.tables.write(deletion.text, deletion.values)
    }
  }
}
