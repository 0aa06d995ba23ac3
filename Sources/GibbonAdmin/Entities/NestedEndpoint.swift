// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The children of an entity: `/services/:services/routes` and `/services/:services/routes/:routes`.
struct NestedEndpoint: Sendable {
  let access: DataAccess
  let parent: EntitySchema
  let child: EntityRegistry.Child
  /// The last segment of the list's path.
  let path: String

  private var schema: EntitySchema { self.child.schema }
  private var item: ItemEndpoint { ItemEndpoint(access: self.access, schema: self.schema) }

  var listOperations: [Operation] {
    let owner = EntityNames.singular(self.parent)
    return [
      Operation("GET", "List \(EntityNames.plural(self.schema)) of \(owner)", output: .page(of: self.schema)) {
        try await self.list($0)
      },
      Operation(
        "POST", "Create \(EntityNames.singular(self.schema)) for \(owner)", input: .entity(self.schema),
        output: .entity(self.schema), status: 201
      ) { try await self.create($0) },
    ]
  }

  var itemOperations: [Operation] {
    let one = "\(EntityNames.singular(self.schema)) of \(EntityNames.singular(self.parent))"
    let shape = Operation.Shape.entity(self.schema)
    return [
      Operation("GET", "Read \(one)", output: shape) { .json(try await self.member($0).entity) },
      Operation("PUT", "Create or replace \(one)", input: shape, output: shape) { try await self.put($0) },
      Operation("PATCH", "Change fields of \(one)", input: shape, output: shape) { try await self.patch($0) },
      Operation("DELETE", "Delete \(one)", status: 204) { try await self.delete($0) },
    ]
  }

  /// The parent's id.
  private func parentID(_ request: AdminRequest) async throws -> String {
    let owner = ItemEndpoint(access: self.access, schema: self.parent)
    // Only the server names of a certificate are reached by a server name.
    let address =
      self.schema.name == SNI.collection
      ? try await owner.address(request) : try self.access.address(of: request[self.parent.name], in: self.parent)
    let entity = try await self.access.select(address, in: self.parent, workspace: request.workspace)
    guard let id = entity?["id"]?.stringValue else { throw AdminError.notFound }
    return id
  }

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    let parent = try await self.parentID(request)
    // Checked and not used, as in Kong.
    _ = try Paging.tags(request)
    let page = PageRequest(
      size: try Paging.size(request), after: try Paging.offset(request)?.first,
      parent: .init(field: self.child.field, id: parent))
    let (entities, next) = try await self.access.page(page, of: self.schema)
    let segment = request.rawParameters[self.parent.name] ?? parent
    let path = "/\(self.parent.adminPath?.collection ?? self.parent.name)/\(segment)/\(self.path)"
    return Paging.body(entities.map { .object($0) }, next: next.map { [$0] }, path: path, request)
  }

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let parent = try await self.parentID(request)
    var input = try request.arguments(self.schema)
    input[self.child.field] = ["id": .string(parent)]
    return .json(
      try await self.access.insert(input, into: self.schema, workspace: request.workspace), status: 201)
  }

  /// The child that the path names, when it is one of the parent's.
  private func member(_ request: AdminRequest) async throws -> (address: EntityAddress, entity: JSONObject) {
    let parent = try await self.parentID(request)
    guard let address = try await self.address(request, parent: parent) else { throw AdminError.notFound }
    let entity = try await self.access.select(address, in: self.schema, workspace: request.workspace)
    guard let entity, entity[self.child.field]?["id"]?.stringValue == parent else { throw AdminError.notFound }
    return (address, entity)
  }

  /// The nested key and its value, where the path names the child by them and not by id.
  private func nestedKey(_ request: AdminRequest) -> (field: String, value: String)? {
    let text = request[self.schema.name]
    return EntityID(text) == nil ? self.schema.nestedKey.map { ($0, text) } : nil
  }

  /// nil when the path names by its nested key a child that there is not.
  private func address(_ request: AdminRequest, parent: String) async throws -> EntityAddress? {
    guard let key = self.nestedKey(request) else { return try await self.item.address(request) }
    let found = try await self.access.child(
      key.value, key: key.field, of: .init(field: self.child.field, id: parent), in: self.schema,
      workspace: request.workspace)
    return found?["id"]?.stringValue.map { .id($0) }
  }

  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    let parent = try await self.parentID(request)
    var input = try request.arguments(self.schema)
    input[self.child.field] = ["id": .string(parent)]
    if let key = self.nestedKey(request), input[key.field] == nil { input[key.field] = .string(key.value) }
    let address = try await self.address(request, parent: parent) ?? .id(self.access.newID())
    return .json(try await self.access.upsert(input, at: address, in: self.schema, workspace: request.workspace))
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let (address, entity) = try await self.member(request)
    var input = try await self.item.patchArguments(request, address)
    if input[self.child.field] == nil { input[self.child.field] = entity[self.child.field] }
    return .json(try await self.access.patch(input, at: address, in: self.schema, workspace: request.workspace))
  }

  private func delete(_ request: AdminRequest) async throws -> AdminResponse {
    let (address, _) = try await self.member(request)
    try await self.access.delete(address, in: self.schema, workspace: request.workspace)
    return .noContent
  }
}
