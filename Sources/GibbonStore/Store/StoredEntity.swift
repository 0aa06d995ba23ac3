// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// One entity as a store keeps it.
public struct StoredEntity: Sendable, Hashable {
  /// Complete as of when it was written; without `ttl`, and without transient fields.
  public let object: JSONObject
  /// nil in collections without workspaces.
  public let workspace: EntityID?
  /// Of the commit that made it what it is; zero before it is committed.
  public let revision: Revision
  /// Unix seconds; nil stays.
  public let expiresAt: Double?

  public init(_ object: JSONObject, workspace: EntityID?, revision: Revision = 0, expiresAt: Double? = nil) {
    self.object = object
    self.workspace = workspace
    self.revision = revision
    self.expiresAt = expiresAt
  }

  /// The value of the primary key.
  public func key(_ schema: EntitySchema) -> String { self.object[schema.primaryKey[0]]?.stringValue ?? "" }
}

/// How one entity is found.
public enum EntityLookup: Sendable, Hashable {
  /// By primary key: an id in lower case.
  case id(String)
  /// By a unique field; the workspace counts where the field is unique within one.
  case unique(field: String, value: String, workspace: EntityID?)
  /// By the fields of the composite key.
  case composite(JSONObject, workspace: EntityID?)
}

/// One write of a commit.
public enum EntityWrite: Sendable {
  /// A new entity.
  case insert(EntitySchema, StoredEntity)
  /// The new state of an entity, whether there was one or not.
  case put(EntitySchema, StoredEntity)
  /// The new state of an entity that must be as `revision` left it: read, change, write without a lock.
  case replace(EntitySchema, StoredEntity, revision: Revision)
  /// Deletes an entity, and with it those whose foreign field says cascade. Nothing happens when there is none.
  case delete(EntitySchema, id: String)
}
