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
    self.api = AdminAPI.admin(access: access, node: IdleNode()) { _ in }
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

private struct IdleNode: AdminNode {
  let facts = NodeFacts(nodeID: EntityID(high: 1, low: 2), hostname: "h", version: "1.2.3", kongVersion: "3.9.1")
  let logLevel = "notice"

  func traffic() async -> TrafficCounts { TrafficCounts(activeConnections: 0, acceptedConnections: 0, requests: 0) }
  func served() async -> ServedConfiguration { ServedConfiguration(hash: "", revision: nil, since: 0) }
  func isDatastoreReachable() async -> Bool? { nil }
  func unreadiness() async -> String? { nil }
  func beginDraining() async {}
  func setLogLevel(_ level: String, seconds: Double) async -> Bool { false }
  func cached(_ key: String) async -> JSONValue? { nil }
  func forgetCached(_ key: String?) async {}
  func load(_ configuration: DeclarativeConfiguration, text: [UInt8]) async throws {}
  func explain(_ request: ExplainRequest) async -> JSONObject { [:] }
}
