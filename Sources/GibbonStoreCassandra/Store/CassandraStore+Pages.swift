// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
public import GibbonSchema
public import GibbonStore

extension CassandraStore {
  public func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage {
    let collection = try self.collections.named(schema.name)
    if let parent = request.parent, !collection.layout.references.contains(where: { $0.field == parent.field }) {
      throw .failure("\(collection.name).\(parent.field) is not a foreign field")
    }
    let filter = PageFilter(request, collection, now: self.now())
    var found =
      request.parent == nil && request.tags == nil
      ? try await self.scan(request, filter) : try await self.listed(request, filter)
    guard found.count > request.size else { return EntityPage(found, next: nil) }
    found.removeLast(found.count - request.size)
    return EntityPage(found, next: found.last?.key(schema))
  }

  // MARK: Of all

  /// Part after part of a collection: as many at once as seem to be needed, after what was in those before.
  private func scan(_ request: PageRequest, _ filter: PageFilter) async throws(StoreError) -> [StoredEntity] {
    var next = request.after.map { Shard.of(id: ExactText($0)) } ?? 0
    var found: [StoredEntity] = []
    // What is left of the part that the last page ended in says little of the others.
    var known = ShardFill(isWhole: request.after == nil)
    while next < Shard.count, found.count <= request.size {
      let wanted = request.size + 1 - found.count
      let shards = Array(next..<min(Shard.count, next + known.shards(for: wanted)))
      let lists = try await concurrently(shards, atOnce: Int(Shard.count)) { (shard) async throws(StoreError) in
        try await self.scan(shard, request, filter, wanted)
      }
      for list in lists { known.add(list.count) }
      found += lists.joined()
      next += Int32(shards.count)
    }
    return found
  }

  private func scan(
    _ shard: Int32, _ request: PageRequest, _ filter: PageFilter, _ wanted: Int
  ) async throws(StoreError) -> [StoredEntity] {
    var found: [StoredEntity] = []
    var after = request.after
    let most = max(16, wanted)
    while found.count < wanted {
      var text = "SELECT id, \(Tables.columns) FROM \(self.tables.keyspace).entities WHERE collection = ? AND shard = ?"
      var values: [CQLValue] = [.text(filter.collection.name), .int(shard)]
      if let after {
        text += " AND id > ?"
        values.append(.text(after))
      }
      let rows = try await self.tables.rows(text + " LIMIT ?", values + [.int(Int32(clamping: most))], .best)
      for row in rows {
        if let entity = try Tables.entity(row.dropFirst(), filter.collection.name), filter.matches(entity) {
          found.append(entity)
        }
      }
      guard rows.count == most, let last = rows.last?.first?.text else { break }
      after = last
    }
    return Array(found.prefix(wanted))
  }

  // MARK: Of some that are listed

  private func listed(_ request: PageRequest, _ filter: PageFilter) async throws(StoreError) -> [StoredEntity] {
    var found: [StoredEntity] = []
    var after = request.after.map(ExactText.init)
    let most = max(64, request.size + 1)
    while found.count <= request.size {
      let (ids, isEnd) = try await self.candidates(request, filter.collection.name, after: after, most)
      found += try await self.entities(ids, of: filter.collection.name).filter(filter.matches)
      guard !isEnd, let last = ids.last else { break }
      after = last
    }
    return found
  }

  private func entities(_ ids: [ExactText], of name: String) async throws(StoreError) -> [StoredEntity] {
    let pieces = Dictionary(grouping: ids) { Shard.of(id: $0) }.flatMap { shard, ids in
      ids.pieces(of: Tables.entitiesAtOnce).map { (shard: shard, ids: $0) }
    }
    let found = try await concurrently(pieces) { (piece) async throws(StoreError) in
      try await self.tables.entities(piece.ids, of: name, in: piece.shard, .best)
    }
    let all = Dictionary(found.joined().map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    return ids.compactMap { all[$0] }
  }

  /// Ids of entities that may match, in order, behind one.
  private func candidates(
    _ request: PageRequest, _ name: String, after: ExactText?, _ most: Int
  ) async throws(StoreError) -> (ids: [ExactText], isEnd: Bool) {
    var lists: [[ExactText]] = []
    if let parent = request.parent, let owner = self.parent(of: name, parent.field) {
      lists.append(
        try await self.ids(
          "children WHERE parent_collection = ? AND parent = ? AND collection = ? AND field = ?",
          [.text(owner), .text(parent.id), .text(name), .text(parent.field)], after, most))
    } else {
      let tags: [String] =
        switch request.tags {
        case .all(let tags): Array(tags.prefix(1))
        case .any(let tags): tags
        case nil: []
        }
      for tag in tags.map(ExactText.init) {
        lists.append(
          try await self.ids(
            "tags WHERE shard = ? AND tag = ? AND collection = ?",
            [.int(Shard.of(hash: tag)), .text(tag.text), .text(name)], after, most))
      }
    }
    // What is behind the end of a list that goes on is not known yet.
    let end = lists.filter { $0.count == most }.compactMap(\.last).min()
    let merged = Set(lists.joined()).sorted()
    guard let end else { return (merged, true) }
    return (merged.filter { $0 <= end }, false)
  }

  private func parent(of name: String, _ field: String) -> String? {
    self.collections[name]?.layout.references.first { $0.field == field }?.collection
  }

  private func ids(
    _ condition: String, _ values: [CQLValue], _ after: ExactText?, _ most: Int
  ) async throws(StoreError) -> [ExactText] {
    var text = "SELECT id FROM \(self.tables.keyspace).\(condition)"
    var values = values
    if let after {
      text += " AND id > ?"
      values.append(.text(after.text))
    }
    return try await self.tables.rows(text + " LIMIT ?", values + [.int(Int32(clamping: most))], .best)
      .compactMap { $0.first?.text.map(ExactText.init) }
  }
}
