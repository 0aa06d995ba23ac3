// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Field {
  /// The field as `/schemas/…` shows it, in Kong's words; what is written in code has no description.
  public var description: JSONObject {
    var object: JSONObject = ["type": .string(self.type.word)]
    self.describeType(in: &object)
    // Nothing is said of an id that goes without saying.
    let hidden: Traits = self.name == "id" && self.isUUID ? .unique : []
    for (trait, word) in Self.traitWords where self.traits.subtracting(hidden).contains(trait) { object[word] = true }
    if self.traits.contains(.saysNotRequired) || self.traits.contains(.optional) { object["required"] = false }
    if self.traits.contains(.saysNotUnique) { object["unique"] = false }
    if self.traits.contains(.saysDefaults), case .record(let record) = self.type {
      object["default"] = .object(record.defaults)
    }
    if self.traits.contains(.mustBeNull) { object["eq"] = .null }
    if self.traits.contains(.mustNotBeNull) { object["ne"] = .null }
    if let value = self.defaultValue { object["default"] = value }
    if let message = self.message { object["err"] = .string(message) }
    if let summary = self.summary { object["description"] = .string(summary) }
    if self.foreignEntity != nil, self.deletion == .cascade { object["on_delete"] = "cascade" }
    for constraint in self.constraints { constraint.describe(in: &object) }
    if let deprecation = self.deprecation { object["deprecation"] = .object(deprecation.description) }
    return object
  }

  private static let traitWords: [(Traits, String)] = [
    (.required, "required"), (.unique, "unique"), (.uniqueAcrossWorkspaces, "unique_across_ws"), (.auto, "auto"),
    (.referenceable, "referenceable"), (.encrypted, "encrypted"), (.immutable, "immutable"), (.abstract, "abstract"),
    (.transient, "transient"),
  ]

  private func describeType(in object: inout JSONObject) {
    switch self.type {
    case .array(let element), .set(let element):
      object["elements"] = .object(element.description)
    case .map(let keys, let values):
      object["keys"] = .object(keys.description)
      object["values"] = .object(values.description)
    case .record(let record):
      if !self.traits.contains(.abstract) {
        for member in record.description { object[member.key] = member.value }
      }
    case .foreign(let entity):
      object["reference"] = .string(entity)
    case .string, .integer, .number, .boolean, .json:
      break
    }
  }
}

extension Field.Deprecation {
  var description: JSONObject {
    var object: JSONObject = ["message": .string(self.message), "removal_in_version": .string(self.removedIn)]
    if !self.replacement.isEmpty {
      object["replaced_with"] = [["path": .array(self.replacement.map { .string($0) })]]
    }
    return object
  }
}

extension Constraint {
  fileprivate func describe(in object: inout JSONObject) {
    switch self {
    case .equal(let value): object["eq"] = value
    case .notEqual(let value): object["ne"] = value
    case .notOneOf(let values): object["not_one_of"] = .array(values)
    case .oneOf(let values): object["one_of"] = .array(values)
    case .greater(let limit): object["gt"] = .double(limit)
    case .timestamp: object["timestamp"] = true
    case .uuid: object["uuid"] = true
    case .regex: object["is_regex"] = true
    case .between(let low, let high): object["between"] = [.double(low), .double(high)]
    case .length(let length): object["len_eq"] = .int(Int64(length))
    case .minLength(let length): object["len_min"] = .int(Int64(length))
    case .maxLength(let length): object["len_max"] = .int(Int64(length))
    case .starts(let prefix): object["starts_with"] = .string(prefix)
    case .doesNotMatch(let pattern): object["not_match"] = .string(pattern.text)
    case .matchesNone(let rules): object["match_none"] = .array(rules.map(\.description))
    case .matches(let pattern): object["match"] = .string(pattern.text)
    case .matchesAll(let rules): object["match_all"] = .array(rules.map(\.description))
    case .matchesAny(let patterns, let message):
      object["match_any"] = .object(Self.describe(patterns, message))
    case .contains(let value): object["contains"] = value
    case .rule: break
    case .mutuallyExclusiveSubsets(let subsets):
      object["mutually_exclusive_subsets"] = .array(subsets.map(JSONValue.strings))
    }
  }

  private static func describe(_ patterns: [LuaPattern], _ message: String?) -> JSONObject {
    var object: JSONObject = ["patterns": .strings(patterns.map(\.text))]
    if let message { object["err"] = .string(message) }
    return object
  }
}

extension PatternRule {
  fileprivate var description: JSONValue {
    var object: JSONObject = ["pattern": .string(self.pattern.text)]
    if let message = self.message { object["err"] = .string(message) }
    return .object(object)
  }
}

extension JSONValue {
  /// An array of texts.
  public static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}

extension RecordSchema {
  /// What the fields are when nothing is given, those without a default left out.
  fileprivate var defaults: JSONObject {
    JSONObject(
      distinct: self.fields.compactMap { field in
        if field.traits.contains(.isApart) { return nil }
        if case .record(let record) = field.type {
          let value = record.defaults
          return value.isEmpty ? nil : JSONObject.Member(field.name, .object(value))
        }
        return field.defaultValue.map { JSONObject.Member(field.name, $0) }
      })
  }
}
