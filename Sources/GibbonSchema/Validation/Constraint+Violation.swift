// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Constraint {
  /// The message of a value that breaks this constraint, or nil.
  func violation(of value: JSONValue) -> String? {
    switch self {
    case .equal(let wanted): value == wanted ? nil : "value must be \(wanted.luaText)"
    case .notEqual(let unwanted): value != unwanted ? nil : "value must not be \(value.luaText)"
    case .notOneOf(let values): values.contains(value) ? "must not be one of: \(Self.list(values))" : nil
    case .oneOf(let values): values.contains(value) ? nil : "expected one of: \(Self.list(values))"
    case .contains(let wanted):
      value.arrayValue?.contains(wanted) == true ? nil : "expected to contain: \(wanted.luaText)"
    case .rule(let rule): rule.violation(value)
    case .mutuallyExclusiveSubsets(let subsets): Self.violation(ofExclusive: subsets, by: value)
    case .greater, .timestamp, .between: self.numberViolation(of: value)
    case .length, .minLength, .maxLength: self.lengthViolation(of: value)
    case .uuid, .regex, .starts, .doesNotMatch, .matchesNone, .matches, .matchesAll, .matchesAny:
      value.stringValue.flatMap { self.textViolation(of: $0) }
    }
  }

  private func numberViolation(of value: JSONValue) -> String? {
    guard let number = value.doubleValue else { return nil }
    switch self {
    case .greater(let limit) where number <= limit:
      return "value must be greater than \(JSONWriter.text(of: limit))"
    case .timestamp where number <= 0:
      return "expected a valid timestamp"
    case .between(let low, let high) where number < low || number > high:
      return "value should be between \(Int64(low)) and \(Int64(high))"
    default:
      return nil
    }
  }

  private func lengthViolation(of value: JSONValue) -> String? {
    let count: Int
    switch value {
    case .string(let text): count = text.utf8.count
    case .array(let values): count = values.count
    case .object(let object): count = object.count
    default: return nil
    }
    switch self {
    case .length(let length) where count != length: return "length must be \(length)"
    case .minLength(let length) where count < length: return "length must be at least \(length)"
    case .maxLength(let length) where count > length: return "length must be at most \(length)"
    default: return nil
    }
  }

  private func textViolation(of text: String) -> String? {
    switch self {
    case .uuid:
      return text.isUUID ? nil : "expected a valid UUID"
    case .regex:
      return RegexRule.error(in: text) == nil ? nil : "not a valid regex: \(text)"
    case .starts(let prefix):
      return text.hasPrefix(prefix) ? nil : "should start with: \(prefix)"
    case .doesNotMatch(let pattern):
      return pattern.matches(text) ? "invalid value: \(text)" : nil
    case .matches(let pattern):
      return pattern.matches(text) ? nil : "invalid value: \(text)"
    case .matchesNone(let rules):
      return rules.first { $0.pattern.matches(text) }.map { $0.message ?? "invalid value: \(text)" }
    case .matchesAll(let rules):
      return rules.first { !$0.pattern.matches(text) }.map { $0.message ?? "invalid value: \(text)" }
    case .matchesAny(let patterns, let message):
      return patterns.contains { $0.matches(text) } ? nil : message ?? "invalid value: \(text)"
    default:
      return nil
    }
  }

  private static func list(_ values: [JSONValue]) -> String {
    values.map(\.luaText).joined(separator: ", ")
  }

  private static func violation(ofExclusive subsets: [[String]], by value: JSONValue) -> String? {
    guard let values = value.arrayValue else { return nil }
    var used: [Int] = []
    for case .string(let text) in values {
      if let place = subsets.lastIndex(where: { $0.contains(text) }), !used.contains(place) { used.append(place) }
    }
    guard used.count > 1 else { return nil }
    let groups = used.map { "(" + quotedList(subsets[$0]) + ")" }
    return "these sets are mutually exclusive: \(groups.joined(separator: ", "))"
  }
}

/// `'a', 'b'`.
func quotedList(_ words: [String]) -> String {
  words.map { "'\($0)'" }.joined(separator: ", ")
}

extension JSONValue {
  /// The value as Lua's `tostring` shows it.
  var luaText: String {
    switch self {
    case .string(let text): text
    default: self.description
    }
  }
}
