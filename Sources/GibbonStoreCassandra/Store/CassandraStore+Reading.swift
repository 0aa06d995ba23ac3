// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
public import GibbonSchema
public import GibbonStore

extension CassandraStore {
  public func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity? {
    let start = ContinuousClock.now
    if let found = try await self.find(lookup, in: schema, .configured) { return found }
    guard self.tables.mayMiss else { return nil }
    // A node does not answer, and whoever waits has waited for it once.
    if ContinuousClock.now - start >= Self.slowness { self.tables.quorum.note(hasAnswered: false) }
    // One replica has nothing of it: ask more before a key is said to be unknown, where more are there.
    return self.tables.quorum.mayAnswer ? try await self.find(lookup, in: schema, .best) : nil
  }

  /// Of a read, after which another one to more nodes would take as long again.
  private static let slowness = Duration.seconds(1)

  private func find(
    _ lookup: EntityLookup, in schema: EntitySchema, _ level: ReadLevel
  ) async throws(StoreError) -> StoredEntity? {
    let collection = try self.collections.named(schema.name)
    guard let key = try collection.uniqueKey(lookup) else {
      guard case .id(let id) = lookup else { return nil }
      return try await self.alive(EntityPlace(schema.name, id), level)
    }
    var isAny = false
    if case .unique(let field, _, nil) = lookup {
      isAny = collection.layout.uniqueFields.contains { $0.field == field && !$0.isGlobal }
    }
    for id in try await self.tables.holders(of: key, inAnyWorkspace: isAny, level) {
      guard let entity = try await self.alive(EntityPlace(schema.name, id), level) else { continue }
      // The two are read one after the other: it may have another value by now.
      let keys = IndexRow.uniques(entity, collection.keys(entity), collection)
      if keys.contains(where: { $0.field == key.field && $0.value == key.value }) { return entity }
    }
    return nil
  }

  private func alive(_ place: EntityPlace, _ level: ReadLevel) async throws(StoreError) -> StoredEntity? {
    let now = self.now()
    return try await self.tables.entity(place, level).flatMap { $0.isAlive(at: now) ? $0 : nil }
  }
}
