// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordSchema {
  /// Fields, checks and shorthands as `/schemas/…` shows them.
  public var description: JSONObject {
    var object: JSONObject = ["fields": .array(self.fields.map(Self.named))]
    let checks = self.checks.compactMap(\.description)
    if !checks.isEmpty { object["entity_checks"] = .array(checks.map { .object($0) }) }
    if !self.shorthands.isEmpty {
      object["shorthand_fields"] = .array(self.shorthands.map { Self.named($0.field) })
    }
    return object
  }

  private static func named(_ field: Field) -> JSONValue {
    .object(JSONObject([(field.name, .object(field.description))]))
  }
}

extension EntitySchema {
  /// The answer of `/schemas/<entity>`: fields and entity checks.
  public var description: JSONObject {
    var object = self.record.description
    object["shorthand_fields"] = nil
    if object["entity_checks"] == nil { object["entity_checks"] = [] }
    return object
  }
}

extension PluginSchema {
  /// The answer of `/schemas/plugins/<name>`.
  public var description: JSONObject {
    RecordSchema(self.subschema.fields, checks: self.checks).description
  }
}

extension EntityCheck {
  /// Kong's form of the check; nil for checks written in code.
  fileprivate var description: JSONObject? {
    switch self {
    case .atLeastOneOf(let names): ["at_least_one_of": .strings(names)]
    case .exactlyOneOf(let names): ["only_one_of": .strings(names)]
    case .onlyOneOf(let names): ["mutually_exclusive": .strings(names)]
    case .mutuallyRequired(let names): ["mutually_required": .strings(names)]
    case .distinct(let names): ["distinct": .strings(names)]
    case .mutuallyExclusiveSets(let left, let right):
      ["mutually_exclusive_sets": ["set1": .strings(left), "set2": .strings(right)]]
    case .conditional(let condition): ["conditional": .object(condition.description)]
    case .conditionalAtLeastOneOf(let condition): ["conditional_at_least_one_of": .object(condition.description)]
    case .custom: nil
    }
  }

  /// The rules of a condition, without the type that every field has.
  fileprivate static func describe(_ options: [FieldOption]) -> JSONValue {
    var object = Field("", .string, options).description
    object["type"] = nil
    if object.isEmpty, case .array(let element) = Field("", .array(of: .string()), options).type {
      object["elements"] = .object(element.description)
    }
    return .object(object)
  }
}

extension EntityCheck.Conditional {
  fileprivate var description: JSONObject {
    var object: JSONObject = [
      "if_field": .string(self.field), "if_match": EntityCheck.describe(self.match),
      "then_field": .string(self.dependent), "then_match": EntityCheck.describe(self.requirement),
    ]
    if let message = self.message { object["then_err"] = .string(message) }
    return object
  }
}

extension EntityCheck.ConditionalAtLeastOneOf {
  fileprivate var description: JSONObject {
    var object: JSONObject = [
      "if_field": .string(self.field), "if_match": EntityCheck.describe(self.match),
      "then_at_least_one_of": .strings(self.candidates), "then_err": .string(self.message),
    ]
    if let otherwise = self.otherwise {
      object["else_match"] = EntityCheck.describe(otherwise.match)
      object["else_then_at_least_one_of"] = .strings(otherwise.candidates)
      object["else_then_err"] = .string(otherwise.message)
    }
    return object
  }
}
