// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

extension MemoryStore {
  // MARK: Entities

  public func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity? {
    try self.withCollections { (state) throws(StoreError) in
      try state.contents.table(schema.name).find(lookup, at: state.now)
    }
  }

  public func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage {
    try self.withCollections { (state) throws(StoreError) in
      try state.contents.table(schema.name).page(request, state.contents.tags, at: state.now)
    }
  }

  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    try self.withCollections { (state) throws(StoreError) in
      var rows: [String: [StoredEntity]] = [:]
      for schema in schemas { rows[schema.name] = try state.contents.table(schema.name).all(at: state.now) }
      return StoreSnapshot(rows: rows, revision: state.feed.last)
    }
  }

  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    try self.withCollections { (state) throws(StoreError) in
      try state.transaction { (state) throws(StoreError) in
        for write in writes { try state.apply(write) }
        return state.feed.last
      }
    }
  }

  public func tags(_ request: TagRequest) async throws(StoreError) -> TagPage {
    try self.withCollections { (state) throws(StoreError) in state.contents.tags.page(request) }
  }

  // MARK: The change feed

  public func revision() async throws(StoreError) -> Revision {
    try self.withCollections { (state) throws(StoreError) in state.feed.last }
  }

  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    try self.withCollections { (state) throws(StoreError) in
      let last = state.feed.last
      guard let entries = state.feed.entries(after: revision) else {
        return ChangeBatch([], revision: last, isIncomplete: true)
      }
      var changes: [EntityChange] = []
      for entry in entries {
        let entity = try state.contents.table(entry.collection).find(.id(entry.id.text), at: state.now)
        changes.append(EntityChange(collection: entry.collection, id: entry.id.text, entity: entity))
      }
      return ChangeBatch(changes, revision: last)
    }
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) {
    try self.withCollections { (state) throws(StoreError) in state.feed.trim(keeping: count) }
  }

  // MARK: Plugins' data

  public func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64] {
    try self.withSetUp { (state) throws(StoreError) in try state.pluginData.increment(increments, at: state.now) }
  }

  public func counter(_ key: CounterKey) async throws(StoreError) -> Int64 {
    try self.withSetUp { (state) throws(StoreError) in state.pluginData.counter(key, at: state.now) }
  }

  public func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool {
    try self.withSetUp { (state) throws(StoreError) in
      try state.pluginData.acquireLock(name, owner: owner, until: state.now + seconds, at: state.now)
    }
  }

  public func releaseLock(_ name: String, owner: EntityID) async throws(StoreError) {
    try self.withSetUp { (state) throws(StoreError) in state.pluginData.releaseLock(name, owner: owner) }
  }

  @discardableResult
  public func purgeExpired() async throws(StoreError) -> Int {
    try self.withCollections { (state) throws(StoreError) in
      state.pluginData.sweep(at: state.now)
      return try state.transaction { (state) throws(StoreError) in
        var count = 0
        for name in state.contents.tables.keys.sorted() {
          let ids = try state.contents.table(name).expired(at: state.now)
          for id in ids { try state.delete(id, from: name) }
          count += ids.count
        }
        return count
      }
    }
  }
}
