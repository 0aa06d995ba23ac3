// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Fields as JSON Schema (the dialect of OpenAPI 3.1).
enum JSONSchemaOf {
  /// The values that a field may have in an answer: null where it may be unset.
  static func field(_ field: Field, isInput: Bool = false) -> JSONObject {
    var schema = Self.type(of: field, isInput: isInput)
    for constraint in field.constraints { Self.add(constraint, to: &schema) }
    if field.traits.contains(.mustBeNull) { return ["type": "null"] }
    if !Self.isAlwaysSet(field), let type = schema["type"] {
      schema["type"] = [type, "null"]
      if case .array(let values)? = schema["enum"] { schema["enum"] = .array(values + [.null]) }
    }
    if let value = field.defaultValue, !value.isNull { schema["default"] = value }
    if let summary = field.summary { schema["description"] = .string(summary) }
    if field.deprecation != nil { schema["deprecated"] = true }
    if isInput, field.traits.contains(.encrypted) { schema["format"] = "password" }
    return schema
  }

  /// Whether answers never have null there.
  static func isAlwaysSet(_ field: Field) -> Bool {
    field.isRequired || field.traits.contains(.auto) || field.name.isEmpty
  }

  private static func type(of field: Field, isInput: Bool) -> JSONObject {
    switch field.type {
    case .string: return ["type": "string"]
    case .integer: return ["type": "integer"]
    case .number: return ["type": "number"]
    case .boolean: return ["type": "boolean"]
    case .array(let element): return ["type": "array", "items": .object(Self.field(element, isInput: isInput))]
    case .set(let element):
      return ["type": "array", "uniqueItems": true, "items": .object(Self.field(element, isInput: isInput))]
    case .map(_, let values):
      return ["type": "object", "additionalProperties": .object(Self.field(values, isInput: isInput))]
    case .record(let record):
      // Without its subschema it may be anything.
      return field.traits.contains(.abstract) ? ["type": "object"] : Self.record(record, isInput: isInput)
    case .foreign(let entity):
      return [
        "type": "object", "required": ["id"],
        "properties": ["id": ["type": "string", "format": "uuid", "description": .string("An id in \(entity)")]],
      ]
    case .json: return [:]
    }
  }

  static func record(_ record: RecordSchema, isInput: Bool) -> JSONObject {
    var properties: JSONObject = [:]
    for field in record.fields { properties[field.name] = .object(Self.field(field, isInput: isInput)) }
    if isInput {
      for shorthand in record.shorthands where properties[shorthand.field.name] == nil {
        var schema = Self.field(shorthand.field, isInput: true)
        schema["writeOnly"] = true
        properties[shorthand.field.name] = .object(schema)
      }
    }
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    let names = isInput ? Self.requiredInput(record) : record.fields.map(\.name)
    if !names.isEmpty { schema["required"] = .strings(names) }
    return schema
  }

  /// What an input cannot leave out. Shorthands may stand for a field, and the path for a parent.
  private static func requiredInput(_ record: RecordSchema) -> [String] {
    let replaceable: Set<String> = record.shorthands.contains { $0.field.name == "url" } ? ["host"] : []
    return record.fields.filter { field in
      if case .record = field.type { return false }
      if case .foreign = field.type { return false }
      return field.isRequired && field.defaultValue == nil && !field.traits.contains(.auto)
        && !replaceable.contains(field.name)
    }.map(\.name)
  }

  private static func add(_ constraint: Constraint, to schema: inout JSONObject) {
    let isList = schema["items"] != nil
    switch constraint {
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
      schema[isList ? "minItems" : "minLength"] = .int(Int64(length))
      schema[isList ? "maxItems" : "maxLength"] = .int(Int64(length))
    case .minLength(let length): schema[isList ? "minItems" : "minLength"] = .int(Int64(length))
    case .maxLength(let length): schema[isList ? "maxItems" : "maxLength"] = .int(Int64(length))
    case .starts(let prefix): schema["pattern"] = .string("^" + prefix)
    // What is written in code or in Lua's patterns has no counterpart.
    case .regex, .doesNotMatch, .matchesNone, .matches, .matchesAll, .matchesAny, .contains, .rule,
      .mutuallyExclusiveSubsets:
      break
    }
  }

  private static func number(_ value: Double) -> JSONValue { Int64(exactly: value).map { .int($0) } ?? .double(value) }
}
