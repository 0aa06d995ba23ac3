// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
public import GibbonSchema
public import GibbonStore

extension CassandraStore {
  public func revision() async throws(StoreError) -> Revision { try await self.log.refresh().head }

  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    let position = try await self.log.refresh()
    if revision == position.head { return ChangeBatch([], revision: revision) }
    // Trimmed beyond what was asked for, or another datastore than the one that was read before.
    guard revision < position.head, revision >= position.floor,
      let entries = try await self.log.entries(after: revision, through: position.head)
    else { return ChangeBatch([], revision: position.head, isIncomplete: true) }
    try await self.awaitApplied(position.head)
    var latest: [EntityPlace: (order: Int, change: LogEntry.Change, revision: Revision)] = [:]
    var order = 0
    for (entry, revision) in zip(entries, (revision + 1)...) {
      for change in entry.changes {
        order += 1
        latest[change.place] = (order, change, revision)
      }
    }
    var changes: [EntityChange] = []
    let now = self.now()
    for (_, change, revision) in latest.values.sorted(by: { $0.order < $1.order }) {
      // A plugin that is not enabled here has no collection here.
      guard self.collections[change.place.collection] != nil else { continue }
      let entity = try change.entity(at: revision).flatMap { $0.isAlive(at: now) ? $0 : nil }
      changes.append(EntityChange(collection: change.place.collection, id: change.place.id.text, entity: entity))
    }
    return ChangeBatch(changes, revision: position.head)
  }

  /// Whoever follows the feed looks up in the tables what it tells of: they must have it before. Its writer is given a
  /// moment; if that has died, this node does it.
  private func awaitApplied(_ head: Revision) async throws(StoreError) {
    for milliseconds in [10, 20, 40, 80] where self.log.position.applied < head {
      try? await Task.sleep(for: .milliseconds(milliseconds))
      if self.log.position.applied < head { _ = try await self.log.refresh() }
    }
    try await self.log.rollForward(to: head)
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) { try await self.log.trim(keeping: count) }

  // MARK: Everything

  /// The tables are read while commits go on. What those changed is laid over it, so that the whole is as the last of
  /// them left it.
  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    for schema in schemas { _ = try self.collections.named(schema.name) }
    let start = try await self.log.refresh()
    try await self.awaitApplied(start.head)
    var rows: [String: [ExactText: StoredEntity]] = [:]
    for schema in schemas { rows[schema.name] = try await self.all(schema) }
    let end = try await self.log.refresh()
    guard let entries = try await self.log.entries(after: start.head, through: end.head) else {
      throw .unavailable("there were too many commits while everything was read")
    }
    for (entry, revision) in zip(entries, (start.head + 1)...) {
      for change in entry.changes where rows[change.place.collection] != nil {
        rows[change.place.collection]?[change.place.id] = try change.entity(at: revision)
      }
    }
    let now = self.now()
    let sorted = rows.mapValues { entities in
      entities.filter { $0.value.isAlive(at: now) }.sorted { $0.key < $1.key }.map(\.value)
    }
    return StoreSnapshot(rows: sorted, revision: end.head)
  }

  private func all(_ schema: EntitySchema) async throws(StoreError) -> [ExactText: StoredEntity] {
    let text =
      "SELECT id, \(Tables.columns) FROM \(self.tables.keyspace).entities WHERE collection = ? AND shard = ?"
    let found = try await concurrently(Array(Shard.all), atOnce: 16) { (shard) async throws(StoreError) in
      var entities: [(ExactText, StoredEntity)] = []
      for row in try await self.tables.rows(text, [.text(schema.name), .int(shard)]) {
        guard let id = row.first?.text, let entity = try Tables.entity(row.dropFirst(), schema.name) else { continue }
        entities.append((ExactText(id), entity))
      }
      return entities
    }
    return Dictionary(found.joined(), uniquingKeysWith: { $1 })
  }
}

extension LogEntry.Change {
  /// What the entity became, or nil where it is gone.
  func entity(at revision: Revision) throws(StoreError) -> StoredEntity? {
    guard let state else { return nil }
    return try Tables.entity(
      [
        .text(state.document), .text(state.workspace), .bigint(revision), .double(state.expiresAt ?? .infinity),
      ], self.place.collection)
  }
}
