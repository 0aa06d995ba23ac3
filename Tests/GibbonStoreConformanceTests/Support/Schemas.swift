// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore

/// The collections of the suite: the core ones, and those of a plugin that is made like `key-auth`.
enum Schemas {
  static let workspaces = WorkspacesSchema.schema
  static let consumers = ConsumersSchema.schema
  static let services = ServicesSchema.schema
  static let routes = RoutesSchema.schema
  static let certificates = CertificatesSchema.schema
  static let snis = SNIsSchema.schema
  static let upstreams = UpstreamsSchema.schema
  static let targets = TargetsSchema.schema
  static let parameters = ParametersSchema.schema
  static let plugins = PluginsSchema.schema(plugins: [plugin])

  /// API keys that may have an end.
  static let credentials = EntitySchema(
    "test_credentials",
    RecordSchema([
      .id, .createdAt, .foreign("consumer", to: "consumers", .required, .cascade), .string("key", .unique, .auto),
      .tags,
    ]),
    configure: {
      $0.endpointKey = "key"
      $0.cacheKey = ["key"]
      $0.hasTTL = true
    })

  /// Children of credentials, which are children of consumers. They keep services from being deleted.
  static let tokens = EntitySchema(
    "test_tokens",
    RecordSchema([
      .id, .foreign("credential", to: "test_credentials", .required, .cascade), .foreign("service", to: "services"),
      .string("token", .unique), .tags,
    ]),
    configure: {
      $0.cacheKey = ["credential", "token"]
      $0.hasTTL = true
    })

  static let plugin = PluginSchema(
    "test-auth", config: [.string("realm")], forbidding: [.consumer], entities: [credentials, tokens],
    migrations: [
      Migration(
        "000_base_test_auth",
        [
          .createTable(
            TableLayout(
              "test_credentials", unique: ["key"], references: [.init("consumer", to: "consumers", .cascade)],
              hasTTL: true))
        ]),
      Migration(
        "001_tokens",
        [
          .createTable(
            TableLayout(
              "test_tokens", unique: ["token"],
              references: [.init("credential", to: "test_credentials", .cascade), .init("service", to: "services")],
              compositeKey: ["credential", "token"], hasTTL: true))
        ]),
    ])

  static let registry = EntityRegistry(plugins: [plugin])
  static let plan = MigrationPlan(plugins: [plugin])
}
