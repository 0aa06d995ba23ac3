// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A user of the services: whom credentials, quotas and logs are about.
public struct Consumer: Entity, Hashable {
  public static let collection = "consumers"

  public var id: EntityID
  public var username: String?
  /// The user's id in another system.
  public var customID: String?
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init(id: EntityID = .random(), username: String? = nil, customID: String? = nil) {
    self.id = id
    self.username = username
    self.customID = customID
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.username = reader.string("username")
    self.customID = reader.string("custom_id")
    self.tags = reader.strings("tags")
  }
}

public enum ConsumersSchema {
  public static let schema = EntitySchema(
    Consumer.collection,
    RecordSchema(
      [
        .id,
        .createdAt,
        .updatedAt,
        .string("username", .unique),
        .string("custom_id", .unique),
        .tags,
      ], checks: [.atLeastOneOf(["custom_id", "username"])]),
    configure: {
      $0.endpointKey = "username"
      $0.adminPath = EntitySchema.AdminPath("consumers")
    })
}
