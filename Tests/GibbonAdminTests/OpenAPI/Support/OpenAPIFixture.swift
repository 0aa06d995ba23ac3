// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore

@testable import GibbonAdmin

/// The Admin API of a node that does nothing, and its document as it is served.
struct OpenAPIFixture {
  let registry: EntityRegistry
  let api: AdminAPI
  let document: JSONObject

  init(plugins: [PluginSchema] = [Self.plugin]) async throws {
    self.registry = EntityRegistry(plugins: plugins)
    let store = MemoryStore(registry: self.registry) { 1_000 }
    let access = DataAccess(store: store, registry: self.registry) { 1_000 }
    self.api = AdminAPI.admin(access: access, node: StillNode()) { _ in }
    let answer = await self.api.respond(to: AdminRequest(method: "GET", target: "/openapi.json"))
    self.document = try JSONParser.parse(answer.body).get().objectValue ?? [:]
  }

  var checker: SchemaChecker { SchemaChecker(self.document) }

  /// The operations of the document.
  var operations: [(path: String, method: String, operation: JSONObject)] {
    (self.document["paths"]?.objectValue ?? [:]).flatMap { path in
      (path.value.objectValue ?? [:]).filter { $0.key != "parameters" }
        .map { (path.key, $0.key, $0.value.objectValue ?? [:]) }
    }
  }

  func operation(_ method: String, _ path: String) -> JSONValue? { self.document["paths"]?[path]?[method] }

  func component(_ name: String) -> JSONValue? { self.document["components"]?["schemas"]?[name] }

  /// A plugin with a renamed field, a nested record, and credentials that expire.
  static let plugin = PluginSchema(
    "greeting",
    config: RecordSchema(
      [
        .string("word", .required, .summary("What is said")),
        .integer("times", .default(1), .between(1, 9)),
        .record("redis", [.string("host", .required), .port("port", .default(6379))]),
        .map("extra", keys: .string(), values: .json("value")),
      ], shorthands: [.renamed(.string("redis_host"), to: ["redis", "host"])]),
    entities: [
      EntitySchema(
        "greeting_cards",
        RecordSchema([
          .id, .createdAt, .foreign("consumer", to: "consumers", .required, .cascade),
          .string("text", .unique, .auto),
        ]),
        configure: {
          $0.endpointKey = "text"
          $0.hasTTL = true
          $0.adminPath = EntitySchema.AdminPath("greeting-cards", nested: "cards")
        })
    ])
}
