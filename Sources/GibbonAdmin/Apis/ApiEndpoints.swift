// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/apis`: Kong's vocabulary before services and routes.
struct ApiEndpoints: Sendable {
  let access: DataAccess

  static let routes = RoutesSchema.schema
  private static let services = ServicesSchema.schema
  private static let object = Operation.Shape.value(["type": "object"])

  var all: [Endpoint] {
    [
      Endpoint(
        "/apis", group: "apis",
        [
          Operation("GET", "List the APIs", output: Self.object) { try await self.list($0) },
          Operation("POST", "Create an API", input: Self.object, output: Self.object, status: 201) {
            try await self.create($0)
          },
          Operation("PUT", "Create an API, or replace the one with the id", input: Self.object, output: Self.object) {
            try await self.put($0)
          },
        ]),
      Endpoint(
        "/apis/:apis", group: "apis",
        [
          Operation("GET", "Read an API", output: Self.object) { .json(try await self.pair($0).shown) },
          Operation("PATCH", "Change fields of an API", input: Self.object, output: Self.object) {
            try await self.patch($0)
          },
          Operation("DELETE", "Delete an API", status: 204) { try await self.delete($0) },
        ]),
    ] + ApiPluginEndpoints(access: self.access, apis: self).all
  }

  // MARK: Finding

  /// The API that the path names, by id or name.
  func pair(_ request: AdminRequest) async throws -> ApiPair {
    let text = request["apis"]
    let address =
      EntityID(text).map { EntityAddress.id($0.description) } ?? .key(field: "name", value: text)
    guard let service = try await self.access.select(address, in: Self.services, workspace: request.workspace),
      let pair = try await self.pair(of: service, request)
    else { throw AdminError.notFound }
    return pair
  }

  private func pair(of service: JSONObject, _ request: AdminRequest) async throws -> ApiPair? {
    guard let id = service["id"]?.stringValue.flatMap({ EntityID($0) }) else { return nil }
    let address = EntityAddress.id(ApiPair.routeID(of: id).description)
    let route = try await self.access.select(address, in: self.routesSchema, workspace: request.workspace)
    return route.map { ApiPair(service: service, route: $0) }
  }

  private var routesSchema: EntitySchema { self.access.registry.schema(named: Route.collection) ?? Self.routes }

  // MARK: Listing

  /// Every field can be asked for, exactly.
  private static let filters: Set<String> = [
    "id", "name", "request_host", "request_path", "upstream_url", "retries", "preserve_host", "strip_uri",
    "strip_request_path", "https_only", "http_if_terminated", "created_at", "upstream_connect_timeout",
    "upstream_send_timeout", "upstream_read_timeout",
  ]

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    let size = request.argument("size").flatMap { Int($0) } ?? Paging.defaultSize
    guard (1...Paging.maxSize).contains(size) else { throw AdminError(400, "size must be from 1 to \(Paging.maxSize)") }
    let offset = request.argument("offset")
    let start = offset.map { Base64.decoded($0).flatMap { Int(String(decoding: $0, as: UTF8.self)) } } ?? 0
    guard let start, start >= 0 else { throw AdminError(400, "Invalid offset") }
    var wanted: [(String, String)] = []
    for name in request.argumentNames where name != "size" && name != "offset" {
      guard Self.filters.contains(name) else { throw AdminError(.json([name: "unknown field"], status: 400)) }
      wanted.append((name, request.argument(name) ?? ""))
    }
    let (apis, total) = try await self.matching(wanted, from: start, count: size, request)
    var object: JSONObject = ["data": .array(apis.map { .object($0) }), "total": .int(Int64(total))]
    if start + size < total {
      let next = Base64.encoded(Array("\(start + size)".utf8))
      object["offset"] = .string(next)
      let host = request.header("host") ?? "localhost:8001"
      object["next"] = .string("http://\(host)/apis?offset=\(PercentEncoding.encoded(next))&size=\(size)")
    }
    return .json(object)
  }

  /// Some of the APIs that fit, and how many do. The routes tell which services are APIs.
  private func matching(
    _ wanted: [(String, String)], from start: Int, count: Int, _ request: AdminRequest
  ) async throws -> ([JSONObject], Int) {
    var page = PageRequest(size: Paging.maxSize)
    page.workspace = request.workspace
    var found: [JSONObject] = []
    var total = 0
    repeat {
      let (routes, next) = try await self.access.page(page, of: self.routesSchema)
      for route in routes where ApiPair.isHalf(route) {
        let isShown = (start..<start + count).contains(total)
        // Without a filter only what is shown has to be read.
        guard isShown || !wanted.isEmpty else {
          total += 1
          continue
        }
        guard let id = route["service"]?["id"]?.stringValue,
          let service = try await self.access.select(.id(id), in: Self.services, workspace: request.workspace)
        else { continue }
        let api = ApiPair(service: service, route: route).shown
        guard wanted.allSatisfy({ api[$0]?.stringValue == $1 || api[$0]?.description == $1 }) else { continue }
        if isShown { found.append(api) }
        total += 1
      }
      page.after = next
    } while page.after != nil
    return (found, total)
  }

  // MARK: Writing

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let body = try request.arguments()
    let id = body["id"]?.stringValue.flatMap { EntityID($0) } ?? self.access.makeID()
    return .json(try await self.write(ApiInput(body), id: id, request).shown, status: 201)
  }

  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    let body = try request.arguments()
    guard let text = body["id"]?.stringValue else { return try await self.create(request) }
    var named = request
    named.parameters["apis"] = text
    let existing = try await self.pair(named)
    return .json(try await self.write(ApiInput(body), over: existing, request).shown)
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let body = try request.arguments()
    if body.isEmpty { throw AdminError(400, "empty body") }
    let existing = try await self.pair(request)
    return .json(try await self.write(ApiInput(body).over(existing.shown), over: existing, request).shown)
  }

  private func write(
    _ input: ApiInput, id: EntityID? = nil, over existing: ApiPair? = nil, _ request: AdminRequest
  ) async throws -> ApiPair {
    let known = existing?.service["id"]?.stringValue.flatMap { EntityID($0) }
    let (service, route) = try input.entities(
      id: known ?? id ?? self.access.makeID(),
      tags: (existing?.service["tags"] ?? .null, existing?.route["tags"] ?? .null))
    let replaces = existing != nil
    let entities = try await ApiFaults.translated {
      try await self.access.write(
        [
          EntityInput(service, as: Self.services, replaces: replaces),
          EntityInput(route, as: self.routesSchema, replaces: replaces),
        ], workspace: request.workspace)
    }
    return ApiPair(service: entities[0], route: entities[1])
  }

  private func delete(_ request: AdminRequest) async throws -> AdminResponse {
    let pair = try await self.pair(request)
    let id = pair.service["id"]?.stringValue ?? ""
    let routes = try await self.access.page(
      PageRequest(size: 2, parent: .init(field: "service", id: id)), of: self.routesSchema)
    guard routes.entities.count < 2 else {
      throw AdminError(409, "other routes lead to the service of this api; delete them first")
    }
    try await self.access.delete([
      (self.routesSchema, pair.route["id"]?.stringValue ?? ""), (Self.services, id),
    ])
    return .noContent
  }
}
