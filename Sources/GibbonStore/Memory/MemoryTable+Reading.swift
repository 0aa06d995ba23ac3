// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

extension MemoryTable {
  func find(_ lookup: EntityLookup, at now: Double) throws(StoreError) -> StoredEntity? {
    guard let id = try self.id(lookup), let entity = self.rows[id], entity.isAlive(at: now) else { return nil }
    return entity
  }

  private func id(_ lookup: EntityLookup) throws(StoreError) -> ExactText? {
    switch lookup {
    case .id(let id): return ExactText(id)
    case .unique(let field, let value, let workspace):
      guard let index = self.layout.uniqueFields.firstIndex(where: { $0.field == field }) else {
        throw .failure("\(self.name).\(field) is not unique")
      }
      return self.holder(of: value, field: index, workspace: workspace)
    case .composite(let object, let workspace):
      guard !self.layout.compositeKey.isEmpty else { throw .failure("\(self.name) has no composite key") }
      return self.holder(ofComposite: EntityKeys.composite(self.layout.compositeKey, object, workspace: workspace))
    }
  }

  func page(_ request: PageRequest, _ tags: MemoryTags, at now: Double) throws(StoreError) -> EntityPage {
    var found: [StoredEntity] = []
    for id in try self.candidates(request, tags) {
      guard let entity = self.rows[id], self.matches(entity, request, at: now) else { continue }
      guard found.count < request.size else { return EntityPage(found, next: found.last?.key(self.schema)) }
      found.append(entity)
    }
    return EntityPage(found, next: nil)
  }

  /// All who could match, from the shortest list that has them.
  private func candidates(_ request: PageRequest, _ tags: MemoryTags) throws(StoreError) -> MergedTexts {
    let after = request.after.map(ExactText.init)
    var parents: SortedTexts?
    if let parent = request.parent {
      guard let index = self.layout.references.firstIndex(where: { $0.field == parent.field }) else {
        throw .failure("\(self.name).\(parent.field) is not a foreign field")
      }
      parents = self.referring(to: ExactText(parent.id), field: index)
    }
    var lists = [(parents ?? self.order).after(after)]
    switch request.tags {
    case .all(let wanted):
      lists += wanted.map { tags.ids(of: $0, in: self.name).after(after) }
      return MergedTexts(lists.min { $0.count < $1.count }.map { [$0] } ?? [])
    case .any(let wanted):
      let tagged = wanted.map { tags.ids(of: $0, in: self.name).after(after) }
      let count = tagged.reduce(0) { $0 + $1.count }
      return MergedTexts(lists[0].count < count ? lists : tagged)
    case nil: return MergedTexts(lists)
    }
  }

  private func matches(_ entity: StoredEntity, _ request: PageRequest, at now: Double) -> Bool {
    guard entity.isAlive(at: now) else { return false }
    if let workspace = request.workspace, self.layout.isWorkspaceable, entity.workspace != workspace { return false }
    if let parent = request.parent {
      guard let id = entity.object[parent.field]?["id"]?.stringValue, ExactText(id) == ExactText(parent.id) else {
        return false
      }
    }
    guard let filter = request.tags else { return true }
    let own = Set(self.keys(entity).tags.map(ExactText.init))
    switch filter {
    case .all(let wanted): return wanted.allSatisfy { own.contains(ExactText($0)) }
    case .any(let wanted): return wanted.contains { own.contains(ExactText($0)) }
    }
  }

  /// All entities, in order.
  func all(at now: Double) -> [StoredEntity] {
    self.order.all.compactMap { self.rows[$0] }.filter { $0.isAlive(at: now) }
  }
}

extension StoredEntity {
  /// Whether its time is not over.
  package func isAlive(at now: Double) -> Bool { self.expiresAt.map { $0 > now } ?? true }
}
