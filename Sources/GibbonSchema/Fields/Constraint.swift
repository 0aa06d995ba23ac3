// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a field's value must satisfy beyond its type.
public enum Constraint: Sendable {
  case equal(JSONValue)
  case notEqual(JSONValue)
  case notOneOf([JSONValue])
  case oneOf([JSONValue])
  case greater(than: Double)
  case timestamp
  case uuid
  case regex
  case between(Double, Double)
  case length(Int)
  case minLength(Int)
  case maxLength(Int)
  case starts(with: String)
  case doesNotMatch(LuaPattern)
  case matchesNone([PatternRule])
  case matches(LuaPattern)
  case matchesAll([PatternRule])
  case matchesAny([LuaPattern], String?)
  case contains(JSONValue)
  case rule(ValueRule)
  case mutuallyExclusiveSubsets([[String]])

  /// The place in Kong's order of validators.
  var rank: Int {
    switch self {
    case .equal: 0
    case .notEqual: 1
    case .notOneOf: 2
    case .oneOf: 3
    case .greater: 4
    case .timestamp: 5
    case .uuid: 6
    case .regex: 7
    case .between: 8
    case .length: 9
    case .minLength: 10
    case .maxLength: 11
    case .starts: 12
    case .doesNotMatch: 13
    case .matchesNone: 14
    case .matches: 15
    case .matchesAll: 16
    case .matchesAny: 17
    case .contains: 18
    case .rule: 19
    case .mutuallyExclusiveSubsets: 20
    }
  }

  var isMinimumLength: Bool {
    if case .minLength = self { true } else { false }
  }
}

/// A Lua pattern with the message of its violation.
public struct PatternRule: Sendable {
  public let pattern: LuaPattern
  /// nil gives the generic message.
  public let message: String?

  public init(_ pattern: LuaPattern, _ message: String? = nil) {
    self.pattern = pattern
    self.message = message
  }
}

/// A named check of a value, for what the other constraints cannot say.
public struct ValueRule: Sendable {
  /// As shown in a schema's description.
  public let name: String
  /// The message of a bad value; nil for a good one.
  public let violation: @Sendable (JSONValue) -> String?

  public init(_ name: String, violation: @escaping @Sendable (JSONValue) -> String?) {
    self.name = name
    self.violation = violation
  }

  /// A rule about texts; other values pass.
  public init(_ name: String, text violation: @escaping @Sendable (String) -> String?) {
    self.init(name) { value in value.stringValue.flatMap(violation) }
  }
}
