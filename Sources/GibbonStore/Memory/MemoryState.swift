// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// All that a memory store knows.
struct MemoryState: Sendable {
  var contents: MemoryContents
  /// What the contents are still to be made of.
  private var declared: MemoryContents.Declared?
  var feed = MemoryFeed()
  var pluginData = MemoryPluginData()
  /// Whether anybody has looked for an entity.
  private(set) var wasRead = false
  /// Migrations, `owner/name`, in the order in which they ran.
  var executed: [String] = []
  /// Whether there are collections: since the first migration, or since a configuration was loaded.
  var isSetUp = false
  /// Unix seconds, of the call under way.
  var now = 0.0
  /// What the writes of the transaction under way replaced, for taking them back.
  private var undo: [Replaced] = []

  private struct Replaced {
    let collection: String
    let id: ExactText
    let entity: StoredEntity?
  }

  init(_ contents: MemoryContents) { self.contents = contents }

  // MARK: Replacing everything

  mutating func replaceAll(_ prepared: MemoryStore.Prepared) {
    self.feed.restart()
    self.contents = prepared.contents
    self.declared = prepared.isArranged ? nil : prepared.declared
    self.isSetUp = true
  }

  /// Arranges what was declared so that it can be looked up.
  mutating func arrange(_ registry: EntityRegistry) {
    self.wasRead = true
    guard let declared = self.declared else { return }
    self.contents = MemoryContents(registry, declared)
    self.declared = nil
  }

  // MARK: Transactions

  /// All that `body` writes, or nothing when it throws.
  mutating func transaction<Value>(
    _ body: (inout MemoryState) throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    let start = self.feed.last
    defer { self.undo.removeAll() }
    do {
      let value = try body(&self)
      self.feed.trimIfLong()
      return value
    } catch {
      for replaced in self.undo.reversed() { self.contents.set(replaced.entity, replaced.id, in: replaced.collection) }
      self.feed.undo(to: start)
      throw error
    }
  }

  private mutating func set(_ entity: StoredEntity?, _ id: ExactText, in collection: String) {
    let previous = self.contents.set(entity, id, in: collection)
    self.undo.append(Replaced(collection: collection, id: id, entity: previous))
  }

  // MARK: Writes

  mutating func apply(_ write: EntityWrite) throws(StoreError) {
    switch write {
    case .insert(let schema, let entity):
      let id = ExactText(entity.key(schema))
      if try self.isTaken(id, in: schema.name) { throw .primaryKey(collection: schema.name, id: id.text) }
      try self.store(entity, schema.name)
    case .put(let schema, let entity): try self.store(entity, schema.name)
    case .replace(let schema, let entity, let revision):
      let id = entity.key(schema)
      guard let present = try self.contents.table(schema.name).find(.id(id), at: self.now) else {
        throw .missing(collection: schema.name, id: id)
      }
      if present.revision != revision { throw .conflict(collection: schema.name, id: id) }
      try self.store(entity, schema.name)
    case .delete(let schema, let id): try self.delete(ExactText(id), from: schema.name)
    }
  }

  private mutating func store(_ entity: StoredEntity, _ collection: String) throws(StoreError) {
    // The layout and not the table: holding the table would copy it when it changes.
    let layout = try self.contents.table(collection).layout
    let keys = try self.contents.table(collection).keys(entity)
    try self.checkUniques(entity, keys, layout)
    try self.checkReferences(entity, keys, layout)
    self.feed.append(collection, ExactText(keys.id))
    let stored = StoredEntity(
      entity.object, workspace: entity.workspace, revision: self.feed.last,
      expiresAt: layout.hasTTL ? entity.expiresAt : nil)
    self.set(stored, ExactText(keys.id), in: collection)
  }

  mutating func delete(_ id: ExactText, from collection: String) throws(StoreError) {
    guard try self.contents.table(collection).rows[id] != nil else { return }
    if collection == Workspace.collection { try self.checkEmpty(id) }
    for child in try self.contents.table(collection).children {
      for other in try self.contents.table(child.collection).referring(to: id, field: child.index).all {
        switch child.deletion {
        case .cascade: try self.delete(other, from: child.collection)
        case .restrict:
          guard try self.isTaken(other, in: child.collection) else { continue }
          throw .referenced(collection: collection, by: child.collection)
        }
      }
    }
    self.feed.append(collection, id)
    self.set(nil, id, in: collection)
  }

  // MARK: Keys

  /// Whether an entity has this id; one whose time is over gives way.
  private mutating func isTaken(_ id: ExactText, in collection: String) throws(StoreError) -> Bool {
    guard let entity = try self.contents.table(collection).rows[id] else { return false }
    if entity.isAlive(at: self.now) { return true }
    try self.delete(id, from: collection)
    return false
  }

  private mutating func checkUniques(
    _ entity: StoredEntity, _ keys: EntityKeys, _ layout: TableLayout
  ) throws(StoreError) {
    let id = ExactText(keys.id)
    for (index, unique) in keys.uniques.enumerated() {
      guard let value = unique.value,
        let holder = try self.contents.table(layout.name).holder(of: value, field: index, workspace: entity.workspace),
        holder != id, try self.isTaken(holder, in: layout.name)
      else { continue }
      throw .unique(collection: layout.name, fields: [unique.field.field: .string(value)])
    }
    guard let composite = keys.composite,
      let holder = try self.contents.table(layout.name).holder(ofComposite: composite), holder != id,
      try self.isTaken(holder, in: layout.name)
    else { return }
    throw .unique(collection: layout.name, fields: EntityKeys.compositeFields(layout, entity.object))
  }

  private func checkReferences(_ entity: StoredEntity, _ keys: EntityKeys, _ layout: TableLayout) throws(StoreError) {
    for case (let reference, let id?) in keys.references
    where self.contents.tables[reference.collection]?.rows[ExactText(id)] == nil {
      throw .foreign(field: reference.field, collection: reference.collection, id: id)
    }
    guard layout.isWorkspaceable else { return }
    let workspace = entity.workspace?.description ?? ""
    if self.contents.tables[Workspace.collection]?.rows[ExactText(workspace)] == nil {
      throw .foreign(field: "ws_id", collection: Workspace.collection, id: workspace)
    }
  }

  /// A workspace with entities stays.
  private func checkEmpty(_ workspace: ExactText) throws(StoreError) {
    let id = EntityID(workspace.text)
    let inhabited = self.contents.tables.values.filter { $0.hasEntities(in: id) }.map(\.name)
    if let first = inhabited.min() { throw .referenced(collection: Workspace.collection, by: first) }
  }
}
