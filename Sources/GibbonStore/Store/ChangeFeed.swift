// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// That an entity was written or deleted, and what it is now.
public struct EntityChange: Sendable {
  public let collection: String
  public let id: String
  /// nil: it is gone.
  public let entity: StoredEntity?

  public init(collection: String, id: String, entity: StoredEntity?) {
    self.collection = collection
    self.id = id
    self.entity = entity
  }
}

/// What happened after a revision.
public struct ChangeBatch: Sendable {
  public let changes: [EntityChange]
  /// Up to where the changes reach.
  public let revision: Revision
  /// The feed does not reach back far enough: everything has to be read anew.
  public let isIncomplete: Bool

  public init(_ changes: [EntityChange], revision: Revision, isIncomplete: Bool = false) {
    self.changes = changes
    self.revision = revision
    self.isIncomplete = isIncomplete
  }
}

/// Whole collections at one moment.
public struct StoreSnapshot: Sendable {
  public let rows: [String: [StoredEntity]]
  public let revision: Revision

  public init(rows: [String: [StoredEntity]], revision: Revision) {
    self.rows = rows
    self.revision = revision
  }
}
