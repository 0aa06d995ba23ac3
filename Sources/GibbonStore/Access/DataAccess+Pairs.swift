// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// An entity of a commit of several.
public struct EntityInput: Sendable {
  public let schema: EntitySchema
  public let input: JSONObject
  /// An existing entity is replaced; otherwise it must be new.
  public let replaces: Bool

  public init(_ input: JSONObject, as schema: EntitySchema, replaces: Bool = false) {
    self.schema = schema
    self.input = input
    self.replaces = replaces
  }
}

/// Several entities that come and go together.
extension DataAccess {
  /// Writes all of them or none, in this order.
  ///
  /// - Returns: them, as they are shown.
  public func write(
    _ inputs: [EntityInput], workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> [JSONObject] {
    var writes: [EntityWrite] = []
    var entities: [(StoredEntity, EntitySchema)] = []
    for item in inputs {
      let draft = try await self.draft(item.input, item.schema, workspace)
      if self.isReadOnly { throw .unsupported(item.replaces ? "create or update" : "create", item.schema) }
      let (related, entity) = try await self.finished(draft, replacing: nil, item.schema)
      writes.append(item.replaces ? .put(item.schema, entity) : .insert(item.schema, entity))
      writes += related
      entities.append((entity, item.schema))
    }
    try await self.commit(writes)
    var shown: [JSONObject] = []
    for (entity, schema) in entities { shown.append(try await self.presented(entity, schema)) }
    return shown
  }

  /// Deletes all of them or none, in this order, with what belongs to each.
  public func delete(_ items: [(schema: EntitySchema, id: String)]) async throws(DataError) {
    if self.isReadOnly, let first = items.first { throw .unsupported("remove", first.schema) }
    try await self.commit(items.map { .delete($0.schema, id: $0.id) })
  }
}
