// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/apis/:apis/plugins`: the plugins of an API, which are those of its service.
struct ApiPluginEndpoints: Sendable {
  let access: DataAccess
  let apis: ApiEndpoints

  private static let object = Operation.Shape.value(["type": "object"])

  var all: [Endpoint] {
    [
      Endpoint(
        "/apis/:apis/plugins", group: "apis",
        [
          Operation("GET", "List the plugins of an API", output: Self.object) { try await self.list($0) },
          Operation("POST", "Add a plugin to an API", input: Self.object, output: Self.object, status: 201) {
            try await self.create($0)
          },
          Operation("PUT", "Add a plugin to an API, or replace it", input: Self.object, output: Self.object) {
            try await self.put($0)
          },
        ]),
      Endpoint(
        "/apis/:apis/plugins/:plugins", group: "apis",
        [
          Operation("GET", "Read a plugin of an API", output: Self.object) { request in
            let (plugin, api) = try await self.member(request, request["plugins"])
            return .json(Self.shown(plugin, api))
          },
          Operation("PATCH", "Change fields of a plugin of an API", input: Self.object, output: Self.object) {
            try await self.patch($0)
          },
          Operation("DELETE", "Remove a plugin from an API", status: 204) { try await self.delete($0) },
        ]),
    ]
  }

  private func schema() throws -> EntitySchema {
    guard let schema = self.access.registry.schema(named: PluginEntity.collection) else { throw AdminError.notFound }
    return schema
  }

  private func apiID(_ request: AdminRequest) async throws -> String {
    try await self.apis.pair(request).service["id"]?.stringValue ?? ""
  }

  /// A plugin as the old API showed it.
  private static func shown(_ plugin: JSONObject, _ api: String) -> JSONObject {
    var object: JSONObject = ["api_id": .string(api)]
    for name in ["id", "name", "config", "enabled"] { object[name] = plugin[name] }
    object["created_at"] = plugin["created_at"]?.intValue.map { .int(Int64($0) * 1000) }
    object["consumer_id"] = plugin["consumer"]?["id"]
    return object
  }

  /// The body with the old names replaced; `config.x` may stand for a member of `config`, in JSON too.
  private func input(_ request: AdminRequest, _ api: String, plugin: JSONValue? = nil) throws -> JSONObject {
    var input = try request.arguments(try self.schema(), assuming: plugin)
    if let id = input["consumer_id"] {
      input["consumer_id"] = nil
      input["consumer"] = id.isNull ? .null : ["id": id]
    }
    for member in input where member.key.hasPrefix("config.") {
      input[member.key] = nil
      input.set(member.value, at: member.key.split(separator: ".").map(String.init))
    }
    input["api_id"] = nil
    input["created_at"] = nil
    input["service"] = ["id": .string(api)]
    return input
  }

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    let api = try await self.apiID(request)
    let page = PageRequest(size: Paging.maxSize, parent: .init(field: "service", id: api))
    let (plugins, _) = try await self.access.page(page, of: try self.schema())
    return .json([
      "data": .array(plugins.map { .object(Self.shown($0, api)) }), "total": .int(Int64(plugins.count)),
    ])
  }

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let api = try await self.apiID(request)
    let input = try self.input(request, api)
    let plugin = try await ApiFaults.translated {
      try await self.access.insert(input, into: try self.schema(), workspace: request.workspace)
    }
    return .json(Self.shown(plugin, api), status: 201)
  }

  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    guard let id = try request.arguments()["id"]?.stringValue else { return try await self.create(request) }
    let (_, api) = try await self.member(request, id)
    let input = try self.input(request, api)
    let plugin = try await ApiFaults.translated {
      try await self.access.upsert(input, at: .id(id), in: try self.schema(), workspace: request.workspace)
    }
    return .json(Self.shown(plugin, api))
  }

  private func member(_ request: AdminRequest, _ id: String) async throws -> (plugin: JSONObject, api: String) {
    let api = try await self.apiID(request)
    let schema = try self.schema()
    let address = try self.access.address(of: id, in: schema)
    let plugin = try await self.access.select(address, in: schema, workspace: request.workspace)
    guard let plugin, plugin["service"]?["id"]?.stringValue == api else { throw AdminError.notFound }
    return (plugin, api)
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let (plugin, api) = try await self.member(request, request["plugins"])
    let input = try self.input(request, api, plugin: plugin["name"])
    let changed = try await ApiFaults.translated {
      try await self.access.patch(
        input, at: .id(plugin["id"]?.stringValue ?? ""), in: try self.schema(), workspace: request.workspace)
    }
    return .json(Self.shown(changed, api))
  }

  private func delete(_ request: AdminRequest) async throws -> AdminResponse {
    let (plugin, _) = try await self.member(request, request["plugins"])
    try await self.access.delete(
      .id(plugin["id"]?.stringValue ?? ""), in: try self.schema(), workspace: request.workspace)
    return .noContent
  }
}
