// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Why an entity was not read or written, in Kong's terms: a code, its name, a message and the fields at fault.
public struct DataError: Error, Sendable, Hashable {
  public let code: Code
  public let name: String
  public let message: String
  /// Shaped like the entity; nil where Kong sends none.
  public let fields: JSONValue?
  /// In place of fields when options of the request are at fault.
  public let options: JSONObject?

  /// Kong's numbers (kong/db/errors.lua).
  public enum Code: Int, Sendable, Hashable {
    case invalidPrimaryKey = 1
    case schemaViolation = 2
    case primaryKeyViolation = 3
    case foreignKeyViolation = 4
    case uniqueViolation = 5
    case notFound = 6
    case invalidOffset = 7
    case databaseError = 8
    case invalidSize = 9
    case invalidUnique = 10
    case invalidOptions = 11
    case operationUnsupported = 12
    case foreignKeysUnresolved = 13
    case declarativeConfig = 14
    case referencedByOthers = 19
    /// Not Kong's: the datastore does not answer, and the request may be sent again.
    case unavailable = 100
  }

  public init(
    _ code: Code, _ name: String, _ message: String, fields: JSONValue? = nil, options: JSONObject? = nil
  ) {
    self.code = code
    self.name = name
    self.message = message
    self.fields = fields
    self.options = options
  }

  /// The body of the answer.
  public var json: JSONObject {
    var object: JSONObject = [
      "code": .int(Int64(self.code.rawValue)), "name": .string(self.name), "message": .string(self.message),
    ]
    if let fields { object["fields"] = fields }
    if let options { object["options"] = .object(options) }
    return object
  }
}

extension DataError {
  public static func schemaViolation(_ failure: ValidationFailure) -> DataError {
    DataError(.schemaViolation, "schema violation", failure.message, fields: failure.tree.json)
  }

  /// One field's fault.
  public static func schemaViolation(_ field: String, _ message: String) -> DataError {
    .schemaViolation(ValidationFailure(RecordErrors(fields: [field: .message(message)])))
  }

  /// A fault of the entity as a whole.
  public static func schemaViolation(entity message: String) -> DataError {
    .schemaViolation(ValidationFailure(RecordErrors(entity: [message])))
  }

  public static func invalidPrimaryKey() -> DataError {
    DataError(
      .invalidPrimaryKey, "invalid primary key", #"invalid primary key: '{id="expected a valid UUID"}'"#,
      fields: ["id": "expected a valid UUID"])
  }

  public static func notFound(_ address: EntityAddress) -> DataError {
    switch address {
    case .id(let id):
      DataError(
        .notFound, "not found",
        "could not find the entity with primary key '\(LuaLiteral.text(["id": .string(id)]))'",
        fields: ["id": .string(id)])
    case .key(let field, let value):
      DataError(
        .notFound, "not found",
        "could not find the entity with '\(LuaLiteral.text(.object([field: .string(value)])))'",
        fields: .object([field: .string(value)]))
    }
  }

  static func invalidOption(_ name: String, _ message: String) -> DataError {
    DataError(
      .invalidOptions, "invalid options", "invalid option (\(name): \(message))", options: [name: .string(message)])
  }

  static func unsupported(_ verb: String, _ schema: EntitySchema, by field: String? = nil) -> DataError {
    let key = field.map { " by '\($0)'" } ?? ""
    return DataError(
      .operationUnsupported, "operation unsupported",
      "cannot \(verb) '\(schema.name)' entities\(key) when not using a database")
  }

  /// A store's refusal.
  public init(_ error: StoreError) {
    switch error {
    case .unique(_, let fields):
      self.init(
        .uniqueViolation, "unique constraint violation",
        "UNIQUE violation detected on '\(LuaLiteral.text(.object(fields)))'", fields: .object(fields))
    case .primaryKey(_, let id):
      self.init(
        .primaryKeyViolation, "primary key violation",
        "primary key violation on key '\(LuaLiteral.text(["id": .string(id)]))'", fields: ["id": .string(id)])
    case .foreign(let field, let collection, let id):
      let key: JSONValue = ["id": .string(id)]
      self.init(
        .foreignKeyViolation, "foreign key violation",
        "the foreign key '\(LuaLiteral.text(key))' does not reference an existing '\(collection)' entity.",
        fields: .object([field: key]))
    case .referenced(let collection, let other):
      self.init(
        .foreignKeyViolation, "foreign key violation",
        "an existing '\(other)' entity references this '\(collection)' entity",
        fields: ["@referenced_by": .string(other)])
    case .missing(_, let id): self = .notFound(.id(id))
    case .conflict(let collection, _):
      self.init(.databaseError, "database error", "'\(collection)' entity is being changed by others; try again")
    case .unavailable(let reason):
      self.init(.unavailable, "datastore unavailable", "the datastore is not available: \(reason)")
    case .layout(let reason): self.init(.unavailable, "datastore unavailable", reason)
    case .failure(let reason): self.init(.databaseError, "database error", reason)
    }
  }
}

/// How a request names one entity.
public enum EntityAddress: Sendable, Hashable {
  /// A UUID, in lower case.
  case id(String)
  /// By its endpoint key.
  case key(field: String, value: String)

  /// The endpoint key's field, for messages.
  var keyField: String? {
    if case .key(let field, _) = self { field } else { nil }
  }
}
