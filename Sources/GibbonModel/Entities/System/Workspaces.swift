// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A name space of entities. There is one, `default`.
public struct Workspace: Entity, Hashable {
  public static let collection = "workspaces"

  /// The id of the default workspace where there is no database.
  public static let defaultID = EntityID(high: 0x0dc6_f45b_8f8d_40d2, low: 0xa504_4735_44ee_190b)

  public var id: EntityID
  public var name: String
  public var comment: String?
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init(id: EntityID = Self.defaultID, name: String = "default") {
    self.id = id
    self.name = name
  }

  /// The default workspace as stores keep it.
  public static func defaultObject(createdAt: Int) -> JSONObject {
    let time = JSONValue.int(Int64(createdAt))
    return [
      "id": .string(Self.defaultID.description), "name": "default", "comment": .null, "created_at": time,
      "updated_at": time, "meta": [:], "config": [:],
    ]
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id"), let name = reader.string("name") else { return nil }
    self.id = id
    self.name = name
    self.comment = reader.string("comment")
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
  }
}

public enum WorkspacesSchema {
  public static let schema = EntitySchema(
    Workspace.collection,
    RecordSchema([
      .id,
      .utf8Name("name", .required, .notOneOf(EntityRegistry.coreNames)),
      .string("comment"),
      .createdAt,
      .updatedAt,
      .record("meta", []),
      .record("config", []),
    ]),
    configure: {
      $0.endpointKey = "name"
      $0.cacheKey = ["name"]
      $0.isWorkspaceable = false
    })
}
