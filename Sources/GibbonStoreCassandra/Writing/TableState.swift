// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// The tables at one revision, each row read at most once.
final class TableState: CommittedState {
  private struct Cache {
    var entities: [EntityPlace: StoredEntity?] = [:]
    var holders: [UniqueKey: ExactText?] = [:]
    var children: [EntityPlace: [ChildKey]] = [:]
  }

  private let tables: Tables
  private let cache = Mutex(Cache())

  init(_ tables: Tables) { self.tables = tables }

  func entity(_ place: EntityPlace) async throws(StoreError) -> StoredEntity? {
    if let known = self.cache.withLock({ $0.entities[place] }) { return known }
    let entity = try await self.tables.entity(place)
    self.cache.withLock { $0.entities[place] = .some(entity) }
    return entity
  }

  func holder(of key: UniqueKey) async throws(StoreError) -> ExactText? {
    if let known = self.cache.withLock({ $0.holders[key] }) { return known }
    let holder = try await self.tables.holders(of: key).first
    self.cache.withLock { $0.holders[key] = .some(holder) }
    return holder
  }

  func children(of parent: EntityPlace) async throws(StoreError) -> [ChildKey] {
    if let known = self.cache.withLock({ $0.children[parent] }) { return known }
    let children = try await self.tables.children(of: parent)
    self.cache.withLock { $0.children[parent] = children }
    return children
  }

  /// No table has them by their workspace, as one is hardly ever deleted: all parts of the collection are looked
  /// through.
  func ids(in workspace: ExactText, of collection: String, limit: Int) async throws(StoreError) -> [ExactText] {
    let text = """
      SELECT id FROM \(self.tables.keyspace).entities WHERE collection = ? AND shard = ? AND workspace = ? \
      LIMIT \(limit) ALLOW FILTERING
      """
    let found = try await concurrently(Array(Shard.all)) { (shard) async throws(StoreError) in
      try await self.tables.rows(text, [.text(collection), .int(shard), .text(workspace.text)])
    }
    return found.joined().compactMap { $0.first?.text.map(ExactText.init) }
  }

  // MARK: Ahead

  private enum Read: Hashable {
    case entity(EntityPlace)
    case holder(UniqueKey)
    case children(EntityPlace)
  }

  /// Reads at once what some writes will ask for, instead of one after the other.
  ///
  /// - Parameter deleted: what is to be deleted besides.
  func prepare(
    _ writes: [EntityWrite], deleted: [EntityPlace], _ collections: Collections
  ) async throws(StoreError) {
    var reads = Set(deleted.map { Read.entity($0) } + deleted.map { Read.children($0) })
    for write in writes {
      switch write {
      case .insert(let schema, let entity), .put(let schema, let entity), .replace(let schema, let entity, _):
        guard let collection = collections[schema.name] else { continue }
        let keys = collection.keys(entity)
        reads.insert(.entity(EntityPlace(schema.name, keys.id)))
        for key in IndexRow.uniques(entity, keys, collection) { reads.insert(.holder(key)) }
        for case (let reference, let id?) in keys.references {
          reads.insert(.entity(EntityPlace(reference.collection, id)))
        }
        if let workspace = entity.workspace {
          reads.insert(.entity(EntityPlace(Workspace.collection, workspace.description)))
        }
      case .delete(let schema, let id):
        reads.insert(.entity(EntityPlace(schema.name, id)))
        reads.insert(.children(EntityPlace(schema.name, id)))
      }
    }
    _ = try await concurrently(Array(reads)) { (read) async throws(StoreError) in
      switch read {
      case .entity(let place): _ = try await self.entity(place)
      case .holder(let key): _ = try await self.holder(of: key)
      case .children(let place): _ = try await self.children(of: place)
      }
    }
  }
}
