// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/apis`: Kong's vocabulary before services and routes.
struct ApiEndpoints: Sendable {
  let access: DataAccess

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
    guard let pair = try await self.pair(named: request["apis"], request) else { throw AdminError.notFound }
    return pair
  }

  private func pair(named text: String, _ request: AdminRequest) async throws -> ApiPair? {
    if let id = EntityID(text), let pair = try await self.pair(at: .id(id.description), request) { return pair }
    // A name may look like an id.
    return try await self.pair(at: .key(field: "name", value: text), request)
  }

  private func pair(at address: EntityAddress, _ request: AdminRequest) async throws -> ApiPair? {
    let service = try await self.access.select(address, in: Self.services, workspace: request.workspace)
    guard let service, let id = service["id"]?.stringValue.flatMap({ EntityID($0) }) else { return nil }
    let half = EntityAddress.id(ApiPair.routeID(of: id).description)
    let route = try await self.access.select(half, in: self.routes, workspace: request.workspace)
    // A route that was moved to another service makes no API any more.
    return route.flatMap { ApiPair.isHalf($0) ? ApiPair(service: service, route: $0) : nil }
  }

  /// Of the router's flavor.
  private var routes: EntitySchema { self.access.registry.schema(named: Route.collection) ?? RoutesSchema.schema }

  // MARK: Listing

  /// The routes tell which services are APIs.
  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    var list = try ApiList(request, fields: ApiField.all)
    var page = PageRequest(size: Paging.maxSize)
    page.workspace = request.workspace
    repeat {
      let (routes, next) = try await self.access.page(page, of: self.routes)
      for route in routes where ApiPair.isHalf(route) {
        guard list.looksAtNext else {
          list.skip()
          continue
        }
        guard let id = route["service"]?["id"]?.stringValue,
          let service = try await self.access.select(.id(id), in: Self.services, workspace: request.workspace)
        else { continue }
        list.add(ApiPair(service: service, route: route).shown)
      }
      page.after = next
    } while page.after != nil
    return list.response(request)
  }

  // MARK: Writing

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let input = try ApiInput(try request.arguments(), .whole)
    let id = input.id ?? self.access.makeID()
    var (service, route) = (input.service, input.route)
    service["id"] = .string(id.description)
    route["id"] = .string(ApiPair.routeID(of: id).description)
    route["service"] = ["id": .string(id.description)]
    let pair = try await self.write(
      EntityInput(service, as: Self.services), EntityInput(route, as: self.routes), request)
    return .json(pair.shown, status: 201)
  }

  /// Without an id it creates, with one it replaces.
  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    let body = try request.arguments()
    guard let given = body["id"], !given.isNull else { return try await self.create(request) }
    guard let id = given.stringValue.flatMap({ EntityID($0) }) else {
      let fault = "\(given.stringValue ?? given.description) is not a valid uuid"
      throw AdminError(.json(["id": .string(fault)], status: 400))
    }
    guard let existing = try await self.pair(at: .id(id.description), request) else { throw AdminError.notFound }
    return try await self.change(existing, ApiInput(body, .whole, over: existing), request)
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let body = try request.arguments()
    let existing = try await self.pair(request)
    if body.isEmpty { throw AdminError(400, "empty body") }
    return try await self.change(existing, ApiInput(body, .part, over: existing), request)
  }

  private func change(
    _ existing: ApiPair, _ input: ApiInput, _ request: AdminRequest
  ) async throws -> AdminResponse {
    let pair = try await self.write(
      EntityInput(input.service, as: Self.services, changing: existing.id),
      EntityInput(input.route, as: self.routes, changing: existing.routeID), request)
    return .json(pair.shown)
  }

  private func write(
    _ service: EntityInput, _ route: EntityInput, _ request: AdminRequest
  ) async throws -> ApiPair {
    try await ApiFaults.translated {
      let entities = try await self.access.write([service, route], workspace: request.workspace)
      guard entities.count == 2 else { throw AdminError.notFound }
      return ApiPair(service: entities[0], route: entities[1])
    }
  }

  private func delete(_ request: AdminRequest) async throws -> AdminResponse {
    let pair = try await self.pair(request)
    let page = PageRequest(size: Self.namedRoutes + 1, parent: .init(field: "service", id: pair.id))
    let others = try await self.access.page(page, of: self.routes).entities.filter {
      $0["id"]?.stringValue != pair.routeID
    }
    guard others.isEmpty else {
      let names = others.prefix(Self.namedRoutes).map { $0["name"]?.stringValue ?? $0["id"]?.stringValue ?? "" }
      throw AdminError(
        409, "other routes lead to the service of this api, delete them first: \(names.joined(separator: ", "))")
    }
    try await ApiFaults.translated {
      try await self.access.delete(
        [(self.routes, pair.routeID), (Self.services, pair.id)], workspace: request.workspace)
    }
    return .noContent
  }

  /// How many routes a refusal names.
  private static let namedRoutes = 5
}
