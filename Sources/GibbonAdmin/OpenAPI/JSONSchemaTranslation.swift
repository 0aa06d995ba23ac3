// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// Fields and records as JSON Schema, in the dialect of OpenAPI 3.1.
struct JSONSchemaTranslation: Sendable {
  /// What the described objects are for.
  enum Purpose: Sendable {
    /// Entities as answers show them: every field is there, null where it is unset.
    case answer
    /// Entities as POST and PUT take them.
    case input
    /// Parts of entities as PATCH takes them: nothing is required, and defaults do not apply.
    case patch
  }

  /// Where foreign fields lead.
  let registry: EntityRegistry
  let purpose: Purpose

  init(_ registry: EntityRegistry, for purpose: Purpose) {
    self.registry = registry
    self.purpose = purpose
  }

  /// The values that a field may have.
  func field(_ field: Field) -> JSONObject {
    if field.traits.contains(.mustBeNull) { return ["type": "null"] }
    var schema = self.type(of: field)
    // A reference into a vault may stand for any value, so nothing is certain about such a text.
    if !field.traits.contains(.referenceable) {
      for constraint in field.constraints { constraint.add(to: &schema) }
    }
    if self.isNonEmptyText(field, schema) { schema["minLength"] = 1 }
    if self.isNullable(field) { Self.allowNull(in: &schema) }
    if self.purpose != .patch, let value = field.defaultValue, !value.isNull { schema["default"] = value }
    if let text = field.summary ?? field.deprecation?.message { schema["description"] = .string(text) }
    if field.deprecation != nil { schema["deprecated"] = true }
    if self.purpose == .answer, field.traits.contains(.auto), field.name == "updated_at" { schema["readOnly"] = true }
    if self.purpose != .answer, field.traits.contains(.encrypted) { schema["format"] = "password" }
    return schema
  }

  /// A record's object. `required` lists all fields of an answer, and what an input cannot leave out.
  func record(_ record: RecordSchema) -> JSONObject {
    var properties: JSONObject = [:]
    for field in record.fields where self.isShown(field) { properties[field.name] = .object(self.field(field)) }
    if self.purpose != .answer {
      for shorthand in record.shorthands where properties[shorthand.field.name] == nil {
        var schema = self.field(shorthand.field)
        schema["writeOnly"] = true
        properties[shorthand.field.name] = .object(schema)
      }
    }
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    let names = self.requiredNames(record)
    if !names.isEmpty { schema["required"] = .strings(names) }
    if self.purpose == .input, Self.hasURL(record) {
      schema["anyOf"] = [["required": ["host"]], ["required": ["url"]]]
    }
    return schema
  }

  /// The same for what is in arrays and maps, which a patch replaces as a whole.
  private var elements: JSONSchemaTranslation {
    self.purpose == .patch ? JSONSchemaTranslation(self.registry, for: .input) : self
  }

  private func type(of field: Field) -> JSONObject {
    switch field.type {
    case .string: return ["type": "string"]
    case .integer: return ["type": "integer"]
    case .number: return ["type": "number"]
    case .boolean: return ["type": "boolean"]
    case .array(let element): return ["type": "array", "items": .object(self.elements.field(element))]
    case .set(let element):
      return ["type": "array", "uniqueItems": true, "items": .object(self.elements.field(element))]
    case .map(_, let values):
      return ["type": "object", "additionalProperties": .object(self.elements.field(values))]
    case .record(let record):
      // Its subschema says what is in it.
      return field.traits.contains(.abstract) ? ["type": "object"] : self.record(record)
    case .foreign(let entity): return self.reference(to: entity)
    case .json: return [:]
    }
  }

  /// `{"id": …}`; where something is written, a unique field of the other entity may stand for the id.
  private func reference(to entity: String) -> JSONObject {
    var properties: JSONObject = [
      "id": ["type": "string", "format": "uuid", "description": .string("An id in \(entity)")]
    ]
    let keys = self.purpose == .answer ? [] : self.registry.schema(named: entity).map(Self.keys) ?? []
    for key in keys { properties[key] = ["type": "string", "description": "In place of the id"] }
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    schema[keys.isEmpty ? "required" : "minProperties"] = keys.isEmpty ? ["id"] : 1
    return schema
  }
}

extension JSONSchemaTranslation {
  /// The fields that find an entity, other than its id.
  private static func keys(_ schema: EntitySchema) -> [String] {
    schema.record.fields.filter { field in
      field.name != "id" && (field.traits.contains(.unique) || field.name == schema.endpointKey)
    }.map(\.name)
  }

  /// The time of the last change cannot be written.
  private func isShown(_ field: Field) -> Bool {
    self.purpose == .answer || !(field.traits.contains(.auto) && field.name == "updated_at")
  }

  private func isNullable(_ field: Field) -> Bool {
    // Those inside of arrays, sets and maps.
    if field.name.isEmpty { return !field.isRequired }
    if field.isRequired || field.traits.contains(.mustNotBeNull) { return false }
    // What is not stored is made for each answer, and what is automatic is made where it is null.
    let isMade = field.traits.contains(.transient) || field.traits.contains(.auto)
    return self.purpose != .answer || !isMade
  }

  /// Texts must not be empty unless their field says otherwise.
  private func isNonEmptyText(_ field: Field, _ schema: JSONObject) -> Bool {
    guard case .string = field.type, self.purpose != .answer, !field.traits.contains(.maybeEmpty) else { return false }
    return ["enum", "const", "minLength", "format"].allSatisfy { schema[$0] == nil }
  }

  private static func allowNull(in schema: inout JSONObject) {
    if let type = schema["type"] { schema["type"] = [type, "null"] }
    if case .array(let values)? = schema["enum"] { schema["enum"] = .array(values + [.null]) }
    if let value = schema["const"] {
      schema["const"] = nil
      schema["enum"] = [value, .null]
    }
  }

  /// Whether a `url` may stand for the host: the one shorthand of a required field that is not its old name.
  private static func hasURL(_ record: RecordSchema) -> Bool {
    record.field(named: "host") != nil && record.shorthands.contains { $0.field.name == "url" }
  }

  private func requiredNames(_ record: RecordSchema) -> [String] {
    switch self.purpose {
    case .answer: record.fields.map(\.name)
    case .input: record.fields.filter { self.isNeeded($0, in: record) }.map(\.name)
    case .patch: []
    }
  }

  /// Whether an input cannot do without the field. A shorthand may stand for it, and the path for a parent.
  private func isNeeded(_ field: Field, in record: RecordSchema) -> Bool {
    guard field.isRequired, field.defaultValue == nil, !field.traits.contains(.auto) else { return false }
    let hasOldName = record.shorthands.contains { $0.field.deprecation?.replacement.first == field.name }
    if hasOldName || (field.name == "host" && Self.hasURL(record)) { return false }
    switch field.type {
    case .foreign: return false
    case .record(let inner): return !field.traits.contains(.abstract) && !self.requiredNames(inner).isEmpty
    default: return true
    }
  }
}
