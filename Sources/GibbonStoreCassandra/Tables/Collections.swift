// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The collections that this gateway knows.
struct Collections: Sendable {
  private let byName: [String: EntityCollection]
  let all: [EntityCollection]

  init(_ registry: EntityRegistry) {
    var byName: [String: EntityCollection] = [:]
    let schemas = registry.schemas.filter { $0.name != TagsSchema.collection }
    for schema in schemas { byName[schema.name] = EntityCollection(schema) }
    // In the registry's order, so that a deletion always goes the same way.
    for schema in schemas {
      for reference in TableLayout(schema).references {
        byName[reference.collection]?.children.append((schema.name, reference))
      }
    }
    self.byName = byName
    self.all = byName.values.sorted { $0.name < $1.name }
  }

  subscript(name: String) -> EntityCollection? { self.byName[name] }

  /// - Throws: for a collection that is not known.
  func named(_ name: String) throws(StoreError) -> EntityCollection {
    guard let collection = self.byName[name] else { throw .failure("there is no collection '\(name)'") }
    return collection
  }
}

/// One collection, by what its entities are found.
struct EntityCollection: Sendable {
  let schema: EntitySchema
  let layout: TableLayout
  /// Who may name entities of this one.
  var children: [(collection: String, reference: TableLayout.Reference)] = []

  init(_ schema: EntitySchema) {
    self.schema = schema
    self.layout = TableLayout(schema)
  }

  var name: String { self.schema.name }

  func keys(_ entity: StoredEntity) -> EntityKeys { EntityKeys(entity, self.layout, self.schema) }

  func place(_ entity: StoredEntity) -> EntityPlace { EntityPlace(self.name, entity.key(self.schema)) }

  /// Where the entity that is looked for has its unique key; nil for one that is looked for by its id.
  func uniqueKey(_ lookup: EntityLookup) throws(StoreError) -> UniqueKey? {
    switch lookup {
    case .id: return nil
    case .unique(let field, let value, let workspace):
      guard let unique = self.layout.uniqueFields.first(where: { $0.field == field }) else {
        throw .failure("\(self.name).\(field) is not unique")
      }
      return IndexRow.key(value, of: unique, in: self.name, workspace)
    case .composite(let object, let workspace):
      guard !self.layout.compositeKey.isEmpty else { throw .failure("\(self.name) has no composite key") }
      let composite = EntityKeys.composite(self.layout.compositeKey, object, workspace: workspace)
      return IndexRow.key(composite: composite, in: self.name)
    }
  }
}
