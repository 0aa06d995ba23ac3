// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
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

  // MARK: Reading

  /// A plugin as the old API showed it.
  private static func shown(_ plugin: JSONObject, _ api: String) -> JSONObject {
    var object: JSONObject = ["api_id": .string(api)]
    for name in ["id", "name", "config", "enabled"] { object[name] = plugin[name] }
    object["created_at"] = ApiPair.milliseconds(plugin["created_at"])
    object["consumer_id"] = plugin["consumer"]?["id"]
    return object
  }

  /// What plugins can be asked for by.
  private static let filters: [String: ApiField] = [
    "id": .id, "name": .text, "api_id": .id, "consumer_id": .id, "enabled": .flag, "created_at": .time,
  ]

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    let api = try await self.apis.pair(request).id
    var list = try ApiList(request, fields: Self.filters)
    var page = PageRequest(size: Paging.maxSize, parent: .init(field: "service", id: api))
    repeat {
      let (plugins, next) = try await self.access.page(page, of: try self.schema())
      for plugin in plugins { list.add(Self.shown(plugin, api)) }
      page.after = next
    } while page.after != nil
    return list.response(request)
  }

  private func member(_ request: AdminRequest, _ id: String) async throws -> (plugin: JSONObject, api: String) {
    let api = try await self.apis.pair(request).id
    guard let id = EntityID(id) else { throw AdminError.notFound }
    let plugin = try await self.access.select(
      .id(id.description), in: try self.schema(), workspace: request.workspace)
    guard let plugin, plugin["service"]?["id"]?.stringValue == api else { throw AdminError.notFound }
    return (plugin, api)
  }

  // MARK: Writing

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let api = try await self.apis.pair(request).id
    let input = try ApiPluginInput(request, try self.schema()).fields(of: api)
    let plugin = try await ApiFaults.translated {
      try await self.access.insert(input, into: try self.schema(), workspace: request.workspace)
    }
    return .json(Self.shown(plugin, api), status: 201)
  }

  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    guard let given = try request.arguments()["id"], !given.isNull else { return try await self.create(request) }
    let (plugin, api) = try await self.member(request, given.stringValue ?? "")
    let input = try ApiPluginInput(request, try self.schema(), over: plugin, isWhole: true).fields(of: api)
    let replaced = try await ApiFaults.translated {
      try await self.access.upsert(
        input, at: .id(plugin["id"]?.stringValue ?? ""), in: try self.schema(), workspace: request.workspace)
    }
    return .json(Self.shown(replaced, api))
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let (plugin, api) = try await self.member(request, request["plugins"])
    let input = try ApiPluginInput(request, try self.schema(), over: plugin).fields(of: api)
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
