// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A plugin attached to everything, to a route, a service or a consumer, or to a combination of them.
public struct PluginEntity: Entity, Hashable {
  public static let collection = "plugins"

  public var id: EntityID
  /// Which plugin, such as `key-auth`.
  public var name: String
  public var instanceName: String?
  public var route: EntityID?
  public var service: EntityID?
  public var consumer: EntityID?
  /// Validated by the plugin's own schema, defaults filled in.
  public var config: JSONValue = .object([:])
  public var protocols: [GatewayProtocol] = [.grpc, .grpcs, .http, .https]
  public var isEnabled = true
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init(id: EntityID = .random(), name: String, config: JSONValue = .object([:])) {
    self.id = id
    self.name = name
    self.config = config
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id"), let name = reader.string("name") else { return nil }
    self.id = id
    self.name = name
    self.instanceName = reader.string("instance_name")
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.route = reader.reference("route")
    self.service = reader.reference("service")
    self.consumer = reader.reference("consumer")
    self.config = reader.value("config") ?? .object([:])
    self.protocols = reader.options("protocols")
    self.isEnabled = reader.bool("enabled") ?? true
    self.tags = reader.strings("tags")
    guard reader.damaged.isEmpty else { return nil }
  }
}

public enum PluginsSchema {
  /// The schema that knows the configurations of these plugins; others count as not enabled.
  public static func schema(plugins: [PluginSchema]) -> EntitySchema {
    let byName = Dictionary(plugins.map { ($0.name, $0.subschema) }) { _, last in last }
    return EntitySchema(
      PluginEntity.collection, RecordSchema(fields),
      subschemas: EntitySchema.Subschemas(
        key: "name", byName: byName,
        unknownMessage: "plugin '%s' not enabled; add it to the 'plugins' configuration property")
    ) {
      $0.endpointKey = "instance_name"
      $0.cacheKey = ["name", "route", "service", "consumer"]
      $0.adminPath = EntitySchema.AdminPath("plugins")
    }
  }

  private static let fields: [Field] = [
    .id,
    .string("name", .required),
    .utf8Name("instance_name"),
    .createdAt,
    .updatedAt,
    .foreign("route", to: "routes", .default(.null), .cascade),
    .foreign("service", to: "services", .default(.null), .cascade),
    .foreign("consumer", to: "consumers", .default(.null), .cascade),
    .record("config", [], .abstract),
    .set(
      "protocols", of: .protocolName(), .required,
      .default(.array(PluginSchema.Protocols.http.initial.map { .string($0) }))),
    .boolean("enabled", .required, .default(true)),
    .tags,
  ]
}
