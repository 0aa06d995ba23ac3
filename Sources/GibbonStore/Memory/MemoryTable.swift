// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// The entities of one collection, in order and under every key by which they are found.
struct MemoryTable: Sendable {
  let schema: EntitySchema
  let layout: TableLayout
  /// The foreign fields of other collections that name entities of this one.
  let children: [Child]
  private(set) var rows: [ExactText: StoredEntity] = [:]
  private(set) var order = SortedTexts()
  /// By unique field: who has a value.
  private var uniques: [[ExactText: [Holder]]]
  private var composites: [ExactText: ExactText] = [:]
  /// By foreign field: who names an entity.
  private var references: [[ExactText: SortedTexts]]

  struct Child: Sendable {
    let collection: String
    /// The position of the foreign field in the child's layout.
    let index: Int
    let deletion: Field.DeletionRule
  }

  /// An entity that has a unique value. A value may have one in each workspace.
  private struct Holder {
    let workspace: EntityID?
    let id: ExactText
  }

  init(_ schema: EntitySchema, children: [Child]) {
    self.schema = schema
    self.layout = TableLayout(schema)
    self.children = children
    self.uniques = Array(repeating: [:], count: self.layout.uniqueFields.count)
    self.references = Array(repeating: [:], count: self.layout.references.count)
  }

  var name: String { self.schema.name }

  func keys(_ entity: StoredEntity) -> EntityKeys { EntityKeys(entity, self.layout, self.schema) }

  // MARK: Looking up

  /// The first entity with a unique value; in any workspace where none is given.
  func holder(of value: String, field index: Int, workspace: EntityID?) -> ExactText? {
    let holders = self.uniques[index][ExactText(value)] ?? []
    guard let workspace, !self.layout.uniqueFields[index].isGlobal else { return holders.first?.id }
    return holders.first { $0.workspace == workspace }?.id
  }

  func holder(ofComposite key: String) -> ExactText? { self.composites[ExactText(key)] }

  /// The entities whose foreign field names this one.
  func referring(to id: ExactText, field index: Int) -> SortedTexts { self.references[index][id] ?? SortedTexts() }

  func hasEntities(in workspace: EntityID?) -> Bool {
    self.layout.isWorkspaceable && self.rows.values.contains { $0.workspace == workspace }
  }

  /// Those whose time is over, in order.
  func expired(at now: Double) -> [ExactText] {
    guard self.layout.hasTTL else { return [] }
    return self.rows.filter { !$0.value.isAlive(at: now) }.map(\.key).sorted()
  }

  // MARK: Changing

  mutating func reserveCapacity(_ count: Int) {
    self.rows.reserveCapacity(count)
    if !self.layout.compositeKey.isEmpty { self.composites.reserveCapacity(count) }
  }

  /// The keys must be free.
  mutating func add(_ entity: StoredEntity, _ keys: EntityKeys) {
    let id = ExactText(keys.id)
    self.rows[id] = entity
    self.order.insert(id)
    for (index, unique) in keys.uniques.enumerated() {
      guard let value = unique.value else { continue }
      self.uniques[index][ExactText(value), default: []].append(Holder(workspace: entity.workspace, id: id))
    }
    if let composite = keys.composite { self.composites[ExactText(composite)] = id }
    for (index, reference) in keys.references.enumerated() {
      guard let parent = reference.id else { continue }
      self.references[index][ExactText(parent), default: SortedTexts()].insert(id)
    }
  }

  mutating func remove(_ keys: EntityKeys) {
    let id = ExactText(keys.id)
    self.rows[id] = nil
    self.order.remove(id)
    for (index, unique) in keys.uniques.enumerated() {
      guard let value = unique.value.map(ExactText.init) else { continue }
      self.uniques[index][value]?.removeAll { $0.id == id }
      if self.uniques[index][value]?.isEmpty == true { self.uniques[index][value] = nil }
    }
    if let composite = keys.composite { self.composites[ExactText(composite)] = nil }
    for (index, reference) in keys.references.enumerated() {
      guard let parent = reference.id.map(ExactText.init) else { continue }
      self.references[index][parent]?.remove(id)
      if self.references[index][parent]?.isEmpty == true { self.references[index][parent] = nil }
    }
  }
}
