// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The fields of an object with the checks across them and the shorthands for them.
///
/// Immutable; shared by reference because schemas are large and are read for every value.
public final class RecordSchema: Sendable {
  public let fields: [Field]
  public let checks: [EntityCheck]
  public let shorthands: [Shorthand]
  /// Rules for the whole, which run when all else is right and are about the field that holds the record:
  /// `config: "…"`.
  public let validators: [CustomCheck]
  /// Position of each field by name.
  let positions: [String: Int]
  let preparedChecks: [PreparedCheck]

  public init(
    _ fields: [Field], checks: [EntityCheck] = [], validators: [CustomCheck] = [], shorthands: [Shorthand] = []
  ) {
    self.fields = fields
    self.checks = checks
    self.validators = validators
    self.shorthands = shorthands
    var positions: [String: Int] = [:]
    for (position, field) in fields.enumerated() { positions[field.name] = position }
    self.positions = positions
    self.preparedChecks = checks.map { check in
      PreparedCheck(check) { Self.field(at: $0, in: fields) }
    }
  }

  public func field(named name: String) -> Field? {
    self.positions[name].map { self.fields[$0] }
  }

  /// The field at a dotted path, such as `redis.host`.
  public func field(at path: String) -> Field? { Self.field(at: path, in: self.fields) }

  private static func field(at path: String, in fields: [Field]) -> Field? {
    if let field = fields.first(where: { $0.name == path }) { return field }
    guard let dot = path.firstIndex(of: "."),
      let parent = fields.first(where: { $0.name == path[..<dot] }), case .record(let record) = parent.type
    else { return nil }
    return record.field(at: String(path[path.index(after: dot)...]))
  }

  /// This record as a subschema makes it: its fields replace those of the same name, its checks are added.
  public func specialized(by subschema: Subschema) -> RecordSchema {
    let replacements = Dictionary(subschema.fields.map { ($0.name, $0) }) { _, last in last }
    return RecordSchema(
      self.fields.map { replacements[$0.name] ?? $0 }, checks: self.checks + subschema.checks,
      validators: self.validators, shorthands: self.shorthands)
  }
}

/// What one kind of an entity changes about the entity's schema: a plugin's configuration, the rules of
/// TCP routes.
public struct Subschema: Sendable {
  public let fields: [Field]
  public let checks: [EntityCheck]

  public init(fields: [Field], checks: [EntityCheck] = []) {
    self.fields = fields
    self.checks = checks
  }
}
