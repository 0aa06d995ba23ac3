// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// One validation of an object: its fields in declaration order, then the rules across them.
struct RecordWalk {
  let validator: Validator
  let operation: Validator.Operation
  /// Set at the top, where an entity may have `ttl` and `ws_id` besides its fields.
  var schema: EntitySchema?
  /// What an update changes, and of what; nil where it is no update.
  var change: Change?

  struct Change {
    let given: JSONObject
    let existing: JSONObject
  }

  init(_ validator: Validator, _ operation: Validator.Operation) {
    self.validator = validator
    self.operation = operation
    self.schema = nil
    self.change = nil
  }

  enum Outcome {
    case value(JSONValue)
    case invalid(ErrorTree)
  }

  mutating func run(_ input: JSONObject, as record: RecordSchema) -> Result<JSONObject, ValidationFailure> {
    var errors = RecordErrors()
    var input = input
    // The input of an update is merged already, shorthands included.
    if !record.shorthands.isEmpty, self.operation == .insert {
      self.expandShorthands(of: record, in: &input, errors: &errors)
    }
    let schema = self.schema
    self.schema = nil

    var places = [Int](repeating: -1, count: record.fields.count)
    var extras: [JSONObject.Member] = []
    for (place, member) in input.members.enumerated() {
      if let position = record.positions[member.key] {
        places[position] = place
      } else if let schema, schema.isExtra(member.key) {
        if !member.value.isNull { extras.append(member) }
      } else if errors.fields[member.key] == nil {
        errors.set(.message("unknown field"), at: [member.key])
      }
    }

    var output: [JSONObject.Member] = []
    output.reserveCapacity(record.fields.count + extras.count)
    for position in record.fields.indices {
      // Not held in a constant: a field is many references.
      let given = places[position] < 0 ? nil : input.members[places[position]].value
      switch self.outcome(of: record.fields[position], given: given) {
      case .value(let value): output.append(JSONObject.Member(record.fields[position].name, value))
      case .invalid(let error): errors.set(error, at: [record.fields[position].name])
      }
    }
    for extra in extras {
      if extra.key == "ttl", extra.value.doubleValue == nil || !(0...1e8).contains(extra.value.doubleValue ?? -1) {
        let isNumber = extra.value.doubleValue != nil
        errors.set(
          .message(isNumber ? "value should be between 0 and 100000000" : "expected a number"), at: ["ttl"])
      }
      output.append(extra)
    }
    let object = JSONObject(distinct: output)
    if !record.preparedChecks.isEmpty { self.runChecks(of: record, on: object, errors: &errors) }
    if let schema, !schema.transformations.isEmpty { self.runTransformationChecks(of: schema, on: input, &errors) }
    return errors.isEmpty ? .success(object) : .failure(ValidationFailure(errors))
  }

  /// A field's value after automatic values and defaults.
  private mutating func outcome(of field: Field, given: JSONValue?) -> Outcome {
    if field.traits.contains(.auto), let value = self.automaticValue(of: field, given: given) {
      return .value(value)
    }
    if let given { return self.check(given, as: field) }
    if let value = field.defaultValue {
      // Defaults are valid by declaration; records still need those of their fields.
      if case .record = field.type { return self.check(value, as: field) }
      return .value(value)
    }
    guard field.isRequired else { return .value(.null) }
    if case .record = field.type { return self.check(.object([:]), as: field) }
    return .invalid(.message("required field missing"))
  }

  private func automaticValue(of field: Field, given: JSONValue?) -> JSONValue? {
    if field.name == "updated_at" { return self.time(as: field) }
    guard given == nil || given == .null else { return nil }
    if field.name == "created_at" { return self.time(as: field) }
    guard case .string = field.type else { return nil }
    return .string(field.isUUID ? self.validator.makeID().description : Self.randomText())
  }

  private func time(as field: Field) -> JSONValue {
    if case .integer = field.type { return .int(Int64(self.validator.now)) }
    return .double((self.validator.now * 1000).rounded(.down) / 1000)
  }

  /// 32 letters and digits from the system's generator, for keys and secrets.
  static func randomText() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in alphabet.randomElement(using: &generator) ?? UInt8(ascii: "a") }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension EntitySchema {
  /// Members that an entity may have besides its fields.
  func isExtra(_ name: String) -> Bool {
    (name == "ttl" && self.hasTTL) || (name == "ws_id" && self.isWorkspaceable)
  }
}
