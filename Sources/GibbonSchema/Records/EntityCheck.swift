// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A rule across fields. Fields are named by dotted paths; Kong's names of the rules in parentheses.
public enum EntityCheck: Sendable {
  /// (at_least_one_of)
  case atLeastOneOf([String])
  /// (only_one_of)
  case exactlyOneOf([String])
  /// (mutually_exclusive) None or one.
  case onlyOneOf([String])
  /// (mutually_required) None or all.
  case mutuallyRequired([String])
  /// (distinct) Those that are set have different values.
  case distinct([String])
  /// (mutually_exclusive_sets) Not one of the first and one of the second.
  case mutuallyExclusiveSets([String], [String])
  /// (conditional)
  case conditional(Conditional)
  /// (conditional_at_least_one_of)
  case conditionalAtLeastOneOf(ConditionalAtLeastOneOf)
  /// (custom_entity_check)
  case custom(CustomCheck)

  /// When one field matches, another must.
  public struct Conditional: Sendable {
    public let field: String
    public let match: [FieldOption]
    public let dependent: String
    public let requirement: [FieldOption]
    /// Replaces the message at the entity.
    public let message: String?
  }

  /// When a field matches, one of others must be set.
  public struct ConditionalAtLeastOneOf: Sendable {
    public let field: String
    public let match: [FieldOption]
    public let candidates: [String]
    /// `%s` stands for the quoted candidates.
    public let message: String
    public let otherwise: Otherwise?

    /// The second choice, tried when the field does not match.
    public struct Otherwise: Sendable {
      public let match: [FieldOption]
      public let candidates: [String]
      public let message: String

      public init(_ match: [FieldOption], _ candidates: [String], message: String) {
        self.match = match
        self.candidates = candidates
        self.message = message
      }
    }

    public init(
      _ field: String, _ match: [FieldOption], _ candidates: [String], message: String, otherwise: Otherwise? = nil
    ) {
      self.field = field
      self.match = match
      self.candidates = candidates
      self.message = message
      self.otherwise = otherwise
    }
  }

  /// When `field` satisfies `match`, `dependent` must satisfy `requirement`.
  public static func when(
    _ field: String, _ match: FieldOption..., require dependent: String, _ requirement: [FieldOption],
    message: String? = nil
  ) -> EntityCheck {
    .conditional(
      Conditional(field: field, match: match, dependent: dependent, requirement: requirement, message: message))
  }
}

/// A check written in Swift.
public struct CustomCheck: Sendable {
  public let name: String
  /// The fields it reads. It does not run when one of them is missing, invalid or a reference into a vault.
  public let fields: [String]
  /// Whether it runs when a field it reads is invalid.
  public let runsWithInvalidFields: Bool
  /// Whether it runs when a field it reads is missing.
  public let runsWithMissingFields: Bool
  /// What is wrong with the entity.
  public let violations: @Sendable (JSONObject) -> [CheckViolation]

  public init(
    _ name: String, fields: [String], runsWithInvalidFields: Bool = false, runsWithMissingFields: Bool = false,
    violations: @escaping @Sendable (JSONObject) -> [CheckViolation]
  ) {
    self.name = name
    self.fields = fields
    self.runsWithInvalidFields = runsWithInvalidFields
    self.runsWithMissingFields = runsWithMissingFields
    self.violations = violations
  }
}

/// One thing wrong with an entity as a whole, or with one of its fields.
public struct CheckViolation: Sendable, Hashable {
  /// The path of the field; empty for the entity.
  public let path: [String]
  public let message: String

  public init(_ message: String, at path: [String] = []) {
    self.path = path
    self.message = message
  }
}
