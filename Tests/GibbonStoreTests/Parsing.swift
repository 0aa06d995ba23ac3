// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonModel
import GibbonSchema
import GibbonStore

/// Plugins like the bundled ones, so that these tests stand without them.
enum TestPlugins {
  static let keyAuth = PluginSchema(
    "key-auth",
    config: [
      .array("key_names", of: .headerName(), .required, .default(["apikey"])),
      .boolean("hide_credentials", .required, .default(false)),
      .string("anonymous"),
    ], forbidding: [.consumer],
    entities: [
      EntitySchema(
        "keyauth_credentials",
        RecordSchema([
          .id, .createdAt, .foreign("consumer", to: "consumers", .required, .cascade),
          .string("key", .auto, .unique), .tags,
        ]),
        configure: {
          $0.endpointKey = "key"
          $0.cacheKey = ["key"]
          $0.hasTTL = true
        })
    ])

  static let acl = PluginSchema(
    "acl",
    config: RecordSchema(
      [.array("allow", of: .string()), .array("deny", of: .string())],
      checks: [.exactlyOneOf(["allow", "deny"])]),
    forbidding: [.consumer],
    entities: [
      EntitySchema(
        "acls",
        RecordSchema([
          .id, .createdAt, .foreign("consumer", to: "consumers", .required, .cascade), .string("group", .required),
          .tags,
        ]),
        configure: { $0.cacheKey = ["consumer", "group"] })
    ])

  static let rateLimiting = PluginSchema(
    "rate-limiting",
    config: RecordSchema(
      [
        .number("minute", .greater(than: 0)),
        .string("policy", .default("local"), .oneOf("local", "redis")),
        .record("redis", [.host("host"), .port("port", .default(6379))]),
      ],
      checks: [
        .atLeastOneOf(["minute"]), .when("policy", .equal(to: "redis"), require: "redis.host", [.required]),
      ], shorthands: [.renamed(.string("redis_host"), to: ["redis", "host"])]))

  static let basicAuth = PluginSchema(
    "basic-auth", config: [.boolean("hide_credentials", .required, .default(false))], forbidding: [.consumer],
    entities: [
      EntitySchema(
        "basicauth_credentials",
        RecordSchema([
          .id, .createdAt, .foreign("consumer", to: "consumers", .required, .cascade),
          .string("username", .required, .unique), .string("password", .required), .tags,
        ]),
        configure: {
          $0.endpointKey = "username"
          $0.cacheKey = ["username"]
          $0.transformations = [
            Transformation(input: ["password"], needs: ["consumer.id"]) { values in
              .success(["password": .string("hashed(\(values.map(\.description).joined(separator: "+")))")])
            }
          ]
        })
    ])

  static let all = [keyAuth, acl, rateLimiting, basicAuth]
}

let registry = EntityRegistry(plugins: TestPlugins.all)

func parse(
  _ text: String, format: DeclarativeParser.Format? = nil
) -> Result<DeclarativeConfiguration, DeclarativeErrors> {
  DeclarativeParser(registry: registry, validator: Validator(now: 1_700_000_000)).parse(
    Array(text.utf8), format: format)
}

/// What a file means: each entity's members that are neither null nor a default, or one line per error.
func reading(of text: String, file: String = "kong.yml") -> String {
  switch parse(text, format: DeclarativeParser.Format(fileName: file)) {
  case .failure(let errors): return errors.rendered(file: file)
  case .success(let configuration):
    var lines = configuration.warnings.map { "warning: " + $0.rendered(file: file) }
    for schema in registry.schemas where schema.name != "workspaces" {
      for row in configuration.rows[schema.name] ?? [] {
        let record = schema.record(for: row) ?? schema.record
        lines.append("\(schema.name) \(JSONValue.object(essential(row, record)))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

private func essential(_ row: JSONObject, _ record: RecordSchema) -> JSONObject {
  JSONObject(
    distinct: row.members.compactMap { member in
      guard !member.value.isNull, member.key != "created_at", member.key != "updated_at" else { return nil }
      let field = record.field(named: member.key)
      if member.value == field?.defaultValue { return nil }
      if case .object(let inner) = member.value, case .record(let innerRecord)? = field?.type {
        let rest = essential(inner, innerRecord)
        return rest.isEmpty ? nil : JSONObject.Member(member.key, .object(rest))
      }
      return member
    })
}
