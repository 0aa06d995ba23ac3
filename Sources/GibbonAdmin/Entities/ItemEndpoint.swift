// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/services/:services`
struct ItemEndpoint: Sendable {
  let access: DataAccess
  let schema: EntitySchema

  var operations: [Operation] {
    let one = EntityNames.singular(self.schema)
    let shape = Operation.Shape.entity(self.schema)
    return [
      Operation("GET", "Read \(one)", output: shape) { try await self.read($0) },
      Operation("PUT", "Create or replace \(one)", input: shape, output: shape) { try await self.put($0) },
      Operation("PATCH", "Change fields of \(one)", input: shape, output: shape) { try await self.patch($0) },
      Operation("DELETE", "Delete \(one)", status: 204) { try await self.delete($0) },
    ]
  }

  /// What the path names. Certificates may be named by one of their server names.
  func address(_ request: AdminRequest) async throws -> EntityAddress {
    let text = request[self.schema.name]
    guard self.schema.name == Certificate.collection else {
      return try self.access.address(of: text, in: self.schema)
    }
    if let address = try? self.access.address(of: text, in: self.schema) { return address }
    guard let id = try await self.certificate(named: text, request) else { throw AdminError(404, "SNI not found") }
    return .id(id)
  }

  private func certificate(named name: String, _ request: AdminRequest) async throws -> String? {
    let address = try self.access.address(of: name, in: SNIsSchema.schema)
    let sni = try await self.access.select(address, in: SNIsSchema.schema, workspace: request.workspace)
    return sni?["certificate"]?["id"]?.stringValue
  }

  private func read(_ request: AdminRequest) async throws -> AdminResponse {
    let address = try await self.address(request)
    let entity = try await self.access.select(address, in: self.schema, workspace: request.workspace)
    if let entity { return .json(entity) }
    // Kong reads certificates by way of their server names, and says more when there is none.
    if self.schema.name == Certificate.collection { throw DataError.notFound(address) }
    throw AdminError.notFound
  }

  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    var input = try request.arguments(self.schema)
    let address: EntityAddress
    if self.schema.name == Certificate.collection {
      address = try await self.certificateAddress(request, &input)
    } else {
      address = try await self.address(request)
    }
    return .json(try await self.access.upsert(input, at: address, in: self.schema, workspace: request.workspace))
  }

  /// PUT by a server name makes the certificate when there is none, and keeps the name among its names.
  private func certificateAddress(_ request: AdminRequest, _ input: inout JSONObject) async throws -> EntityAddress {
    if let name = input["snis"]?.stringValue { input["snis"] = [.string(name)] }
    let text = request[self.schema.name]
    if let address = try? self.access.address(of: text, in: self.schema) { return address }
    let id = try await self.certificate(named: text, request)
    if let names = input["snis"]?.arrayValue, !names.contains(.string(text)) {
      input["snis"] = .array(names + [.string(text)])
    } else if input["snis"] == nil {
      input["snis"] = [.string(text)]
    }
    return .id(id ?? self.access.newID())
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let address = try await self.address(request)
    var input = try await self.patchArguments(request, address)
    if self.schema.name == PluginEntity.collection, input["name"] == nil {
      // Kong looks for the plugin to learn its name, and says only that it is not there.
      let existing = try await self.access.select(address, in: self.schema, workspace: request.workspace)
      if existing == nil { throw AdminError.notFound }
    }
    if self.schema.name == Certificate.collection, let name = input["snis"]?.stringValue {
      input["snis"] = [.string(name)]
    }
    return .json(try await self.access.patch(input, at: address, in: self.schema, workspace: request.workspace))
  }

  private func delete(_ request: AdminRequest) async throws -> AdminResponse {
    try await self.access.delete(try await self.address(request), in: self.schema, workspace: request.workspace)
    return .noContent
  }

  /// The body of a patch. How a form is inferred may depend on the entity's `name`, which a patch need not repeat.
  func patchArguments(_ request: AdminRequest, _ address: EntityAddress) async throws -> JSONObject {
    guard let key = self.schema.subschemaKey, request.header("content-type")?.contains("json") != true,
      let existing = try await self.access.select(address, in: self.schema, workspace: request.workspace)
    else { return try request.arguments(self.schema) }
    return try request.arguments(self.schema, assuming: existing[key])
  }
}

extension DataAccess {
  func newID() -> String { self.makeID().description }
}
