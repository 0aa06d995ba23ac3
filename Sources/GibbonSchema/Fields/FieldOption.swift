// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One word about a field, as its declaration reads: `.required`, `.default(80)`, `.between(0, 65535)`.
public struct FieldOption: Sendable {
  let apply: @Sendable (inout Field) -> Void

  init(_ apply: @escaping @Sendable (inout Field) -> Void) {
    self.apply = apply
  }

  private static func trait(_ trait: Field.Traits) -> FieldOption {
    FieldOption { $0.traits.insert(trait) }
  }

  /// An option that adds a constraint.
  public static func constraint(_ constraint: Constraint) -> FieldOption {
    FieldOption { $0.constraints.append(constraint) }
  }
}

extension FieldOption {
  public static let required = Self.trait(.required)
  public static let optional = Self.trait(.optional)
  public static let unique = Self.trait(.unique)
  public static let uniqueAcrossWorkspaces = Self.trait([.unique, .uniqueAcrossWorkspaces])
  public static let auto = Self.trait(.auto)
  public static let referenceable = Self.trait(.referenceable)
  public static let encrypted = Self.trait(.encrypted)
  public static let immutable = Self.trait(.immutable)
  public static let abstract = Self.trait(.abstract)
  public static let transient = Self.trait(.transient)
  public static let mustBeNull = Self.trait(.mustBeNull)
  public static let mustNotBeNull = Self.trait(.mustNotBeNull)
  /// How `/schemas` shows the field, no more.
  public static let notRequired = Self.trait(.saysNotRequired)
  public static let notUnique = Self.trait(.saysNotUnique)
  public static let showingDefaults = Self.trait(.saysDefaults)
  public static let apart = Self.trait(.isApart)
  /// The entity goes when the one that this foreign field names goes.
  public static let cascade = FieldOption { $0.deletion = .cascade }

  public static func `default`(_ value: JSONValue) -> FieldOption {
    FieldOption { $0.defaultValue = value }
  }

  /// Replaces the message of a failing constraint.
  public static func message(_ message: String) -> FieldOption {
    FieldOption { $0.message = message }
  }

  public static func summary(_ summary: String) -> FieldOption {
    FieldOption { $0.summary = summary }
  }

  public static func deprecated(
    _ message: String, removedIn: String = "4.0", replacement: [String] = [], oldDefault: JSONValue? = nil
  ) -> FieldOption {
    let deprecation = Field.Deprecation(
      message: message, removedIn: removedIn, replacement: replacement, oldDefault: oldDefault)
    return FieldOption { $0.deprecation = deprecation }
  }
}

extension FieldOption {
  public static func oneOf(_ values: JSONValue...) -> FieldOption { .constraint(.oneOf(values)) }
  public static func oneOf(_ values: [String]) -> FieldOption { .constraint(.oneOf(values.map { .string($0) })) }
  public static func notOneOf(_ values: JSONValue...) -> FieldOption { .constraint(.notOneOf(values)) }
  public static func notOneOf(_ values: [String]) -> FieldOption {
    .constraint(.notOneOf(values.map { .string($0) }))
  }
  public static func equal(to value: JSONValue) -> FieldOption { .constraint(.equal(value)) }
  public static func notEqual(to value: JSONValue) -> FieldOption { .constraint(.notEqual(value)) }
  public static func greater(than limit: Double) -> FieldOption { .constraint(.greater(than: limit)) }
  public static func between(_ low: Double, _ high: Double) -> FieldOption { .constraint(.between(low, high)) }
  /// Unix time, greater than zero.
  public static let timestamp = FieldOption.constraint(.timestamp)
  public static let uuid = FieldOption.constraint(.uuid)
  /// A PCRE expression that compiles.
  public static let regex = FieldOption.constraint(.regex)
  /// Bytes of a text, elements of an array, members of a map.
  public static func length(_ length: Int) -> FieldOption { .constraint(.length(length)) }
  public static func minLength(_ length: Int) -> FieldOption { .constraint(.minLength(length)) }
  public static func maxLength(_ length: Int) -> FieldOption { .constraint(.maxLength(length)) }
  public static func starts(with prefix: String) -> FieldOption { .constraint(.starts(with: prefix)) }
  /// A Lua pattern that must match.
  public static func matches(_ pattern: LuaPattern) -> FieldOption { .constraint(.matches(pattern)) }
  public static func doesNotMatch(_ pattern: LuaPattern) -> FieldOption { .constraint(.doesNotMatch(pattern)) }
  public static func matchesAll(_ rules: PatternRule...) -> FieldOption { .constraint(.matchesAll(rules)) }
  public static func matchesNone(_ rules: PatternRule...) -> FieldOption { .constraint(.matchesNone(rules)) }
  public static func matchesAny(_ patterns: [LuaPattern], _ message: String) -> FieldOption {
    .constraint(.matchesAny(patterns, message))
  }
  public static func contains(_ value: JSONValue) -> FieldOption { .constraint(.contains(value)) }
  public static func validated(by rule: ValueRule) -> FieldOption { .constraint(.rule(rule)) }
  public static func mutuallyExclusive(subsets: [[String]]) -> FieldOption {
    .constraint(.mutuallyExclusiveSubsets(subsets))
  }
}
