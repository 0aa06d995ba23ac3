// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/schemas`: the schemas themselves, for clients that make forms or check ahead.
struct SchemaEndpoints: Sendable {
  let access: DataAccess

  private static let object: JSONObject = ["type": "object"]
  private var registry: EntityRegistry { self.access.registry }

  var all: [Endpoint] {
    [
      self.read("/schemas/:name", "The schema of a collection") { try self.entity($0["name"]).description },
      self.read("/schemas/plugins/:name", "The schema of a plugin") { try self.plugin($0["name"]).description },
      self.read("/plugins/schema/:name", "The schema of a plugin's configuration") {
        try self.plugin($0["name"]).config.description
      },
      self.read("/schemas/vaults/:name", "The schema of a vault") { request in
        guard let record = VaultsSchema.schema.specialized[request["name"]] else {
          throw AdminError(404, "No vault named '\(request["name"])'")
        }
        // Only what is the vault's own, as with plugins.
        return RecordSchema(record.fields.filter { $0.name == "config" }, checks: record.checks).description
      },
      self.read("/schemas/filters/:name", "The schema of a filter") { request in
        throw AdminError(404, "Filter '\(request["name"])' not found")
      },
      // The parameter stands where `:name` stands and has its name.
      self.validate("/schemas/:name/validate") { try self.entity($0["name"]) },
      self.validate("/schemas/plugins/validate") { _ in try self.entity(PluginEntity.collection) },
      self.validate("/schemas/vaults/validate") { _ in VaultsSchema.schema },
    ]
  }

  private func read(
    _ path: String, _ summary: String, _ body: @escaping @Sendable (AdminRequest) throws -> JSONObject
  ) -> Endpoint {
    Endpoint(
      path, group: "schemas",
      [
        Operation("GET", summary, output: .value(Self.object)) { request in
          var object = try body(request)
          if object["entity_checks"] == nil { object["entity_checks"] = [] }
          return .json(object)
        }
      ])
  }

  private func validate(
    _ path: String, _ schema: @escaping @Sendable (AdminRequest) throws -> EntitySchema
  ) -> Endpoint {
    let operation = Operation(
      "POST", "Check an entity without storing it", input: .value(Self.object), output: .message
    ) { request in
      let schema = try schema(request)
      var input = try request.arguments(schema)
      if schema.hasTTL { input["ttl"] = nil }
      // Only ids are checked: by name nothing is looked up here.
      switch self.access.validated(input, as: schema) {
      case .success: return .message("schema validation successful")
      case .failure(let failure): throw DataError.schemaViolation(failure)
      }
    }
    return Endpoint(path, group: "schemas", [operation])
  }

  private func entity(_ name: String) throws(AdminError) -> EntitySchema {
    guard let schema = self.registry.schema(named: name) else {
      throw AdminError(404, "No entity named '\(name)'")
    }
    return schema
  }

  private func plugin(_ name: String) throws(AdminError) -> PluginSchema {
    guard let plugin = self.registry.plugins[name] else { throw AdminError(404, "No plugin named '\(name)'") }
    return plugin
  }
}
