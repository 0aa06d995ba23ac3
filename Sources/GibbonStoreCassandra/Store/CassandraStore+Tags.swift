// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
public import GibbonStore

extension CassandraStore {
  public func tags(_ request: TagRequest) async throws(StoreError) -> TagPage {
    let most = request.size + 1
    let shards = request.tag.map { [Shard.of(hash: ExactText($0))] } ?? Array(Shard.all)
    let lists = try await concurrently(shards, atOnce: 16) { (shard) async throws(StoreError) in
      try await self.uses(shard, request, most)
    }
    let sorted = lists.joined().sorted { left, right in
      (ExactText(left.tag), left.collection, ExactText(left.id))
        < (ExactText(right.tag), right.collection, ExactText(right.id))
    }
    guard sorted.count > request.size else { return TagPage(sorted, next: nil) }
    let uses = Array(sorted.prefix(request.size))
    return TagPage(uses, next: uses.last)
  }

  private func uses(_ shard: Int32, _ request: TagRequest, _ most: Int) async throws(StoreError) -> [TagUse] {
    var text = "SELECT tag, collection, id FROM \(self.tables.keyspace).tags WHERE shard = ?"
    var values: [CQLValue] = [.int(shard)]
    if let tag = request.tag {
      text += " AND tag = ?"
      values.append(.text(tag))
      if let after = request.after {
        if ExactText(after.tag) > ExactText(tag) { return [] }
        if ExactText(after.tag) == ExactText(tag) {
          text += " AND (collection, id) > (?, ?)"
          values += [.text(after.collection), .text(after.id)]
        }
      }
    } else if let after = request.after {
      text += " AND (tag, collection, id) > (?, ?, ?)"
      values += [.text(after.tag), .text(after.collection), .text(after.id)]
    }
    let rows = try await self.tables.rows(text + " LIMIT ?", values + [.int(Int32(clamping: most))], .best)
    return rows.compactMap { row in
      guard row.count == 3, let tag = row[0].text, let collection = row[1].text, let id = row[2].text else {
        return nil
      }
      return TagUse(tag: tag, collection: collection, id: id)
    }
  }
}
