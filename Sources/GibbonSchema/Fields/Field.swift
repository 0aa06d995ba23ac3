// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One field of an entity or plugin configuration: a value, declared once and used for validation,
/// defaults, storage, and the schema served at run time.
///
/// Built with the functions of `Field+Builders.swift`:
/// `.string("name", .unique, .validated(by: .utf8Name))`.
public struct Field: Sendable {
  /// Empty for the elements of arrays, sets and maps.
  public let name: String
  public internal(set) var type: FieldType
  public internal(set) var traits: Traits
  /// The value of a field that is not given; nil means null, or an error where the field is required.
  public internal(set) var defaultValue: JSONValue?
  /// In the order in which Kong's validator runs them; the first failure counts.
  public internal(set) var constraints: [Constraint]
  /// What becomes of this entity when the one that the foreign field names is deleted.
  public internal(set) var deletion: DeletionRule
  /// What most fields lack, behind one reference: fields are copied for every value that is checked.
  private var notes: Notes?

  public struct Traits: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Must not be null.
    public static let required = Traits(rawValue: 1)
    /// A record that may be null; other records are implicitly required.
    public static let optional = Traits(rawValue: 1 << 1)
    public static let unique = Traits(rawValue: 1 << 2)
    public static let uniqueAcrossWorkspaces = Traits(rawValue: 1 << 3)
    /// Filled in by the server where it is absent.
    public static let auto = Traits(rawValue: 1 << 4)
    /// May be a reference into a vault, `{vault://…}`.
    public static let referenceable = Traits(rawValue: 1 << 5)
    public static let encrypted = Traits(rawValue: 1 << 6)
    public static let immutable = Traits(rawValue: 1 << 7)
    /// Must be given its type by a subschema.
    public static let abstract = Traits(rawValue: 1 << 8)
    /// Accepted and shown, but not stored with the entity.
    public static let transient = Traits(rawValue: 1 << 9)
    /// Must be null.
    public static let mustBeNull = Traits(rawValue: 1 << 10)
    public static let mustNotBeNull = Traits(rawValue: 1 << 11)
    /// The implicit minimum length of one of a text does not hold.
    public static let maybeEmpty = Traits(rawValue: 1 << 12)
    /// Shown as not required, or not unique, which fields are anyway that do not say so.
    public static let saysNotRequired = Traits(rawValue: 1 << 13)
    public static let saysNotUnique = Traits(rawValue: 1 << 14)
    /// A record that is shown with the defaults of its fields as its own.
    public static let saysDefaults = Traits(rawValue: 1 << 15)
    /// Left out of those.
    public static let isApart = Traits(rawValue: 1 << 16)
  }

  public enum DeletionRule: Sendable, Hashable {
    /// The parent cannot be deleted while this entity names it.
    case restrict
    /// This entity is deleted with it.
    case cascade
  }

  /// That a field is on its way out, and what to use in its place.
  public struct Deprecation: Sendable, Hashable {
    public let message: String
    /// The version that drops it.
    public let removedIn: String
    /// The path of the field that replaces it.
    public let replacement: [String]
    /// The value that says nothing: what it was where nobody gave one.
    public let oldDefault: JSONValue?

    public init(message: String, removedIn: String, replacement: [String] = [], oldDefault: JSONValue? = nil) {
      self.message = message
      self.removedIn = removedIn
      self.replacement = replacement
      self.oldDefault = oldDefault
    }
  }

  private final class Notes: Sendable {
    let message: String?
    let deprecation: Deprecation?
    let summary: String?

    init(message: String?, deprecation: Deprecation?, summary: String?) {
      self.message = message
      self.deprecation = deprecation
      self.summary = summary
    }
  }

  /// Replaces the message of every failing constraint.
  public internal(set) var message: String? {
    get { self.notes?.message }
    set { self.notes = Notes(message: newValue, deprecation: self.deprecation, summary: self.summary) }
  }

  public internal(set) var deprecation: Deprecation? {
    get { self.notes?.deprecation }
    set { self.notes = Notes(message: self.message, deprecation: newValue, summary: self.summary) }
  }

  /// For people: what the field is for.
  public internal(set) var summary: String? {
    get { self.notes?.summary }
    set { self.notes = Notes(message: self.message, deprecation: self.deprecation, summary: newValue) }
  }

  public init(_ name: String, _ type: FieldType, _ options: [FieldOption]) {
    self.name = name
    self.type = type
    self.traits = []
    self.defaultValue = nil
    self.constraints = []
    self.deletion = .restrict
    self.notes = nil
    self.apply(options)
    if case .record = type, !self.traits.contains(.optional) { self.traits.insert(.required) }
  }

  /// The same field with more options.
  public func with(_ options: FieldOption...) -> Field {
    var copy = self
    copy.apply(options)
    return copy
  }

  private mutating func apply(_ options: [FieldOption]) {
    for option in options { option.apply(&self) }
    // Stable: constraints of one rank keep the order of declaration.
    self.constraints = self.constraints.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element)
    if self.constraints.contains(where: \.isMinimumLength) { self.traits.insert(.maybeEmpty) }
  }

  public var isRequired: Bool { self.traits.contains(.required) }

  /// The collection that a foreign field names.
  public var foreignEntity: String? {
    if case .foreign(let entity) = self.type { entity } else { nil }
  }

  /// Whether the field is a UUID by constraint.
  public var isUUID: Bool {
    self.constraints.contains { if case .uuid = $0 { true } else { false } }
  }
}
