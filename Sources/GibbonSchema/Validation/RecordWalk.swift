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
  /// How many more members and elements may be reported.
  private var room = RecordErrors.limit
  /// Of shorthands, wherever they stand: nothing else is said then.
  var shorthandErrors: RecordErrors?
  private var isInside = false
  /// The record that was found invalid last, with what it was given and its defaults.
  private var invalidRecord: JSONObject?

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

  /// Whether another error may be listed; takes its place.
  mutating func takeRoom() -> Bool {
    if self.room > 0 { self.room -= 1 } else { self.room = -1 }
    return self.room >= 0
  }

  var isTruncated: Bool { self.room < 0 }

  enum Outcome {
    case value(JSONValue)
    case invalid(ErrorTree)
  }

  mutating func run(_ input: JSONObject, as record: RecordSchema) -> Result<JSONObject, ValidationFailure> {
    var errors = RecordErrors()
    var input = input
    let schema = self.schema
    self.schema = nil
    let isTop = !self.isInside
    self.isInside = true

    // The input of an update is merged already, shorthands included.
    let most = record.fields.count + record.shorthands.count + RecordErrors.limit
    if !record.shorthands.isEmpty, self.operation == .insert, input.count <= most {
      let failed = self.expandShorthands(of: record, in: &input)
      if !failed.isEmpty {
        if self.shorthandErrors == nil { self.shorthandErrors = failed }
        return self.failed(failed, input)
      }
    }
    var places = [Int](repeating: -1, count: record.fields.count)
    var extras: [JSONObject.Member] = []
    guard self.place(input, record, schema, &places, &extras, &errors) else { return self.failed(errors, [:]) }
    let output = self.outcomes(of: input, places, record, extras, &errors)
    if isTop, let failed = self.shorthandErrors { return self.failed(failed, input) }
    if self.isTruncated { errors.isTruncated = true }
    if !record.preparedChecks.isEmpty, !self.isTruncated { self.runChecks(of: record, on: output, errors: &errors) }
    if let schema, !schema.transformations.isEmpty { self.runTransformationChecks(of: schema, on: input, &errors) }
    return errors.isEmpty ? .success(output) : self.failed(errors, output)
  }

  private mutating func failed(_ errors: RecordErrors, _ object: JSONObject) -> Result<JSONObject, ValidationFailure> {
    self.invalidRecord = object
    return .failure(ValidationFailure(errors))
  }

  /// Finds the place of each field's value in the input.
  ///
  /// - Returns: false when the input has so many unknown members that nothing else needs to be said.
  private mutating func place(
    _ input: JSONObject, _ record: RecordSchema, _ schema: EntitySchema?, _ places: inout [Int],
    _ extras: inout [JSONObject.Member], _ errors: inout RecordErrors
  ) -> Bool {
    for (place, member) in input.members.enumerated() {
      if let position = record.positions[member.key] {
        places[position] = place
      } else if let schema, schema.isExtra(member.key) {
        if !member.value.isNull { extras.append(member) }
      } else if self.takeRoom() {
        errors.set(.message("unknown field"), at: [member.key])
      } else {
        errors.isTruncated = true
        return false
      }
    }
    return true
  }

  /// Every field's value, normalised where it is valid, as it was given where it is not. What is required and missing
  /// is not there.
  private mutating func outcomes(
    of input: JSONObject, _ places: [Int], _ record: RecordSchema, _ extras: [JSONObject.Member],
    _ errors: inout RecordErrors
  ) -> JSONObject {
    var output: [JSONObject.Member] = []
    output.reserveCapacity(record.fields.count + extras.count)
    for position in record.fields.indices {
      // Not held in a constant: a field is many references.
      let given = places[position] < 0 ? nil : input.members[places[position]].value
      self.invalidRecord = nil
      switch self.outcome(of: record.fields[position], given: given) {
      case .value(let value): output.append(JSONObject.Member(record.fields[position].name, value))
      case .invalid(let error):
        errors.set(error, at: [record.fields[position].name])
        // What is checked across fields sees the invalid ones too, as in Kong.
        let whole: JSONValue?
        if case .record = record.fields[position].type {
          whole = self.invalidRecord.map { .object($0) } ?? given
        } else {
          whole = given
        }
        if let whole { output.append(JSONObject.Member(record.fields[position].name, whole)) }
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
    return JSONObject(distinct: output)
  }

  /// The errors of each member by itself.
  mutating func fieldErrors(of input: JSONObject, as record: RecordSchema) -> RecordErrors {
    var errors = RecordErrors()
    self.isInside = true
    for member in input {
      if let field = record.field(named: member.key) {
        if case .invalid(let error) = self.check(member.value, as: field) { errors.set(error, at: [member.key]) }
      } else if self.takeRoom() {
        errors.set(.message("unknown field"), at: [member.key])
      }
    }
    return errors
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
