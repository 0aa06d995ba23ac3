// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// The entities of all collections with their tags: a value that keeps its parts in step.
struct MemoryContents: Sendable {
  private(set) var tables: [String: MemoryTable] = [:]
  private(set) var tags = MemoryTags()

  /// Whole collections as they were given, before anything is found in them.
  struct Declared: Sendable {
    /// Of several with one id the last counts.
    let rows: [String: [JSONObject]]
    let workspace: EntityID
    let revision: Revision
    /// Unix seconds, from which times to live count.
    let time: Double
  }

  init(_ registry: EntityRegistry) {
    let schemas = registry.schemas.filter { $0.name != TagsSchema.collection }
    var children: [String: [MemoryTable.Child]] = [:]
    for schema in schemas {
      for (index, reference) in TableLayout(schema).references.enumerated() {
        children[reference.collection, default: []].append(
          MemoryTable.Child(collection: schema.name, index: index, deletion: reference.deletion))
      }
    }
    for schema in schemas { self.tables[schema.name] = MemoryTable(schema, children: children[schema.name] ?? []) }
  }

  /// Whole collections, as a declarative configuration has them. The default workspace is there in any case.
  init(_ registry: EntityRegistry, _ declared: Declared) {
    self.init(registry)
    for schema in registry.schemas {
      // Taken out, so that it is filled in place.
      guard let objects = declared.rows[schema.name], var table = self.tables.removeValue(forKey: schema.name) else {
        continue
      }
      let entities = objects.map { Self.entity($0, schema, declared) }
      table.reserveCapacity(entities.count)
      for (id, entity) in entities.map({ (ExactText($0.key(schema)), $0) }).sorted(by: { $0.0 < $1.0 }) {
        if let former = table.rows[id] {
          let keys = table.keys(former)
          table.remove(keys)
          self.tags.remove(keys, in: schema.name)
        }
        let keys = table.keys(entity)
        table.add(entity, keys)
        self.tags.add(keys, in: schema.name)
      }
      self.tables[schema.name] = table
    }
    if self.tables[Workspace.collection]?.rows[ExactText(Workspace.defaultID.description)] == nil {
      self.addDefaultWorkspace(revision: declared.revision, at: declared.time)
    }
  }

  private static func entity(_ object: JSONObject, _ schema: EntitySchema, _ declared: Declared) -> StoredEntity {
    var object = object
    var expiresAt: Double?
    if schema.hasTTL {
      if let lifetime = object["ttl"]?.doubleValue, lifetime > 0 { expiresAt = declared.time + lifetime }
      object["ttl"] = nil
    }
    if schema.isWorkspaceable { object["ws_id"] = nil }
    for field in schema.record.fields where field.traits.contains(.transient) { object[field.name] = nil }
    return StoredEntity(
      object, workspace: schema.isWorkspaceable ? declared.workspace : nil, revision: declared.revision,
      expiresAt: expiresAt)
  }

  mutating func addDefaultWorkspace(revision: Revision, at now: Double) {
    let object = Workspace.defaultObject(createdAt: Int(exactly: now.rounded(.down)) ?? 0)
    self.set(
      StoredEntity(object, workspace: nil, revision: revision), ExactText(Workspace.defaultID.description),
      in: Workspace.collection)
  }

  /// - Throws: for a collection that is not known.
  func table(_ name: String) throws(StoreError) -> MemoryTable {
    guard let table = self.tables[name] else { throw .failure("there is no collection '\(name)'") }
    return table
  }

  /// Makes an entity what it is to be, nil for gone, without checks.
  ///
  /// - Returns: what it was.
  @discardableResult
  mutating func set(_ entity: StoredEntity?, _ id: ExactText, in collection: String) -> StoredEntity? {
    let previous = self.tables[collection]?.rows[id]
    if let previous, let keys = self.tables[collection]?.keys(previous) {
      self.tables[collection]?.remove(keys)
      self.tags.remove(keys, in: collection)
    }
    if let entity, let keys = self.tables[collection]?.keys(entity) {
      self.tables[collection]?.add(entity, keys)
      self.tags.add(keys, in: collection)
    }
    return previous
  }
}
