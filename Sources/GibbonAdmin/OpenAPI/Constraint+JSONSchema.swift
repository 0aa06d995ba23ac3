// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

extension Constraint {
  /// Adds the keyword of JSON Schema that says the same, if there is one.
  func add(to schema: inout JSONObject) {
    switch self {
    case .oneOf(let values): schema["enum"] = .array(values)
    case .equal(let value): schema["const"] = value
    case .notOneOf(let values): schema["not"] = ["enum": .array(values)]
    case .notEqual(let value): schema["not"] = ["const": value]
    case .between(let low, let high):
      schema["minimum"] = Self.number(low)
      schema["maximum"] = Self.number(high)
    case .greater(let limit): schema["exclusiveMinimum"] = Self.number(limit)
    case .timestamp: schema["exclusiveMinimum"] = 0
    case .uuid: schema["format"] = "uuid"
    case .length(let length):
      Self.setLength("min", length, in: &schema)
      Self.setLength("max", length, in: &schema)
    case .minLength(let length): Self.setLength("min", length, in: &schema)
    case .maxLength(let length): Self.setLength("max", length, in: &schema)
    case .starts(let prefix): schema["pattern"] = .string("^" + Self.literal(prefix))
    case .contains(let value): schema["contains"] = ["const": value]
    case .regex: schema["format"] = "regex"
    // What is written in code or in Lua's patterns has no counterpart.
    case .doesNotMatch, .matchesNone, .matches, .matchesAll, .matchesAny, .rule, .mutuallyExclusiveSubsets: break
    }
  }

  /// - Parameter bound: `min` or `max`.
  private static func setLength(_ bound: String, _ length: Int, in schema: inout JSONObject) {
    let unit =
      switch schema["type"]?.stringValue {
      case "array": "Items"
      case "object": "Properties"
      default: "Length"
      }
    schema[bound + unit] = .int(Int64(length))
  }

  private static func number(_ value: Double) -> JSONValue { Int64(exactly: value).map { .int($0) } ?? .double(value) }

  /// A text as a regular expression that matches it.
  private static func literal(_ text: String) -> String {
    text.reduce(into: "") { pattern, character in
      if #"\^$.|?*+()[]{}"#.contains(character) { pattern.append("\\") }
      pattern.append(character)
    }
  }
}
