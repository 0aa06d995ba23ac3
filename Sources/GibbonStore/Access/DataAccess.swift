// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// Reads and writes entities as the Admin API, imports and exports do: input is validated and completed, references
/// by name are resolved, refusals come as Kong's errors, and what is written has taken effect on this node when the
/// call returns.
public struct DataAccess: Sendable {
  public let store: any Store
  public let registry: EntityRegistry
  /// Whether entities come from a declarative file and cannot be written one by one.
  public let isReadOnly: Bool
  /// Judges entities before they are written; nil lets everything valid pass.
  let inspection: (any EntityInspection)?
  let now: @Sendable () -> Double
  /// Told of deprecated fields in what is written, and of certificates that clients will not like.
  let warn: @Sendable (String) -> Void
  /// Called with the revision of each commit; returns when this node serves it.
  let committed: @Sendable (Revision) async -> Void

  /// Attempts of a read-change-write that others interfere with.
  static let patchAttempts = 32

  public init(
    store: any Store, registry: EntityRegistry, isReadOnly: Bool = false,
    inspection: (any EntityInspection)? = nil, now: @escaping @Sendable () -> Double,
    warn: @escaping @Sendable (String) -> Void = { _ in },
    committed: @escaping @Sendable (Revision) async -> Void = { _ in }
  ) {
    self.store = store
    self.registry = registry
    self.isReadOnly = isReadOnly
    self.inspection = inspection
    self.now = now
    self.warn = warn
    self.committed = committed
  }

  public var validator: Validator { Validator(now: self.now()) }

  /// What the input would be, without looking at other entities and without storing it.
  public func validated(_ input: JSONObject, as schema: EntitySchema) -> Result<JSONObject, ValidationFailure> {
    self.validator.validate(object: input, as: schema)
  }

  // MARK: Addresses

  /// What a path segment names: an id where it looks like one, else the endpoint key.
  public func address(of text: String, in schema: EntitySchema) throws(DataError) -> EntityAddress {
    if let id = EntityID(text) { return .id(id.description) }
    guard let key = schema.endpointKey, let field = schema.record.field(named: key) else {
      throw .invalidPrimaryKey()
    }
    let single = RecordSchema([field.with(.required)])
    if case .failure(let failure) = self.validator.validate(.object([key: .string(text)]), as: single),
      case .message(let message)? = failure.errors.fields[key]
    {
      throw DataError(.invalidUnique, "invalid unique \(key)", message)
    }
    return .key(field: key, value: text)
  }

  func lookup(_ address: EntityAddress, _ schema: EntitySchema, _ workspace: EntityID) -> EntityLookup {
    switch address {
    case .id(let id): .id(id)
    case .key(let field, let value):
      .unique(field: field, value: value, workspace: schema.isWorkspaceable ? workspace : nil)
    }
  }

  // MARK: Reading

  /// The entity as it is shown, or nil.
  public func select(
    _ address: EntityAddress, in schema: EntitySchema, workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> JSONObject? {
    guard let stored = try await self.stored(address, in: schema, workspace: workspace) else { return nil }
    return try await self.presented(stored, schema)
  }

  /// The entity as it is stored, or nil.
  func stored(
    _ address: EntityAddress, in schema: EntitySchema, workspace: EntityID
  ) async throws(DataError) -> StoredEntity? {
    let lookup = self.lookup(address, schema, workspace)
    return try await self.reading { (store) throws(StoreError) in try await store.find(lookup, in: schema) }
  }

  /// A page of entities as they are shown.
  public func page(
    _ request: PageRequest, of schema: EntitySchema
  ) async throws(DataError) -> (entities: [JSONObject], next: String?) {
    let page = try await self.reading { (store) throws(StoreError) in try await store.page(request, of: schema) }
    var entities: [JSONObject] = []
    entities.reserveCapacity(page.entities.count)
    for stored in page.entities { entities.append(try await self.presented(stored, schema)) }
    return (entities, page.next)
  }

  /// All entities that exports carry, by collection, as they are stored.
  public func exportedRows() async throws(DataError) -> [String: [JSONObject]] {
    // There is one workspace, everywhere the same.
    let unexported = [TagsSchema.collection, Workspace.collection]
    let schemas = self.registry.schemas.filter { $0.isExported && !unexported.contains($0.name) }
    let snapshot = try await self.reading { (store) throws(StoreError) in try await store.snapshot(of: schemas) }
    return snapshot.rows.mapValues { $0.map(\.object) }
  }

  func reading<Value: Sendable>(
    _ body: (any Store) async throws(StoreError) -> Value
  ) async throws(DataError) -> Value {
    do {
      return try await body(self.store)
    } catch {
      throw DataError(error)
    }
  }

  // MARK: Writing

  /// A new entity.
  ///
  /// - Returns: it, as it is shown.
  public func insert(
    _ input: JSONObject, into schema: EntitySchema, workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> JSONObject {
    let draft = try await self.draft(input, schema, workspace)
    try self.refuseIfReadOnly("create", schema)
    let (related, entity) = try await self.finished(draft, replacing: nil, schema)
    do throws(StoreError) {
      try await self.commitRaw([.insert(schema, entity)] + related)
    } catch {
      throw try await self.refusal(of: entity, error, schema)
    }
    return try await self.presented(entity, schema)
  }

  /// Of an id and another unique field that are both taken, the id is named, whichever the store met first.
  private func refusal(
    of entity: StoredEntity, _ error: StoreError, _ schema: EntitySchema
  ) async throws(DataError) -> DataError {
    guard case .unique(let collection, _) = error, collection == schema.name else { return DataError(error) }
    let id = entity.key(schema)
    let taken = try await self.reading { (store) throws(StoreError) in try await store.find(.id(id), in: schema) }
    return DataError(taken == nil ? error : .primaryKey(collection: collection, id: id))
  }

  /// Makes an entity what the input says, whether there was one or not: fields that are not given take their defaults.
  public func upsert(
    _ input: JSONObject, at address: EntityAddress, in schema: EntitySchema, workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> JSONObject {
    var input = input
    let existing = try await self.stored(address, in: schema, workspace: workspace)
    switch address {
    case .id(let id): input["id"] = .string(id)
    case .key(let field, let value):
      input[field] = .string(value)
      if let existing { input["id"] = .string(existing.key(schema)) }
    }
    let draft = try await self.draft(input, schema, workspace)
    try self.refuseIfReadOnly("create or update", schema, address)
    let (related, entity) = try await self.finished(draft, replacing: existing, schema)
    // An id in the body that belongs to another entity must not overwrite that one.
    let isNewByKey = existing == nil && address.keyField != nil
    try await self.commit([isNewByKey ? .insert(schema, entity) : .put(schema, entity)] + related)
    return try await self.presented(entity, schema)
  }

  /// Changes some fields of an entity.
  ///
  /// - Throws: `.notFound` when there is none.
  public func patch(
    _ input: JSONObject, at address: EntityAddress, in schema: EntitySchema, workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> JSONObject {
    for _ in 0..<Self.patchAttempts {
      guard let existing = try await self.stored(address, in: schema, workspace: workspace) else {
        throw .notFound(address)
      }
      let draft = try await self.patchDraft(input, existing, address, schema, workspace)
      try self.refuseIfReadOnly("update", schema, address)
      let (related, entity) = try await self.finished(draft, replacing: existing, schema)
      do throws(StoreError) {
        try await self.commitRaw([.replace(schema, entity, revision: existing.revision)] + related)
      } catch .conflict {
        // Somebody was faster: begin again with what they left.
        continue
      } catch {
        throw DataError(error)
      }
      return try await self.presented(entity, schema)
    }
    throw DataError(.conflict(collection: schema.name, id: ""))
  }

  /// Deletes an entity and what belongs to it.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public func delete(
    _ address: EntityAddress, in schema: EntitySchema, workspace: EntityID = Workspace.defaultID
  ) async throws(DataError) -> Bool {
    guard let existing = try await self.stored(address, in: schema, workspace: workspace) else { return false }
    try self.refuseIfReadOnly("remove", schema, address)
    let before = try await self.deletionsBefore(existing, schema)
    try await self.commit(before + [.delete(schema, id: existing.key(schema))])
    return true
  }

  private func refuseIfReadOnly(
    _ verb: String, _ schema: EntitySchema, _ address: EntityAddress? = nil
  ) throws(DataError) {
    if self.isReadOnly { throw .unsupported(verb, schema, by: address?.keyField) }
  }

  func commit(_ writes: [EntityWrite]) async throws(DataError) {
    do throws(StoreError) {
      try await self.commitRaw(writes)
    } catch {
      throw DataError(error)
    }
  }

  func commitRaw(_ writes: [EntityWrite]) async throws(StoreError) {
    await self.committed(try await self.store.commit(writes))
  }
}
