// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// From input to an entity that can be stored.
extension DataAccess {
  /// A validated entity on its way to the store.
  struct Draft: Sendable {
    var object: JSONObject
    let workspace: EntityID?
    var expiresAt: Double?
    /// The fields that the request named; for an insertion all.
    let given: Set<String>?
  }

  /// A complete new entity, or the full replacement of one.
  func draft(
    _ input: JSONObject, _ schema: EntitySchema, _ workspace: EntityID
  ) async throws(DataError) -> Draft {
    var input = input
    let lifetime = try self.takeLifetime(from: &input, schema)
    try await self.checkBeforeValidation(input, schema, replacing: nil, workspace)
    try await self.resolveReferences(in: &input, schema, workspace)
    switch self.validator.validate(object: input, as: schema) {
    case .failure(let failure): throw .schemaViolation(self.completed(failure, input, schema))
    case .success(let object):
      for message in schema.deprecations(in: input) { self.warn(message) }
      return Draft(
        object: Self.canonical(object, schema), workspace: schema.isWorkspaceable ? workspace : nil,
        expiresAt: lifetime.flatMap { self.expiry($0) }, given: nil)
    }
  }

  func patchDraft(
    _ input: JSONObject, _ existing: StoredEntity, _ address: EntityAddress, _ schema: EntitySchema,
    _ workspace: EntityID
  ) async throws(DataError) -> Draft {
    var input = input
    let lifetime = try self.takeLifetime(from: &input, schema)
    try await self.checkBeforeValidation(input, schema, replacing: existing, workspace)
    try await self.resolveReferences(in: &input, schema, workspace)
    let key = schema.primaryKey[0]
    if let id = input[key], let text = id.stringValue, text.lowercased() != existing.key(schema) {
      // By key Kong ignores it; by id it would write to another entity, which nobody can mean.
      guard address.keyField != nil else { throw .notFound(address) }
      input[key] = nil
    }
    let base = Self.completed(existing.object, schema)
    switch self.validator.patched(base, with: input, as: schema) {
    case .failure(let failure): throw .schemaViolation(self.completed(failure, input, schema))
    case .success(let object):
      // What kind of entity it is, the change need not say.
      var given = input
      if let key = schema.subschemaKey, given[key] == nil { given[key] = base[key] }
      for message in schema.deprecations(in: given) { self.warn(message) }
      return Draft(
        object: Self.canonical(object, schema), workspace: existing.workspace,
        expiresAt: lifetime.map { self.expiry($0) } ?? existing.expiresAt, given: Set(input.map(\.key)))
    }
  }

  /// Transformations, rules that need the store, and what is written besides.
  func finished(
    _ draft: Draft, replacing existing: StoredEntity?, _ schema: EntitySchema
  ) async throws(DataError) -> (related: [EntityWrite], entity: StoredEntity) {
    var draft = draft
    switch self.validator.transformed(draft.object, as: schema, given: draft.given) {
    case .failure(let error): throw .schemaViolation(entity: error.message)
    case .success(let object): draft.object = object
    }
    let related = try await self.applyRules(to: &draft, replacing: existing, schema)
    try await self.inspect(draft.object, schema)
    if draft.given.map({ !$0.isDisjoint(with: ["cert", "cert_alt"]) }) ?? true {
      for warning in CertificateWarnings.about(draft.object, in: schema.name, now: self.now()) { self.warn(warning) }
    }
    for field in schema.record.fields where field.traits.contains(.transient) { draft.object[field.name] = nil }
    return (related, StoredEntity(draft.object, workspace: draft.workspace, expiresAt: draft.expiresAt))
  }

  // MARK: Time to live

  /// Takes `ttl` out of the input: seconds, 0 for ever. nil: not given.
  private func takeLifetime(from input: inout JSONObject, _ schema: EntitySchema) throws(DataError) -> Int? {
    guard schema.hasTTL, let value = input["ttl"] else { return nil }
    input["ttl"] = nil
    if value.isNull { return 0 }
    guard let seconds = value.intValue, (0...100_000_000).contains(seconds) else {
      throw .invalidOption("ttl", "must be an integer between 0 and 100000000")
    }
    return seconds
  }

  private func expiry(_ lifetime: Int) -> Double? { lifetime == 0 ? nil : self.now() + Double(lifetime) }

  // MARK: References

  /// Replaces references by a unique field of the other entity, `{"name": "x"}`, with ones by id.
  private func resolveReferences(
    in input: inout JSONObject, _ schema: EntitySchema, _ workspace: EntityID
  ) async throws(DataError) {
    var unresolved: [(path: String, message: String)] = []
    for reference in schema.references {
      guard let value = input[reference.field]?.objectValue, let parent = self.registry.schema(named: reference.entity)
      else { continue }
      if let id = value["id"] {
        input[reference.field] = ["id": id.stringValue.map { .string($0.lowercased()) } ?? id]
        continue
      }
      guard let (field, name) = Self.uniqueField(of: parent, in: value) else { continue }
      let address = EntityAddress.key(field: field, value: name)
      if let found = try await self.stored(address, in: parent, workspace: workspace) {
        input[reference.field] = ["id": .string(found.key(parent))]
      } else {
        let key = LuaLiteral.text(.object([field: .string(name)]))
        unresolved.append(
          (
            "\(reference.field).\(field)",
            "the foreign key cannot be resolved with '\(key)' for an existing '\(parent.name)' entity"
          ))
      }
    }
    if !unresolved.isEmpty { throw Self.unresolved(unresolved) }
  }

  /// The failure with what the schema of the other entity says of a reference that is none: an object of other members
  /// than an id is held against all of that schema.
  private func completed(
    _ failure: ValidationFailure, _ input: JSONObject, _ schema: EntitySchema
  ) -> ValidationFailure {
    var errors = failure.errors
    for reference in schema.references {
      guard case .record? = errors.fields[reference.field], let value = input[reference.field]?.objectValue,
        value.contains(where: { $0.key != "id" }), let parent = self.registry.schema(named: reference.entity)
      else { continue }
      let found = self.validator.fieldErrors(of: value, as: parent)
      if !found.isEmpty { errors.set(.record(found), at: [reference.field]) }
    }
    return ValidationFailure(errors)
  }

  private static func uniqueField(of schema: EntitySchema, in value: JSONObject) -> (String, String)? {
    for field in schema.record.fields where field.traits.contains(.unique) || field.name == schema.endpointKey {
      if let text = value[field.name]?.stringValue { return (field.name, text) }
    }
    return nil
  }

  private static func unresolved(_ faults: [(path: String, message: String)]) -> DataError {
    var fields: JSONObject = [:]
    for fault in faults { fields.set(.string(fault.message), at: fault.path.split(separator: ".").map(String.init)) }
    let list = faults.map { "\($0.path): \($0.message)" }.joined(separator: "; ")
    return DataError(
      .foreignKeysUnresolved, "foreign keys unresolved",
      faults.count == 1 ? "foreign key unresolved (\(list))" : "\(faults.count) foreign keys unresolved (\(list))",
      fields: .object(fields))
  }

  // MARK: Shape

  /// Ids in lower case, as stores compare them.
  private static func canonical(_ object: JSONObject, _ schema: EntitySchema) -> JSONObject {
    var object = object
    object["ws_id"] = nil
    if schema.primaryKey == ["id"], let id = object["id"]?.stringValue { object["id"] = .string(id.lowercased()) }
    for reference in schema.references {
      if let id = object[reference.field]?["id"]?.stringValue {
        object[reference.field] = ["id": .string(id.lowercased())]
      }
    }
    return object
  }

  /// A stored entity with the fields that its schema has got since it was written.
  static func completed(_ object: JSONObject, _ schema: EntitySchema) -> JSONObject {
    let record = schema.record(for: object) ?? schema.record
    var object = object
    for field in record.fields where object[field.name] == nil && !field.traits.contains(.transient) {
      object[field.name] = field.defaultValue ?? .null
    }
    return object
  }

  /// An entity as answers show it.
  func presented(_ stored: StoredEntity, _ schema: EntitySchema) async throws(DataError) -> JSONObject {
    var object = Self.completed(stored.object, schema)
    if schema.name == PluginEntity.collection, let record = schema.record(for: object) {
      object = record.mirroringOldNames(object)
    }
    if schema.hasTTL {
      object["ttl"] = stored.expiresAt.map { .int(Int64(max(0, ($0 - self.now()).rounded(.down)))) } ?? .null
    }
    if schema.name == Certificate.collection {
      object["snis"] = .array(try await self.serverNames(of: stored.key(schema)).map { .string($0) })
    }
    return object
  }
}
