// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Turns input into a complete, normalised entity or into every error it has.
///
/// In one walk it expands shorthands, fills in automatic fields and defaults, drops duplicates in sets, and
/// checks fields and then rules across fields, with Kong's messages.
public struct Validator: Sendable {
  /// Unix time in seconds, for `created_at` and `updated_at`.
  public let now: Double
  /// Makes ids.
  public let makeID: @Sendable () -> EntityID

  public enum Operation: Sendable, Hashable {
    /// A new entity, or the full replacement of one.
    case insert
    /// The change of some fields; the input is the merged entity without shorthands. Messages say
    /// `when updating`.
    case update
  }

  public init(now: Double, makeID: @escaping @Sendable () -> EntityID = EntityID.random) {
    self.now = now
    self.makeID = makeID
  }

  /// The entity that `input` describes.
  public func validate(
    _ input: JSONValue, as schema: EntitySchema, for operation: Operation = .insert
  ) -> Result<JSONObject, ValidationFailure> {
    guard case .object(let object) = input else {
      return .failure(ValidationFailure(RecordErrors(entity: ["expected a record"])))
    }
    return self.validate(object: object, as: schema, for: operation)
  }

  public func validate(
    object input: JSONObject, as schema: EntitySchema, for operation: Operation = .insert
  ) -> Result<JSONObject, ValidationFailure> {
    self.validate(object: input, as: schema, for: operation, change: nil)
  }

  func validate(
    object input: JSONObject, as schema: EntitySchema, for operation: Operation, change: RecordWalk.Change?
  ) -> Result<JSONObject, ValidationFailure> {
    var walk = RecordWalk(self, operation)
    walk.schema = schema
    walk.change = change
    guard let record = schema.record(for: input) else {
      return self.validateWithDefaultSubschema(input, as: schema, for: operation)
    }
    return walk.run(input, as: record)
  }

  /// What is wrong with the members that are given, whatever is missing.
  public func fieldErrors(of input: JSONObject, as schema: EntitySchema) -> RecordErrors {
    var walk = RecordWalk(self, .insert)
    return walk.fieldErrors(of: input, as: schema.record(for: input) ?? schema.record)
  }

  /// A plain record, such as a plugin's configuration on its own.
  public func validate(_ input: JSONValue, as record: RecordSchema) -> Result<JSONObject, ValidationFailure> {
    guard case .object(let object) = input else {
      return .failure(ValidationFailure(RecordErrors(entity: ["expected a record"])))
    }
    var walk = RecordWalk(self, .insert)
    return walk.run(object, as: record)
  }

  /// The subschema's key is missing or unknown; a default of the key may still choose one.
  private func validateWithDefaultSubschema(
    _ input: JSONObject, as schema: EntitySchema, for operation: Operation
  ) -> Result<JSONObject, ValidationFailure> {
    guard let key = schema.subschemaKey else { return .success(input) }
    let given = input[key]
    if given == nil, let value = schema.record.field(named: key)?.defaultValue {
      // The walk fills in the default itself.
      guard let record = schema.record(for: input, assuming: value) else { return .success(input) }
      var walk = RecordWalk(self, operation)
      walk.schema = schema
      return walk.run(input, as: record)
    }
    let message: String
    switch given {
    case nil, .null: message = "required field missing"
    case .string(let name): message = schema.unknownSubschemaMessage.filled(name)
    case .array([]):
      message = "length must be at least 1"
    case .array(let names) where names.first?.stringValue != nil:
      message = schema.unknownSubschemaMessage.filled(names.first?.stringValue ?? "")
    default: message = "expected a \(schema.record.field(named: key)?.type.word ?? "string")"
    }
    return .failure(ValidationFailure(RecordErrors(fields: [key: .message(message)])))
  }
}

/// The errors of a value that is not valid.
public struct ValidationFailure: Error, Sendable, Hashable {
  public let errors: RecordErrors

  public init(_ errors: RecordErrors) {
    self.errors = errors
  }

  /// `schema violation (name: …)`.
  public var message: String { self.errors.message }
  public var tree: ErrorTree { .record(self.errors) }
}

extension String {
  /// The text with its first `%s` replaced.
  func filled(_ value: String) -> String {
    guard let mark = self.firstRange(of: "%s") else { return self }
    return self[..<mark.lowerBound] + value + self[mark.upperBound...]
  }

  private func firstRange(of pattern: String) -> Range<String.Index>? {
    var start = self.startIndex
    while start < self.endIndex {
      if self[start...].hasPrefix(pattern) {
        return start..<self.index(start, offsetBy: pattern.count)
      }
      start = self.index(after: start)
    }
    return nil
  }
}
