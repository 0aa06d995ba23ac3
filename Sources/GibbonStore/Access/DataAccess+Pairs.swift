// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// An entity of a commit of several: a new one, or some fields of one that is there.
public struct EntityInput: Sendable {
  public let schema: EntitySchema
  public let input: JSONObject
  /// The id of the entity whose fields change; nil for a new one.
  public let changed: String?

  public init(_ input: JSONObject, as schema: EntitySchema, changing id: String? = nil) {
    self.schema = schema
    self.input = input
    self.changed = id
  }
}

/// Several entities that come and go together.
extension DataAccess {
  /// One of several on its way to the store.
  private struct Prepared {
    let draft: Draft
    let existing: StoredEntity?
    let schema: EntitySchema
  }

  /// Makes or changes all of them or none, in this order.
  ///
  /// - Returns: them, as they are shown.
  /// - Throws: `.notFound` when one that should change is not there.
  public func write(
    _ inputs: [EntityInput], workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> [JSONObject] {
    for _ in 0..<Self.patchAttempts {
      var prepared: [Prepared] = []
      for item in inputs { prepared.append(try await self.prepared(item, workspace)) }
      if self.isReadOnly, let first = inputs.first {
        throw .unsupported(first.changed == nil ? "create" : "update", first.schema)
      }
      var writes: [EntityWrite] = []
      var entities: [(entity: StoredEntity, schema: EntitySchema)] = []
      for item in prepared {
        let (related, entity) = try await self.finished(item.draft, replacing: item.existing, item.schema)
        if let existing = item.existing {
          writes.append(.replace(item.schema, entity, revision: existing.revision))
        } else {
          writes.append(.insert(item.schema, entity))
        }
        writes += related
        entities.append((entity, item.schema))
      }
      do throws(StoreError) {
        try await self.commitRaw(writes)
      } catch .conflict {
        // Somebody was faster: begin again with what they left.
        continue
      } catch {
        throw DataError(error)
      }
      var shown: [JSONObject] = []
      for (entity, schema) in entities { shown.append(try await self.presented(entity, schema)) }
      return shown
    }
    throw DataError(.conflict(collection: inputs.first?.schema.name ?? "", id: ""))
  }

  private func prepared(_ item: EntityInput, _ workspace: EntityID) async throws(DataError) -> Prepared {
    guard let id = item.changed else {
      return Prepared(
        draft: try await self.draft(item.input, item.schema, workspace), existing: nil, schema: item.schema)
    }
    let address = EntityAddress.id(id)
    guard let existing = try await self.stored(address, in: item.schema, workspace: workspace) else {
      throw .notFound(address)
    }
    let draft = try await self.patchDraft(item.input, existing, address, item.schema, workspace)
    return Prepared(draft: draft, existing: existing, schema: item.schema)
  }

  /// Deletes all of them or none, in this order, with what belongs to each. What is not there is no error.
  public func delete(
    _ items: [(schema: EntitySchema, id: String)], workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) {
    var writes: [EntityWrite] = []
    for item in items {
      guard let existing = try await self.stored(.id(item.id), in: item.schema, workspace: workspace) else { continue }
      if self.isReadOnly { throw .unsupported("remove", item.schema) }
      writes += try await self.deletionsBefore(existing, item.schema)
      writes.append(.delete(item.schema, id: existing.key(item.schema)))
    }
    if !writes.isEmpty { try await self.commit(writes) }
  }
}
