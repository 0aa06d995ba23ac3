// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Which entities have which tags.
struct MemoryTags: Sendable {
  private var names = SortedTexts()
  /// By tag, then by collection.
  private var uses: [ExactText: [String: SortedTexts]] = [:]

  mutating func add(_ keys: EntityKeys, in collection: String) {
    for tag in keys.tags.map(ExactText.init) {
      self.names.insert(tag)
      self.uses[tag, default: [:]][collection, default: SortedTexts()].insert(ExactText(keys.id))
    }
  }

  mutating func remove(_ keys: EntityKeys, in collection: String) {
    for tag in keys.tags.map(ExactText.init) {
      self.uses[tag]?[collection]?.remove(ExactText(keys.id))
      if self.uses[tag]?[collection]?.isEmpty == true { self.uses[tag]?[collection] = nil }
      if self.uses[tag]?.isEmpty == true {
        self.uses[tag] = nil
        self.names.remove(tag)
      }
    }
  }

  /// The entities of a collection with a tag.
  func ids(of tag: String, in collection: String) -> SortedTexts {
    self.uses[ExactText(tag)]?[collection] ?? SortedTexts()
  }

  func page(_ request: TagRequest) -> TagPage {
    var uses: [TagUse] = []
    for tag in self.tags(request) {
      for (collection, ids) in (self.uses[tag] ?? [:]).sorted(by: { $0.key < $1.key }) {
        for id in Self.rest(of: ids, tag, collection, request.after) {
          guard uses.count < request.size else { return TagPage(uses, next: uses.last) }
          uses.append(TagUse(tag: tag.text, collection: collection, id: id.text))
        }
      }
    }
    return TagPage(uses, next: nil)
  }

  private func tags(_ request: TagRequest) -> ArraySlice<ExactText> {
    let rest = request.after.map { self.names.from(ExactText($0.tag)) } ?? self.names.all
    guard let only = request.tag.map(ExactText.init) else { return rest }
    return self.uses[only] != nil && rest.first.map { $0 <= only } == true ? [only] : []
  }

  private static func rest(
    of ids: SortedTexts, _ tag: ExactText, _ collection: String, _ after: TagUse?
  ) -> ArraySlice<ExactText> {
    guard let after, tag == ExactText(after.tag), collection <= after.collection else { return ids.all }
    return collection == after.collection ? ids.after(ExactText(after.id)) : []
  }
}
