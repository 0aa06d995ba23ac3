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

  /// What is read at once.
  private enum Read {
    case entities([ExactText], collection: String, shard: Int32)
    case holders([UniqueKey])
    case children(EntityPlace)
  }

  /// Reads at once what some writes will ask for, instead of one after the other.
  ///
  /// - Parameter deleted: what is to be deleted besides.
  func prepare(
    _ writes: [EntityWrite], deleted: [EntityPlace], _ collections: Collections
  ) async throws(StoreError) {
    var (places, parents, keys) = (Set(deleted), Set(deleted), Set<UniqueKey>())
    for write in writes {
      switch write {
      case .insert(let schema, let entity), .put(let schema, let entity), .replace(let schema, let entity, _):
        guard let collection = collections[schema.name] else { continue }
        let own = collection.keys(entity)
        places.insert(EntityPlace(schema.name, own.id))
        keys.formUnion(IndexRow.uniques(entity, own, collection))
        for case (let reference, let id?) in own.references { places.insert(EntityPlace(reference.collection, id)) }
        if let workspace = entity.workspace {
          places.insert(EntityPlace(Workspace.collection, workspace.description))
        }
      case .delete(let schema, let id):
        places.insert(EntityPlace(schema.name, id))
        parents.insert(EntityPlace(schema.name, id))
      }
    }
    let reads = Self.reads(of: places) + Self.reads(of: keys) + parents.map { Read.children($0) }
    _ = try await concurrently(reads) { (read) async throws(StoreError) in try await self.read(read) }
  }

  private static func reads(of places: Set<EntityPlace>) -> [Read] {
    Dictionary(grouping: places) { "\($0.collection)/\(Shard.of(id: $0.id))" }
      .values.flatMap { part in
        part.pieces(of: Tables.entitiesAtOnce).compactMap { piece in
          piece.first.map {
            .entities(piece.map(\.id), collection: $0.collection, shard: Shard.of(id: $0.id))
          }
        }
      }
  }

  private static func reads(of keys: Set<UniqueKey>) -> [Read] {
    Dictionary(grouping: keys) { "\($0.collection)/\($0.field)/\($0.workspace)" }
      .values.flatMap { $0.pieces(of: Tables.holdersAtOnce).map { .holders($0) } }
  }

  private func read(_ read: Read) async throws(StoreError) {
    switch read {
    case .entities(let ids, let name, _) where ids.count == 1: _ = try await self.entity(EntityPlace(name, ids[0]))
    case .entities(let ids, let name, let shard):
      let there = try await self.tables.entities(ids, of: name, in: shard)
      self.cache.withLock { cache in
        for id in ids { cache.entities[EntityPlace(name, id)] = .some(there[id]) }
      }
    case .holders(let keys) where keys.count == 1: _ = try await self.holder(of: keys[0])
    case .holders(let keys):
      let there = try await self.tables.holders(of: keys)
      self.cache.withLock { cache in for key in keys { cache.holders[key] = .some(there[key.value]) } }
    case .children(let place): _ = try await self.children(of: place)
    }
  }
}
