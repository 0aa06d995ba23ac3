// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonModel
public import GibbonSchema

/// The rules of single collections that look beyond one entity.
extension DataAccess {
  /// What Kong says before it validates.
  func checkBeforeValidation(_ input: JSONObject, _ schema: EntitySchema) async throws(DataError) {
    if schema.name == Certificate.collection { try self.checkDuplicateNames(input) }
  }

  /// Checks a draft against other entities and returns the writes that go with it.
  func applyRules(
    to draft: inout Draft, replacing existing: StoredEntity?, _ schema: EntitySchema
  ) async throws(DataError) -> [EntityWrite] {
    switch schema.name {
    case Certificate.collection: return try await self.serverNameWrites(for: draft, replacing: existing, schema)
    case PluginEntity.collection:
      try await self.checkProtocols(of: draft)
      return []
    default: return []
    }
  }

  /// What must be deleted before the entity, or an error when it may not be.
  func deletionsBefore(_ entity: StoredEntity, _ schema: EntitySchema) async throws(DataError) -> [EntityWrite] {
    switch schema.name {
    case Certificate.collection:
      return try await self.serverNameEntities(of: entity.key(schema)).map { .delete(SNIsSchema.schema, id: $0.id) }
    case CACertificate.collection:
      try await self.checkUnused(caCertificate: entity.key(schema))
      return []
    default: return []
    }
  }

  // MARK: Plugins

  /// A plugin shares a protocol with the route it is on, or with a route of its service.
  private func checkProtocols(of draft: Draft) async throws(DataError) {
    let own = Self.protocols(draft.object)
    if let id = draft.object["route"]?["id"]?.stringValue {
      guard let route = try await self.entity(id, in: Route.collection) else { return }
      guard own.isDisjoint(with: Self.protocols(route)) else { return }
      throw .schemaViolation("protocols", "must match the associated route's protocols")
    }
    guard let id = draft.object["service"]?["id"]?.stringValue, let routes = self.registry.schema(named: "routes")
    else { return }
    var request = PageRequest(size: Self.scanPage, parent: .init(field: "service", id: id))
    var sawRoutes = false
    repeat {
      let wanted = request
      let page = try await self.reading { (store) throws(StoreError) in try await store.page(wanted, of: routes) }
      if page.entities.contains(where: { !own.isDisjoint(with: Self.protocols($0.object)) }) { return }
      sawRoutes = sawRoutes || !page.entities.isEmpty
      request.after = page.next
    } while request.after != nil
    if sawRoutes {
      throw .schemaViolation(
        "protocols", "must match the protocols of at least one route pointing to this Plugin's service")
    }
  }

  private static let scanPage = 1000

  private static func protocols(_ object: JSONObject) -> Set<String> {
    Set((object["protocols"]?.arrayValue ?? []).compactMap(\.stringValue))
  }

  private func entity(_ id: String, in collection: String) async throws(DataError) -> JSONObject? {
    guard let schema = self.registry.schema(named: collection) else { return nil }
    return try await self.reading { (store) throws(StoreError) in try await store.find(.id(id), in: schema) }?.object
  }

  // MARK: CA certificates

  /// Services name authorities without a foreign key, so that only reading them tells.
  private func checkUnused(caCertificate id: String) async throws(DataError) {
    let services = ServicesSchema.schema
    var request = PageRequest(size: Self.scanPage)
    repeat {
      let wanted = request
      let page = try await self.reading { (store) throws(StoreError) in try await store.page(wanted, of: services) }
      for service in page.entities
      where service.object["ca_certificates"]?.arrayValue?.contains(.string(id)) == true {
        throw DataError(
          .referencedByOthers, "referenced by others",
          "ca certificate \(id) is still referenced by services (id = \(service.key(services)))")
      }
      request.after = page.next
    } while request.after != nil
  }
}

extension DataAccess {
  /// A new id, for what is made and linked in one request.
  public func makeID() -> EntityID { self.validator.makeID() }

  /// A target of an upstream by id or by `host:port`, as it is shown.
  public func target(
    _ text: String, of upstream: String, workspace: EntityID
  ) async throws(DataError) -> JSONObject? {
    try await self.child(
      text, key: "target", of: .init(field: "upstream", id: upstream), in: TargetsSchema.schema, workspace: workspace)
  }

  /// An entity by id, or by the field that is unique among the entities of its parent, as it is shown.
  public func child(
    _ text: String, key: String, of parent: PageRequest.Parent, in schema: EntitySchema, workspace: EntityID
  ) async throws(DataError) -> JSONObject? {
    let lookup: EntityLookup =
      EntityID(text).map { .id($0.description) }
      ?? .composite([parent.field: ["id": .string(parent.id)], key: .string(text)], workspace: workspace)
    let found = try await self.reading { (store) throws(StoreError) in try await store.find(lookup, in: schema) }
    guard let found else { return nil }
    return try await self.presented(found, schema)
  }

  /// Uses of tags.
  public func tags(_ request: TagRequest) async throws(DataError) -> TagPage {
    try await self.reading { (store) throws(StoreError) in try await store.tags(request) }
  }
}
