// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a store must be able to find a collection's entities by. Everything else of an entity is in its document,
/// so that a new field which is not looked up needs no migration.
public struct TableLayout: Sendable, Hashable {
  /// The collection, such as `services`.
  public let name: String
  /// Fields with one entity per value: within a workspace, or everywhere.
  public let uniqueFields: [Unique]
  public let references: [Reference]
  /// Fields whose combination is unique; none or at least two.
  public let compositeKey: [String]
  public let isWorkspaceable: Bool
  public let hasTTL: Bool

  public struct Unique: Sendable, Hashable, ExpressibleByStringLiteral {
    public let field: String
    public let isGlobal: Bool

    public init(_ field: String, isGlobal: Bool = false) {
      self.field = field
      self.isGlobal = isGlobal
    }

    public init(stringLiteral field: String) { self.init(field) }
  }

  /// A foreign field.
  public struct Reference: Sendable, Hashable {
    public let field: String
    public let collection: String
    public let deletion: Field.DeletionRule

    public init(_ field: String, to collection: String, _ deletion: Field.DeletionRule = .restrict) {
      self.field = field
      self.collection = collection
      self.deletion = deletion
    }
  }

  public init(
    _ name: String, unique: [Unique] = [], references: [Reference] = [], compositeKey: [String] = [],
    isWorkspaceable: Bool = true, hasTTL: Bool = false
  ) {
    self.name = name
    self.uniqueFields = unique
    self.references = references
    self.compositeKey = compositeKey
    self.isWorkspaceable = isWorkspaceable
    self.hasTTL = hasTTL
  }

  /// What a schema demands. Migrations must have made exactly this.
  public init(_ schema: EntitySchema) {
    self.init(
      schema.name,
      unique: schema.record.fields.compactMap { field in
        guard field.traits.contains(.unique), field.foreignEntity == nil, !schema.primaryKey.contains(field.name)
        else { return nil }
        return Unique(
          field.name, isGlobal: field.traits.contains(.uniqueAcrossWorkspaces) || !schema.isWorkspaceable)
      },
      references: schema.references.map { Reference($0.field, to: $0.entity, $0.deletion) },
      compositeKey: (schema.cacheKey ?? []).count > 1 ? schema.cacheKey ?? [] : [],
      isWorkspaceable: schema.isWorkspaceable, hasTTL: schema.hasTTL)
  }
}

/// One named step in the life of a datastore's layout. Once released it never changes; what comes later is another.
public struct Migration: Sendable, Hashable {
  /// Such as `000_base`; unique within its owner.
  public let name: String
  public let steps: [Step]

  public enum Step: Sendable, Hashable {
    case createTable(TableLayout)
  }

  public init(_ name: String, _ steps: [Step]) {
    self.name = name
    self.steps = steps
  }
}
