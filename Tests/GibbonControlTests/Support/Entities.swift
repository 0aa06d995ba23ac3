// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonControl
import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonRouting
import GibbonSchema
import GibbonStore

/// A plugin with credentials, so that the control plane has some to look after. Its configuration is refused when
/// `realm` is `broken`.
final class LockPlugin: Plugin {
  struct Configuration: Decodable, Sendable {
    var realm: String?
    var anonymous: String?
    var token: String?
  }

  static let descriptor = PluginDescriptor(
    version: "1.0.0", priority: 1000, phases: .access,
    schema: PluginSchema(
      "lock", config: [.string("realm"), .string("anonymous"), .string("token", .minLength(3), .referenceable)],
      entities: [credentials],
      migrations: [
        Migration(
          "000_base_lock",
          [
            .createTable(
              TableLayout(
                "lock_credentials", unique: ["key"], references: [.init("consumer", to: "consumers", .cascade)],
                hasTTL: true))
          ])
      ]))

  static let credentials = EntitySchema(
    "lock_credentials",
    RecordSchema([.id, .foreign("consumer", to: "consumers", .required, .cascade), .string("key", .unique)]),
    configure: {
      $0.endpointKey = "key"
      $0.cacheKey = ["key"]
      $0.hasTTL = true
    })

  let anonymous: Consumer?
  let index: any CredentialIndex
  let token: String?

  init(configuration: Configuration, environment: PluginEnvironment) throws {
    if configuration.realm == "broken" { throw ControlError("the realm is broken") }
    if configuration.token == "unusable" { throw ControlError("the token 'unusable' is of no use") }
    self.token = configuration.token
    self.anonymous = configuration.anonymous.flatMap { environment.consumer(idOrUsername: $0) }
    self.index = environment.credentials(of: "lock_credentials")
  }
}

/// Entities with the least that they need, as a store keeps them.
enum Make {
  static let plugins = PluginRegistry([LockPlugin.self])
  static let registry = EntityRegistry(plugins: plugins.schemas)

  static func id(_ number: Int) -> EntityID { EntityID(high: 0x4000, low: 0x8000_0000_0000_0000 | UInt64(number)) }

  static func object(_ input: JSONObject, as schema: EntitySchema) throws -> JSONObject {
    try Validator(now: 1_700_000_000).validate(object: input, as: schema).get()
  }

  static func schema(_ name: String) throws -> EntitySchema {
    guard let schema = Self.registry.schema(named: name) else { throw ControlError("no collection \(name)") }
    return schema
  }

  static func entity(_ collection: String, _ number: Int, _ input: JSONObject) throws -> (EntitySchema, StoredEntity) {
    let schema = try Self.schema(collection)
    var input = input
    input["id"] = .string(Self.id(number).description)
    let object = try Self.object(input, as: schema)
    return (schema, StoredEntity(object, workspace: schema.isWorkspaceable ? Workspace.defaultID : nil))
  }

  static func reference(_ number: Int) -> JSONValue { ["id": .string(Self.id(number).description)] }

  static func put(_ collection: String, _ number: Int, _ input: JSONObject) throws -> EntityWrite {
    let (schema, entity) = try Self.entity(collection, number, input)
    return .put(schema, entity)
  }

  static func delete(_ collection: String, _ number: Int) throws -> EntityWrite {
    .delete(try Self.schema(collection), id: Self.id(number).description)
  }

  static func store() async throws -> MemoryStore {
    let store = MemoryStore(registry: Self.registry, now: { 1_700_000_000 })
    try await store.migrate(MigrationPlan(plugins: Self.plugins.schemas)) { _ in }
    return store
  }

  static func control(secrets: NodeSecrets = NodeSecrets()) -> ControlPlane {
    ControlPlane(plugins: Self.plugins, flavor: .traditionalCompatible, nodeID: Self.id(9999), secrets: secrets)
  }
}
