// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The entity that a foreign field names, reached through its child: `/routes/:routes/service`.
struct ForeignEndpoint: Sendable {
  let access: DataAccess
  let child: EntitySchema
  let field: String
  let parent: EntitySchema

  var operations: [Operation] {
    let one = "the \(self.field) of \(EntityNames.singular(self.child))"
    let shape = Operation.Shape.entity(self.parent)
    return [
      Operation("GET", "Read \(one)", output: shape) { request in
        let address = try await self.parentAddress(request)
        let entity = try await self.access.select(address, in: self.parent, workspace: request.workspace)
        guard var entity else { throw AdminError.notFound }
        // Kong lists server names only where certificates are read by themselves.
        if self.parent.name == Certificate.collection { entity["snis"] = .null }
        return .json(entity)
      },
      Operation("PUT", "Create or replace \(one)", input: shape, output: shape) { try await self.put($0) },
      Operation("PATCH", "Change fields of \(one)", input: shape, output: shape) { request in
        let address = try await self.parentAddress(request)
        return .json(
          try await self.access.patch(
            try request.arguments(self.parent), at: address, in: self.parent, workspace: request.workspace))
      },
      Operation("DELETE", "Always refused: delete it where it is", output: .message, status: 405) { request in
        _ = try await self.parentAddress(request)
        throw AdminError.notAllowed
      },
    ]
  }

  private func childEntity(_ request: AdminRequest) async throws -> (address: EntityAddress, entity: JSONObject) {
    let address = try await ItemEndpoint(access: self.access, schema: self.child).address(request)
    let entity = try await self.access.select(address, in: self.child, workspace: request.workspace)
    guard let entity else { throw AdminError.notFound }
    return (address, entity)
  }

  private func parentAddress(_ request: AdminRequest) async throws -> EntityAddress {
    guard let id = try await self.childEntity(request).entity[self.field]?["id"]?.stringValue else {
      throw AdminError.notFound
    }
    return .id(id)
  }

  /// Where the field is null, a parent is made and the child linked to it.
  private func put(_ request: AdminRequest) async throws -> AdminResponse {
    let input = try request.arguments(self.parent)
    let (address, child) = try await self.childEntity(request)
    let known = child[self.field]?["id"]?.stringValue
    let id = known ?? self.access.newID()
    let entity = try await self.access.upsert(input, at: .id(id), in: self.parent, workspace: request.workspace)
    if known == nil {
      _ = try await self.access.patch(
        [self.field: ["id": .string(id)]], at: address, in: self.child, workspace: request.workspace)
    }
    return .json(entity)
  }
}
