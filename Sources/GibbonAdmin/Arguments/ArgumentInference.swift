// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Gives the texts of a form the types that a schema has for them, by the rules of Kong's
/// `kong.api.arguments`. What does not fit stays as it is, for the validator to say what is wrong.
///
/// Values that are typed already stay too, so that a plugin's `config` can be inferred in a second run, when
/// the plugin's name is known.
enum ArgumentInference {
  /// The object with its fields and shorthands typed. Members that the schema does not know stay texts.
  static func infer(_ object: JSONObject, as schema: EntitySchema) -> JSONObject {
    var output = Self.infer(object, as: schema.record(for: object) ?? schema.record)
    if schema.hasTTL, case .string(let text)? = output["ttl"], let number = LuaNumber.value(of: text) {
      output["ttl"] = number
    }
    return output
  }

  static func infer(_ object: JSONObject, as record: RecordSchema) -> JSONObject {
    let shorthands = Dictionary(record.shorthands.map { ($0.field.name, $0.field) }) { first, _ in first }
    return JSONObject(
      distinct: object.map { member in
        guard let field = record.field(named: member.key) ?? shorthands[member.key] else { return member }
        return JSONObject.Member(member.key, Self.infer(member.value, as: field))
      })
  }

  /// A single value, such as the key in a path.
  static func infer(_ value: JSONValue, as field: Field) -> JSONValue {
    if value == .string("") { return .null }
    if value.isNull { return value }
    switch field.type {
    case .string, .json: return value
    case .number, .integer: return value.stringValue.flatMap(LuaNumber.value) ?? value
    case .boolean: return Self.boolean(value)
    case .array(of: let element), .set(of: let element): return Self.list(value, of: element)
    case .map(_, let values): return Self.mapping(value) { Self.infer($0, as: values) }
    case .record(let record):
      // Without its subschema a field such as a plugin's `config` says nothing.
      guard case .object(let object) = value, !field.traits.contains(.abstract) else { return value }
      return .object(Self.infer(object, as: record))
    case .foreign: return Self.mapping(value) { $0 == .string("") ? .null : $0 }
    }
  }

  private static func boolean(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string("true"): .bool(true)
    case .string("false"): .bool(false)
    default: value
    }
  }

  /// A single value is a list of one.
  private static func list(_ value: JSONValue, of element: Field) -> JSONValue {
    switch value {
    case .array(let values): .array(values.map { Self.infer($0, as: element) })
    case .object: value
    default: .array([Self.infer(value, as: element)])
    }
  }

  /// Changes every value of an object, or of the array that positions make.
  private static func mapping(_ value: JSONValue, _ change: (JSONValue) -> JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(JSONObject(distinct: object.map { JSONObject.Member($0.key, change($0.value)) }))
    case .array(let values): .array(values.map(change))
    default: value
    }
  }
}
