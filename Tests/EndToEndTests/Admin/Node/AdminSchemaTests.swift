// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/schemas` (the notes, 12).
@Suite struct AdminSchemaTests {
  private typealias Admin = AdminGateway

  /// The description of a field in a list of fields.
  private func field(_ name: String, _ schema: JSON) -> JSON {
    schema["fields"].array.first { $0[name] != .missing }?[name] ?? .missing
  }

  @Test func theSchemaOfACollectionIsDescribed() throws {
    let reply = try Admin.send("GET", "/schemas/services")
    expect(reply, 200)
    #expect(reply.json.keys == ["entity_checks", "fields"])
    #expect(reply.json["fields"].array.allSatisfy { $0.keys.count == 1 })
    #expect(reply.json["fields"].array.prefix(4).map { $0.keys[0] } == ["id", "created_at", "updated_at", "name"])
    #expect(self.field("retries", reply.json)["default"] == 5)
    #expect(self.field("retries", reply.json)["between"] == [0, 32_767])
    #expect(self.field("client_certificate", reply.json) == ["type": "foreign", "reference": "certificates"])
    #expect(
      reply.json["entity_checks"][0] == [
        "conditional": [
          "if_field": "protocol", "if_match": ["one_of": ["tcp", "tls", "udp", "grpc", "grpcs"]],
          "then_field": "path", "then_match": ["eq": nil],
        ]
      ])
    #expect(
      try Admin.send("GET", "/schemas/consumers").json["entity_checks"] == [
        ["at_least_one_of": ["custom_id", "username"]]
      ])
    #expect(try Admin.send("GET", "/schemas/snis").json["entity_checks"] == [])
  }

  @Test(arguments: [
    "services", "routes", "consumers", "plugins", "upstreams", "targets", "certificates", "snis", "ca_certificates",
    "keys", "key_sets", "vaults", "keyauth_credentials", "tags", "filter_chains", "workspaces",
  ]) func everyCollectionHasASchema(name: String) throws {
    let reply = try Admin.send("GET", "/schemas/\(name)")
    expect(reply, 200)
    #expect(!reply.json["fields"].array.isEmpty)
  }

  @Test func theSchemaOfAPluginIsItsOwnPart() throws {
    let schema = try Admin.send("GET", "/schemas/plugins/key-auth").json
    #expect(schema.keys == ["entity_checks", "fields"])
    #expect(schema["fields"].array.map { $0.keys[0] } == ["consumer", "protocols", "config"])
    #expect(self.field("consumer", schema)["eq"] == nil)
    #expect(self.field("key_names", self.field("config", schema))["default"] == ["apikey"])
    let old = try Admin.send("GET", "/plugins/schema/key-auth").json
    #expect(old.keys == ["entity_checks", "fields"])
    #expect(self.field("key_names", old)["type"] == "array")
    let vault = try Admin.send("GET", "/schemas/vaults/env").json
    #expect(vault["entity_checks"] == [])
    #expect(vault["fields"].array.map { $0.keys[0] } == ["config"])
  }

  @Test(arguments: [
    ("/schemas/nope", "No entity named 'nope'"), ("/schemas/plugins/nope", "No plugin named 'nope'"),
    ("/plugins/schema/nope", "No plugin named 'nope'"), ("/schemas/vaults/nope", "No vault named 'nope'"),
    ("/schemas/filters/nope", "Filter 'nope' not found"),
  ]) func unknownSchemaIsNotFound(path: String, message: String) throws {
    expect(try Admin.send("GET", path), 404, ["message": .string(message)])
  }

  @Test(
    arguments: [
      ("services", ["host": "h"]), ("routes", ["paths": ["/"], "service": ["id": .string(Unknown.id)]]),
      ("plugins", ["name": "key-auth", "config": ["key_names": ["x"]]]), ("consumers", ["custom_id": "7"]),
      ("vaults", ["name": "env", "prefix": "my-env"]),
      ("keyauth_credentials", ["consumer": ["id": .string(Unknown.id)], "key": "k"]),
    ] as [(String, JSON)]) func aValidEntityPassesAndIsNotStored(name: String, entity: JSON) throws
  {
    expect(
      try Admin.send("POST", "/schemas/\(name)/validate", .json(entity)), 200,
      ["message": "schema validation successful"])
    expect(try Admin.send("GET", "/vaults/my-env"), 404)
  }

  @Test func anInvalidEntityIsExplained() throws {
    let missing = AdminError.violation("name", "required field missing")
    expect(
      try Admin.send("POST", "/schemas/services/validate", .json([:])), 400,
      AdminError.violation("host", "required field missing"))
    expect(try Admin.send("POST", "/schemas/plugins/validate", .json([:])), 400, missing)
    expect(try Admin.send("POST", "/schemas/vaults/validate"), 400, missing)
    expect(
      try Admin.send("POST", "/schemas/plugins/validate", .json(["name": "key-auth", "config": ["x": 1]])), 400,
      AdminError.violation("schema violation (config.x: unknown field)", ["config": ["x": "unknown field"]]))
    expect(
      try Admin.send("POST", "/schemas/nope/validate", .json([:])), 404, ["message": "No entity named 'nope'"])
    expect(try Admin.send("PUT", "/schemas/services/validate", .json([:])), 405, AdminError.notAllowed)
  }
}
