// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A place where secrets are kept, under a prefix of its own.
public struct Vault: Entity, Hashable {
  public static let collection = "vaults"

  public var id: EntityID
  /// What references start with: `{vault://prefix/…}`.
  public var prefix: String
  /// Which kind of vault.
  public var name: String
  public var description: String?
  public var config: JSONValue
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id"), let prefix = reader.string("prefix"), let name = reader.string("name") else {
      return nil
    }
    self.id = id
    self.prefix = prefix
    self.name = name
    self.description = reader.string("description")
    self.config = reader.value("config") ?? .object([:])
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.tags = reader.strings("tags")
  }
}

public enum VaultsSchema {
  /// The vaults that come with Gibbon: secrets in environment variables.
  public static let schema = EntitySchema(
    Vault.collection, RecordSchema(fields),
    subschemas: EntitySchema.Subschemas(
      key: "name", byName: ["env": environment], unknownMessage: "vault '%s' is not installed"),
    configure: {
      $0.endpointKey = "prefix"
      $0.cacheKey = ["prefix"]
      $0.adminPath = EntitySchema.AdminPath("vaults")
    })

  private static let fields: [Field] = [
    .id,
    .string(
      "prefix", .required, .uniqueAcrossWorkspaces, .matches("^[a-z][a-z%d-]-[a-z%d]+$"), .notOneOf("env")),
    .string("name", .required),
    .string("description"),
    .record("config", [], .abstract),
    .createdAt,
    .updatedAt,
    .tags,
  ]

  private static let environment = Subschema(fields: [
    .record("config", [.string("prefix", .matches("^[%a_-][%a%d_-]*$"))])
  ])
}
