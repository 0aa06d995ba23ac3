// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Which entities of a collection to read.
public struct PageRequest: Sendable, Hashable {
  /// At most this many.
  public var size: Int
  /// Those behind this primary key; nil begins at the start.
  public var after: String?
  /// Those whose foreign field names this entity.
  public var parent: Parent?
  public var tags: TagFilter?
  /// nil reads all workspaces.
  public var workspace: EntityID?

  public struct Parent: Sendable, Hashable {
    public let field: String
    public let id: String

    public init(field: String, id: String) {
      self.field = field
      self.id = id
    }
  }

  public init(size: Int, after: String? = nil, parent: Parent? = nil) {
    self.size = size
    self.after = after
    self.parent = parent
  }
}

/// Entities in the order of their primary keys.
public struct EntityPage: Sendable {
  public let entities: [StoredEntity]
  /// The primary key after which there are more; nil at the end.
  public let next: String?

  public init(_ entities: [StoredEntity], next: String?) {
    self.entities = entities
    self.next = next
  }
}

/// Entities that have all, or any, of some tags.
public enum TagFilter: Sendable, Hashable {
  case all([String])
  case any([String])
}

/// Which tags to read: all, or the uses of one.
public struct TagRequest: Sendable, Hashable {
  public var tag: String?
  public var size: Int
  /// Those behind this use.
  public var after: TagUse?

  public init(tag: String? = nil, size: Int, after: TagUse? = nil) {
    self.tag = tag
    self.size = size
    self.after = after
  }
}

/// That an entity has a tag.
public struct TagUse: Sendable, Hashable, Comparable {
  public let tag: String
  public let collection: String
  public let id: String

  public init(tag: String, collection: String, id: String) {
    self.tag = tag
    self.collection = collection
    self.id = id
  }

  public static func < (left: TagUse, right: TagUse) -> Bool {
    (left.tag, left.collection, left.id) < (right.tag, right.collection, right.id)
  }
}

/// Uses of tags in their order, and where to go on.
public struct TagPage: Sendable, Hashable {
  public let uses: [TagUse]
  public let next: TagUse?

  public init(_ uses: [TagUse], next: TagUse?) {
    self.uses = uses
    self.next = next
  }
}
