// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordWalk {
  /// Checks a value and normalises it.
  mutating func check(_ value: JSONValue, as field: Field) -> Outcome {
    if case .null = value {
      if field.traits.contains(.mustNotBeNull) { return self.invalid(field.message ?? "value must not be null") }
      if field.isRequired { return self.invalid("required field missing") }
      return .value(.null)
    }
    if field.traits.contains(.mustBeNull) { return self.invalid(field.message ?? "value must be null") }
    if field.traits.contains(.abstract) {
      return self.invalid("error in schema definition: abstract field was not specialized")
    }
    switch self.typed(value, as: field) {
    case .value(let typed): return self.constrained(typed, as: field)
    case .invalid(let error): return .invalid(error)
    }
  }

  func invalid(_ message: String) -> Outcome { .invalid(.message(message.shown)) }

  private mutating func typed(_ value: JSONValue, as field: Field) -> Outcome {
    switch field.type {
    case .string:
      guard case .string = value else { return self.invalid("expected a string") }
      return .value(value)
    case .boolean:
      guard case .bool = value else { return self.invalid("expected a boolean") }
      return .value(value)
    case .integer:
      if case .int = value { return .value(value) }
      guard case .double(let number) = value, let whole = Int64(exactly: number) else {
        return self.invalid("expected an integer")
      }
      return .value(.int(whole))
    case .number:
      switch value {
      case .int, .double: return .value(value)
      default: return self.invalid("expected a number")
      }
    case .array(let element), .set(let element):
      return self.elements(of: value, as: field, element: element)
    case .map(let keys, let values):
      return self.entries(of: value, keys: keys, values: values)
    case .record(let record):
      guard let object = value.asObject else { return self.invalid("expected a record") }
      switch self.run(object, as: record) {
      case .success(let object):
        for validator in record.validators {
          if let violation = validator.violations(object).first { return self.invalid(violation.message) }
        }
        return .value(.object(object))
      case .failure(let failure): return .invalid(failure.tree)
      }
    case .foreign:
      return self.reference(value)
    case .json:
      return .value(value)
    }
  }

  private mutating func elements(of value: JSONValue, as field: Field, element: Field) -> Outcome {
    guard let given = value.asArray else {
      if case .set = field.type { return self.invalid("expected a set") }
      return self.invalid("expected an array")
    }
    var errors: [Int: ErrorTree] = [:]
    var values: [JSONValue] = []
    values.reserveCapacity(given.count)
    for (index, value) in given.enumerated() {
      switch self.check(value, as: element) {
      case .value(let value): values.append(value)
      case .invalid(let error):
        if self.takeRoom() { errors[index] = error }
      }
      if self.isTruncated { break }
    }
    guard errors.isEmpty else { return .invalid(.elements(errors)) }
    if case .set = field.type, values.count > 1 {
      var seen: Set<JSONValue> = []
      values = values.filter { seen.insert($0).inserted }
    }
    return .value(.array(values))
  }

  private mutating func entries(of value: JSONValue, keys: Field, values: Field) -> Outcome {
    guard let given = value.asObject else { return self.invalid("expected a map") }
    var members: [JSONObject.Member] = []
    members.reserveCapacity(given.count)
    for member in given {
      if case .invalid(let error) = self.check(.string(member.key), as: keys) {
        return .invalid(.entry(key: member.key, error))
      }
      switch self.check(member.value, as: values) {
      case .value(let value): members.append(JSONObject.Member(member.key, value))
      case .invalid(let error): return .invalid(.entry(key: member.key, error))
      }
    }
    return .value(.object(JSONObject(distinct: members)))
  }

  private func reference(_ value: JSONValue) -> Outcome {
    let message: String
    switch value["id"] {
    case .string(let id) where id.isUUID:
      // As it is, where it is nothing else: entities that name the same one share it.
      if case .object(let object) = value, object.count == 1 { return .value(value) }
      return .value(.object(JSONObject(distinct: [JSONObject.Member("id", .string(id))])))
    case .string: message = "expected a valid UUID"
    case nil: message = "missing primary key"
    case .null: message = "required field missing"
    default: message = "expected a string"
    }
    return .invalid(.record(RecordErrors(fields: ["id": .message(message)])))
  }

  private func constrained(_ value: JSONValue, as field: Field) -> Outcome {
    if case .string(let text) = value {
      if field.traits.contains(.referenceable), text.isVaultReference { return .value(value) }
      if text.isEmpty, !field.traits.contains(.maybeEmpty) {
        // The implicit minimum comes after the constraints of lower rank.
        for constraint in field.constraints where constraint.rank < Constraint.minLength(1).rank {
          if let message = constraint.violation(of: value) { return self.invalid(field.message ?? message) }
        }
        return self.invalid("length must be at least 1")
      }
    }
    for constraint in field.constraints {
      if let message = constraint.violation(of: value) { return self.invalid(field.message ?? message) }
    }
    return .value(value)
  }
}

extension JSONValue {
  /// An array; an empty object counts as one, since Lua cannot tell them apart.
  var asArray: [JSONValue]? {
    switch self {
    case .array(let values): values
    case .object(let object) where object.isEmpty: []
    default: nil
    }
  }

  /// An object; an empty array counts as one.
  var asObject: JSONObject? {
    switch self {
    case .object(let object): object
    case .array(let values) where values.isEmpty: [:]
    default: nil
    }
  }
}

extension String {
  /// Whether this is a reference into a vault, `{vault://…}`.
  public var isVaultReference: Bool {
    self.utf8.first == UInt8(ascii: "{") && self.hasPrefix("{vault://") && self.hasSuffix("}")
  }
}
