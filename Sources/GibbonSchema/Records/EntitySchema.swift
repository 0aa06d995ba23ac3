// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// All that is to know about one kind of entity.
///
/// Immutable; drives validation, the Admin API, storage, declarative files and the schema served at run time.
public final class EntitySchema: Sendable {
  /// The collection's name, such as `services`.
  public let name: String
  public let primaryKey: [String]
  /// The unique field that may stand for the id in a path or reference.
  public let endpointKey: String?
  /// The fields whose combination is unique and looked up by.
  public let cacheKey: [String]?
  public let isWorkspaceable: Bool
  /// Whether rows may be given a time to live, in seconds, as `ttl`.
  public let hasTTL: Bool
  /// Whether declarative files and exports carry it.
  public let isExported: Bool
  /// How the Admin API exposes it; nil where it does not.
  public let adminPath: AdminPath?
  /// The field that stands for the id in a path under a parent, where it is unique within the parent. The composite
  /// key is the foreign field and this one.
  public let nestedKey: String?
  /// Of credentials: the field that services are told in `X-Credential-Identifier`.
  public let credentialIdentifier: String
  public let record: RecordSchema
  /// The field whose value, or first element, chooses the subschema.
  public let subschemaKey: String?
  /// The records by subschema, with the entity's own fields.
  public let specialized: [String: RecordSchema]
  /// The message of an unknown subschema; `%s` stands for its name.
  public let unknownSubschemaMessage: String
  public let transformations: [Transformation]

  /// Path segments of the Admin API.
  public struct AdminPath: Sendable, Hashable {
    /// The collection, such as `key-auths`.
    public let collection: String
    /// The collection under a parent, such as `key-auth`.
    public let nested: String

    public init(_ collection: String, nested: String? = nil) {
      self.collection = collection
      self.nested = nested ?? collection
    }
  }

  /// The less common properties of an entity.
  public struct Options: Sendable {
    public var primaryKey = ["id"]
    public var endpointKey: String?
    public var cacheKey: [String]?
    public var isWorkspaceable = true
    public var hasTTL = false
    public var isExported = true
    public var adminPath: AdminPath?
    public var nestedKey: String?
    public var credentialIdentifier = "id"
    public var transformations: [Transformation] = []

    public init() {}
  }

  /// The choice of a subschema.
  public struct Subschemas: Sendable {
    public let key: String
    public let byName: [String: Subschema]
    public let unknownMessage: String

    public init(key: String, byName: [String: Subschema], unknownMessage: String = "unknown type: %s") {
      self.key = key
      self.byName = byName
      self.unknownMessage = unknownMessage
    }
  }

  public init(
    _ name: String, _ record: RecordSchema, subschemas: Subschemas? = nil, configure: (inout Options) -> Void = { _ in }
  ) {
    var options = Options()
    configure(&options)
    self.name = name
    self.record = record
    self.primaryKey = options.primaryKey
    self.endpointKey = options.endpointKey
    self.cacheKey = options.cacheKey
    self.isWorkspaceable = options.isWorkspaceable
    self.hasTTL = options.hasTTL
    self.isExported = options.isExported
    self.adminPath = options.adminPath
    self.nestedKey = options.nestedKey
    self.credentialIdentifier = options.credentialIdentifier
    self.transformations = options.transformations
    self.subschemaKey = subschemas?.key
    self.specialized = (subschemas?.byName ?? [:]).mapValues { record.specialized(by: $0) }
    self.unknownSubschemaMessage = subschemas?.unknownMessage ?? ""
  }

  /// The foreign fields: name, collection, and what a deletion of the parent does.
  public var references: [(field: String, entity: String, deletion: Field.DeletionRule)] {
    self.record.fields.compactMap { field in
      field.foreignEntity.map { (field.name, $0, field.deletion) }
    }
  }

  /// The record that fits `input`; the entity's own where it has no subschemas.
  ///
  /// - Parameter assumed: the subschema's key where `input` does not give it.
  public func record(for input: JSONObject, assuming assumed: JSONValue? = nil) -> RecordSchema? {
    guard let key = self.subschemaKey else { return self.record }
    switch input[key] ?? assumed {
    case .string(let name): return self.specialized[name]
    case .array(let names):
      for case .string(let name) in names {
        if let record = self.specialized[name] { return record }
      }
      return nil
    default: return nil
    }
  }
}

/// A change made to an entity when it is written, such as hashing a password.
public struct Transformation: Sendable {
  /// It runs when one of these is set; all of them must be then.
  public let input: [String]
  /// Fields it reads besides, which must be set too. Paths such as `consumer.id` are allowed.
  public let needs: [String]
  /// The fields to change, from the values of `input` and then `needs`, or what is wrong.
  public let onWrite: @Sendable ([JSONValue]) -> Result<JSONObject, TransformationError>

  public init(
    input: [String], needs: [String] = [],
    onWrite: @escaping @Sendable ([JSONValue]) -> Result<JSONObject, TransformationError>
  ) {
    self.input = input
    self.needs = needs
    self.onWrite = onWrite
  }
}

public struct TransformationError: Error, Sendable, Hashable {
  public let message: String

  public init(_ message: String) {
    self.message = message
  }
}
