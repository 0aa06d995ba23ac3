// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
public import GibbonSchema
public import GibbonStore
internal import Synchronization

extension CassandraStore {
  public func revision() async throws(StoreError) -> Revision { try await self.log.refresh().head }

  public var condition: String? {
    self.tables.quorum.isAway
      ? "a quorum of replicas does not answer: entities are read of the replicas that do, and nothing can be written"
      : nil
  }

  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    let position = try await self.log.refresh()
    if self.isPartial.load(ordering: .relaxed) {
      // Everything is read anew once a quorum answers again: what one replica missed is in no commit to come.
      if self.tables.quorum.isAway { return ChangeBatch([], revision: revision) }
      return ChangeBatch([], revision: position.head, isIncomplete: true)
    }
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
    // Without a quorum nothing can be written; the commits themselves are read all the same.
    if !self.tables.quorum.isAway { try await self.log.rollForward(to: head) }
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) { try await self.log.trim(keeping: count) }

  // MARK: Everything

  /// The tables are read while commits go on. What those changed is laid over it, so that the whole is as the last of
  /// them left it.
  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    for schema in schemas { _ = try self.collections.named(schema.name) }
    let start = try await self.log.refresh()
    try await self.awaitApplied(start.head)
    let parts = schemas.flatMap { schema in Shard.all.map { (schema.name, $0) } }
    let read = try await concurrently(parts, atOnce: 16) { (name, shard) async throws(StoreError) in
      (name, try await self.all(of: name, in: shard))
    }
    // The parts are in the ids' order, and so is what is in them.
    var rows: [String: [Row]] = [:]
    for (name, part) in read { rows[name, default: []] += part }
    let end = try await self.log.refresh()
    let isPartial = self.tables.quorum.isAway
    // Commits that could not be brought into the tables are laid over them as well.
    let whole = isPartial ? min(start.head, self.log.position.applied) : start.head
    guard let entries = try await self.log.entries(after: whole, through: end.head) else {
      throw .unavailable("there were too many commits while everything was read")
    }
    try Self.lay(entries, from: whole + 1, over: &rows)
    self.isPartial.store(isPartial, ordering: .relaxed)
    let now = self.now()
    // A partial one stands before the last commit, so that whoever follows the feed comes back for the rest.
    return StoreSnapshot(
      rows: rows.mapValues { rows in rows.lazy.map(\.entity).filter { $0.isAlive(at: now) } },
      revision: isPartial ? end.head - 1 : end.head)
  }

  private struct Row {
    let id: ExactText
    let entity: StoredEntity
  }

  private func all(of name: String, in shard: Int32) async throws(StoreError) -> [Row] {
    let rows = try await self.tables.rows(
      "SELECT id, \(Tables.columns) FROM \(self.tables.keyspace).entities WHERE collection = ? AND shard = ?",
      [.text(name), .int(shard)], .available)
    var found: [Row] = []
    found.reserveCapacity(rows.count)
    for row in rows {
      guard let id = row.first?.text, let entity = try Tables.entity(row.dropFirst(), name) else { continue }
      found.append(Row(id: ExactText(id), entity: entity))
    }
    return found
  }

  private static func lay(
    _ entries: [LogEntry], from first: Revision, over rows: inout [String: [Row]]
  ) throws(StoreError) {
    var changed: [String: [ExactText: StoredEntity?]] = [:]
    for (entry, revision) in zip(entries, first...) {
      for change in entry.changes where rows[change.place.collection] != nil {
        changed[change.place.collection, default: [:]][change.place.id] = .some(try change.entity(at: revision))
      }
    }
    for (name, changes) in changed {
      var kept = (rows[name] ?? []).filter { changes[$0.id] == nil }
      for case (let id, let entity?) in changes { kept.append(Row(id: id, entity: entity)) }
      rows[name] = kept.sorted { $0.id < $1.id }
    }
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
