// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonModel
public import GibbonSchema

/// Looks at an entity before it is stored, for what its schema cannot see: whether it could be served.
public protocol EntityInspection: Sendable {
  /// What must be looked up to judge an entity; nil where there is nothing to judge.
  func needs(of entity: JSONObject, as schema: EntitySchema) -> InspectionNeeds?
  /// What is wrong with a valid entity.
  func faults(in entity: JSONObject, as schema: EntitySchema, knowing found: InspectionFindings) -> RecordErrors
}

/// Other entities that an inspection asks for.
public struct InspectionNeeds: Sendable, Hashable {
  /// Consumers by id or username.
  public var consumers: Set<String>
  /// Vaults by prefix.
  public var vaults: Set<String>

  public init(consumers: Set<String> = [], vaults: Set<String> = []) {
    self.consumers = consumers
    self.vaults = vaults
  }
}

/// Those of the entities asked for that there are, by what they were asked for with.
public struct InspectionFindings: Sendable {
  public var consumers: [String: Consumer]
  public var vaults: [String: Vault]

  public init(consumers: [String: Consumer] = [:], vaults: [String: Vault] = [:]) {
    self.consumers = consumers
    self.vaults = vaults
  }
}

extension DataAccess {
  /// Reads documents of entities as this access would write them.
  public var parser: DeclarativeParser {
    DeclarativeParser(registry: self.registry, validator: self.validator, inspection: self.inspection)
  }

  /// Refuses an entity that could not be served.
  ///
  /// - Parameter declared: entities that will be there too, which count before those that are stored.
  func inspect(
    _ entity: JSONObject, _ schema: EntitySchema, among declared: DeclaredEntities? = nil
  ) async throws(DataError) {
    guard let inspection = self.inspection, let needs = inspection.needs(of: entity, as: schema) else { return }
    var found = declared?.findings(for: needs) ?? InspectionFindings()
    for name in needs.consumers where found.consumers[name] == nil {
      let lookup: EntityLookup =
        EntityID(name).map { .id($0.description) } ?? .unique(field: "username", value: name, workspace: nil)
      found.consumers[name] = try await self.find(lookup, ConsumersSchema.schema).flatMap { Consumer(validated: $0) }
    }
    for prefix in needs.vaults where found.vaults[prefix] == nil {
      let lookup = EntityLookup.unique(field: "prefix", value: prefix, workspace: nil)
      found.vaults[prefix] = try await self.find(lookup, VaultsSchema.schema).flatMap { Vault(validated: $0) }
    }
    let errors = inspection.faults(in: entity, as: schema, knowing: found)
    if !errors.isEmpty { throw .schemaViolation(ValidationFailure(errors)) }
  }

  private func find(_ lookup: EntityLookup, _ schema: EntitySchema) async throws(DataError) -> JSONObject? {
    try await self.reading { (store) throws(StoreError) in try await store.find(lookup, in: schema) }?.object
  }
}

/// The consumers and vaults of one document, found as inspections ask for them.
struct DeclaredEntities: Sendable {
  private let consumersByID: [EntityID: Consumer]
  private let consumersByName: [String: Consumer]
  private let vaults: [String: Vault]

  init(_ configuration: DeclarativeConfiguration) {
    self.consumersByID = Dictionary(configuration.consumers.map { ($0.id, $0) }) { first, _ in first }
    self.consumersByName = Dictionary(configuration.consumers.compactMap { one in one.username.map { ($0, one) } }) {
      first, _ in first
    }
    self.vaults = Dictionary(configuration.vaults.map { ($0.prefix, $0) }) { first, _ in first }
  }

  func findings(for needs: InspectionNeeds) -> InspectionFindings {
    var found = InspectionFindings()
    for name in needs.consumers {
      found.consumers[name] = EntityID(name).flatMap { self.consumersByID[$0] } ?? self.consumersByName[name]
    }
    for prefix in needs.vaults { found.vaults[prefix] = self.vaults[prefix] }
    return found
  }
}
