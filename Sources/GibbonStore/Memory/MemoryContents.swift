// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// The entities of all collections with their tags: a value that keeps its parts in step.
struct MemoryContents: Sendable {
  private(set) var tables: [String: MemoryTable] = [:]
  private(set) var tags = MemoryTags()

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
  init(
    _ registry: EntityRegistry, rows: [String: [JSONObject]], workspace: EntityID, revision: Revision, at now: Double
  ) {
    self.init(registry)
    for schema in registry.schemas {
      guard let objects = rows[schema.name], schema.name != TagsSchema.collection else { continue }
      let entities = objects.map { Self.entity($0, schema, workspace: workspace, revision: revision, at: now) }
      let sorted = entities.map { (ExactText($0.key(schema)), $0) }.sorted { $0.0 < $1.0 }
      for (id, entity) in sorted { self.set(entity, id, in: schema.name) }
    }
    if self.tables[Workspace.collection]?.rows[ExactText(Workspace.defaultID.description)] == nil {
      self.addDefaultWorkspace(revision: revision, at: now)
    }
  }

  private static func entity(
    _ object: JSONObject, _ schema: EntitySchema, workspace: EntityID, revision: Revision, at now: Double
  ) -> StoredEntity {
    var object = object
    var expiresAt: Double?
    if schema.hasTTL {
      if let lifetime = object["ttl"]?.doubleValue, lifetime > 0 { expiresAt = now + lifetime }
      object["ttl"] = nil
    }
    if schema.isWorkspaceable { object["ws_id"] = nil }
    for field in schema.record.fields where field.traits.contains(.transient) { object[field.name] = nil }
    return StoredEntity(
      object, workspace: schema.isWorkspaceable ? workspace : nil, revision: revision, expiresAt: expiresAt)
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
