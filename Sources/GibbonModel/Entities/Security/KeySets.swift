// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A group of keys.
public struct KeySet: Entity, Hashable {
  public static let collection = "key_sets"

  public var id: EntityID
  public var name: String?
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.name = reader.string("name")
    self.tags = reader.strings("tags")
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
  }
}

public enum KeySetsSchema {
  public static let schema = EntitySchema(
    KeySet.collection,
    RecordSchema([.id, .string("name", .notRequired, .unique), .tags, .createdAt, .updatedAt]),
    configure: {
      $0.endpointKey = "name"
      $0.adminPath = EntitySchema.AdminPath("key-sets")
    })
}
