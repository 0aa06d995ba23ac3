// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema
internal import GibbonStore

/// An entity's place in the datastore. Texts are told apart byte by byte.
struct EntityPlace: Hashable, Sendable {
  let collection: String
  let id: ExactText

  init(_ collection: String, _ id: ExactText) {
    self.collection = collection
    self.id = id
  }

  init(_ collection: String, _ id: String) { self.init(collection, ExactText(id)) }
}

/// A value that one entity of a collection may have.
struct UniqueKey: Hashable, Sendable {
  let collection: String
  let field: String
  let value: ExactText
  /// Empty where the value is unique everywhere.
  let workspace: String

  /// The name under which the values of composite keys stand; no field has it.
  static let composite = "(composite)"
}

/// That an entity names another one.
struct ChildKey: Hashable, Sendable {
  let parent: EntityPlace
  let child: EntityPlace
  let field: String
}

/// A row that is derived from an entity, so that the entity is found by something else than its id.
enum IndexRow: Hashable, Sendable {
  case unique(UniqueKey, id: ExactText)
  case child(ChildKey)
  case tag(ExactText, EntityPlace)
  case expiring(Double, EntityPlace)

  /// What the server takes as one key, with room for what stands beside it.
  static let keyLimit = 32_768
  /// Values beyond are found by their fingerprint.
  private static let valueLimit = 8192

  /// All rows of an entity.
  ///
  /// - Throws: where a key is longer than the server takes.
  static func rows(_ entity: StoredEntity, _ collection: EntityCollection) throws(StoreError) -> [IndexRow] {
    let keys = collection.keys(entity)
    let place = EntityPlace(collection.name, keys.id)
    var rows: [IndexRow] = Self.uniques(entity, keys, collection).map { .unique($0, id: place.id) }
    for case (let reference, let id?) in keys.references {
      rows.append(
        .child(ChildKey(parent: EntityPlace(reference.collection, id), child: place, field: reference.field)))
    }
    rows += keys.tags.map { .tag(ExactText($0), place) }
    if collection.layout.hasTTL, let end = entity.expiresAt { rows.append(.expiring(end, place)) }
    let texts = [keys.id] + keys.tags + keys.references.compactMap(\.id)
    guard texts.allSatisfy({ $0.utf8.count <= Self.keyLimit }) else {
      throw .failure("\(collection.name): an id or a tag is longer than \(Self.keyLimit) bytes")
    }
    return rows
  }

  /// The unique values of an entity, in the layout's order; the composite key is the last.
  static func uniques(_ entity: StoredEntity, _ keys: EntityKeys, _ collection: EntityCollection) -> [UniqueKey] {
    var uniques: [UniqueKey] = []
    for case (let unique, let value?) in keys.uniques {
      uniques.append(Self.key(value, of: unique, in: collection.name, entity.workspace))
    }
    if let composite = keys.composite { uniques.append(Self.key(composite: composite, in: collection.name)) }
    return uniques
  }

  static func key(
    _ value: String, of unique: TableLayout.Unique, in collection: String, _ workspace: EntityID?
  ) -> UniqueKey {
    UniqueKey(
      collection: collection, field: unique.field, value: Self.short(value),
      workspace: unique.isGlobal ? "" : workspace?.description ?? "")
  }

  static func key(composite: String, in collection: String) -> UniqueKey {
    UniqueKey(collection: collection, field: UniqueKey.composite, value: Self.short(composite), workspace: "")
  }

  private static let fingerprints = EntityID(high: 0x6B1F_0C5E_3A0E_4C1D, low: 0x9D53_0C8F_3F6D_2A02)

  private static func short(_ value: String) -> ExactText {
    guard value.utf8.count > Self.valueLimit else { return ExactText(value) }
    return ExactText("\u{0}\(value.utf8.count):\(EntityID.named(value, in: Self.fingerprints))")
  }
}
