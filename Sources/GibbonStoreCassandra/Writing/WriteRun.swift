// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The writes of one log entry: checked one after the other on what is committed and what those before them changed.
struct WriteRun {
  private let state: any CommittedState
  private let collections: Collections
  private let now: Double
  /// Of the entry that this becomes.
  private let revision: Revision
  private var overlay = Overlay()

  /// What a row and its document may take: the server refuses a mutation of more than half a segment of its commit log,
  /// which is 16 MiB as it comes.
  private static let documentLimit = 8 * 1024 * 1024

  init(_ state: any CommittedState, _ collections: Collections, now: Double, revision: Revision) {
    self.state = state
    self.collections = collections
    self.now = now
    self.revision = revision
  }

  /// All writes, or none where one is refused.
  mutating func apply(_ writes: [EntityWrite]) async throws(StoreError) {
    let before = self.overlay
    do throws(StoreError) {
      for write in writes { try await self.apply(write) }
    } catch {
      self.overlay = before
      throw error
    }
  }

  /// Deletes those of some entities whose time is over.
  ///
  /// - Returns: how many.
  mutating func deleteExpired(_ places: [EntityPlace]) async throws(StoreError) -> Int {
    var count = 0
    for place in places {
      guard let entity = try await self.entity(place), !entity.isAlive(at: self.now) else { continue }
      try await self.delete(place)
      count += 1
    }
    return count
  }

  /// - Returns: nil where nothing was changed.
  func entry() async throws(StoreError) -> LogEntry? {
    guard !self.overlay.isEmpty else { return nil }
    var entry = LogEntry()
    var (former, present): (Set<IndexRow>, Set<IndexRow>) = ([], [])
    for place in self.overlay.places {
      let written = self.overlay.entities[place] ?? nil
      let known = try await self.state.entity(place)
      // Inserted and deleted by the same commit.
      if written == nil, known == nil { continue }
      entry.changes.append(LogEntry.Change(place: place, state: written.map(Self.state)))
      former.formUnion(try self.rows(known, place))
      present.formUnion(written?.rows ?? [])
    }
    entry.added = Array(present.subtracting(former))
    // The key is what a row is deleted by: one that goes over to another entity is written, not deleted.
    let kept = Set(entry.added.compactMap(\.uniqueKey))
    entry.removed = former.subtracting(present).filter { row in row.uniqueKey.map { !kept.contains($0) } ?? true }
    return entry.changes.isEmpty ? nil : entry
  }

  private static func state(_ written: Overlay.Written) -> LogEntry.State {
    LogEntry.State(
      document: written.document, workspace: written.entity.workspace?.description ?? "",
      expiresAt: written.entity.expiresAt)
  }

  private func rows(_ entity: StoredEntity?, _ place: EntityPlace) throws(StoreError) -> [IndexRow] {
    guard let entity else { return [] }
    return try IndexRow.rows(entity, try self.collections.named(place.collection))
  }

  // MARK: What is there now

  private func entity(_ place: EntityPlace) async throws(StoreError) -> StoredEntity? {
    if let known = self.overlay.entities[place] { return known?.entity }
    return try await self.state.entity(place)
  }

  private func holder(of key: UniqueKey) async throws(StoreError) -> ExactText? {
    if let known = self.overlay.holders[key] { return known }
    return try await self.state.holder(of: key)
  }

  /// Who names an entity, in the order of ids.
  private func children(of place: EntityPlace) async throws(StoreError) -> [ChildKey] {
    var children = Set(try await self.state.children(of: place))
    for (key, isThere) in self.overlay.children[place] ?? [:] {
      if isThere { children.insert(key) } else { children.remove(key) }
    }
    return children.sorted { $0.child.id < $1.child.id }
  }

  /// Whether an entity is there; one whose time is over gives way.
  private mutating func isTaken(_ place: EntityPlace) async throws(StoreError) -> Bool {
    guard let entity = try await self.entity(place) else { return false }
    if entity.isAlive(at: self.now) { return true }
    try await self.delete(place)
    return false
  }

  private mutating func set(_ written: Overlay.Written?, at place: EntityPlace) async throws(StoreError) {
    let former: [IndexRow]
    if let changed = self.overlay.entities[place] {
      former = changed?.rows ?? []
    } else {
      former = try self.rows(try await self.state.entity(place), place)
    }
    self.overlay.set(written, at: place, former: former)
  }

  // MARK: Storing

  private mutating func apply(_ write: EntityWrite) async throws(StoreError) {
    switch write {
    case .insert(let schema, let entity):
      let place = try self.collections.named(schema.name).place(entity)
      if try await self.isTaken(place) { throw .primaryKey(collection: schema.name, id: place.id.text) }
      try await self.store(entity, try self.collections.named(schema.name))
    case .put(let schema, let entity): try await self.store(entity, try self.collections.named(schema.name))
    case .replace(let schema, let entity, let revision):
      let place = try self.collections.named(schema.name).place(entity)
      guard let present = try await self.entity(place), present.isAlive(at: self.now) else {
        throw .missing(collection: schema.name, id: place.id.text)
      }
      if present.revision != revision { throw .conflict(collection: schema.name, id: place.id.text) }
      try await self.store(entity, try self.collections.named(schema.name))
    case .delete(let schema, let id):
      try await self.delete(EntityPlace(try self.collections.named(schema.name).name, id))
    }
  }

  private mutating func store(_ entity: StoredEntity, _ collection: EntityCollection) async throws(StoreError) {
    let keys = collection.keys(entity)
    try await self.checkUniques(entity, keys, collection)
    try await self.checkReferences(entity, keys, collection)
    let stored = StoredEntity(
      entity.object, workspace: entity.workspace, revision: self.revision,
      expiresAt: collection.layout.hasTTL ? entity.expiresAt : nil)
    let document = JSONValue.object(entity.object).serialized()
    guard document.count <= Self.documentLimit else {
      throw .failure(
        "\(collection.name): an entity is larger than \(Self.documentLimit) bytes, which Cassandra refuses")
    }
    let place = EntityPlace(collection.name, keys.id)
    let written = Overlay.Written(
      entity: stored, document: String(decoding: document, as: UTF8.self), rows: try self.rows(stored, place))
    try await self.set(written, at: place)
  }

  private mutating func checkUniques(
    _ entity: StoredEntity, _ keys: EntityKeys, _ collection: EntityCollection
  ) async throws(StoreError) {
    let id = ExactText(keys.id)
    for key in IndexRow.uniques(entity, keys, collection) {
      guard let holder = try await self.holder(of: key), holder != id,
        try await self.isTaken(EntityPlace(collection.name, holder))
      else { continue }
      let fields =
        key.field == UniqueKey.composite
        ? EntityKeys.compositeFields(collection.layout, entity.object)
        : [key.field: entity.object[key.field] ?? .null]
      throw .unique(collection: collection.name, fields: fields)
    }
  }

  private func checkReferences(
    _ entity: StoredEntity, _ keys: EntityKeys, _ collection: EntityCollection
  ) async throws(StoreError) {
    for case (let reference, let id?) in keys.references
    where try await self.entity(EntityPlace(reference.collection, id)) == nil {
      throw .foreign(field: reference.field, collection: reference.collection, id: id)
    }
    guard collection.layout.isWorkspaceable else { return }
    let workspace = entity.workspace?.description ?? ""
    if try await self.entity(EntityPlace(Workspace.collection, workspace)) == nil {
      throw .foreign(field: "ws_id", collection: Workspace.collection, id: workspace)
    }
  }

  // MARK: Deleting

  private mutating func delete(_ place: EntityPlace) async throws(StoreError) {
    guard try await self.entity(place) != nil else { return }
    if place.collection == Workspace.collection { try await self.checkEmpty(workspace: place.id) }
    var byField: [String: [ChildKey]] = [:]
    for key in try await self.children(of: place) {
      byField["\(key.child.collection).\(key.field)", default: []].append(key)
    }
    for (name, reference) in try self.collections.named(place.collection).children {
      for key in byField.removeValue(forKey: "\(name).\(reference.field)") ?? [] {
        switch reference.deletion {
        case .cascade: try await self.delete(key.child)
        case .restrict:
          if try await self.isTaken(key.child) { throw .referenced(collection: place.collection, by: name) }
        }
      }
    }
    // Entities of a plugin that is not enabled on this node.
    if let other = byField.values.first?.first {
      throw .referenced(collection: place.collection, by: other.child.collection)
    }
    try await self.set(nil, at: place)
  }

  /// A workspace with entities stays.
  private func checkEmpty(workspace: ExactText) async throws(StoreError) {
    let changed = self.overlay.entities
    for collection in self.collections.all where collection.layout.isWorkspaceable {
      let own = changed.filter { $0.key.collection == collection.name }
      let isThere = own.contains { $0.value?.entity.workspace.map { ExactText($0.description) } == workspace }
      let others = try await self.state.ids(in: workspace, of: collection.name, limit: own.count + 1)
        .contains { own[EntityPlace(collection.name, $0)] == nil }
      if isThere || others { throw .referenced(collection: Workspace.collection, by: collection.name) }
    }
  }
}

extension IndexRow {
  var uniqueKey: UniqueKey? {
    guard case .unique(let key, _) = self else { return nil }
    return key
  }
}
