// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonModel
public import GibbonSchema

/// The rules of single collections that look beyond one entity.
extension DataAccess {
  /// What Kong says before it validates.
  ///
  /// - Parameter existing: what a patch changes.
  func checkBeforeValidation(
    _ input: JSONObject, _ schema: EntitySchema, replacing existing: StoredEntity?, _ workspace: EntityID
  ) async throws(DataError) {
    switch schema.name {
    case Certificate.collection:
      let own = existing?.key(schema) ?? input["id"]?.stringValue?.lowercased()
      try await self.checkNames(input, of: own, workspace)
    case PluginEntity.collection: try await self.checkProtocols(input, replacing: existing?.object)
    default: break
    }
  }

  /// Checks a draft against other entities and returns the writes that go with it.
  func applyRules(
    to draft: inout Draft, replacing existing: StoredEntity?, _ schema: EntitySchema
  ) async throws(DataError) -> [EntityWrite] {
    switch schema.name {
    case Certificate.collection: return try await self.serverNameWrites(for: draft, replacing: existing, schema)
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

  /// A plugin that says its protocols shares one with the route it is on, or with a route of its service. What it has
  /// by default is not held against it.
  private func checkProtocols(_ input: JSONObject, replacing existing: JSONObject?) async throws(DataError) {
    var given: [String: JSONValue] = [:]
    for name in ["protocols", "route", "service"] { given[name] = input[name].flatMap { $0.isNull ? nil : $0 } }
    if given.isEmpty { return }
    if let existing {
      for name in ["protocols", "route", "service"] where given[name] == nil { given[name] = existing[name] }
    }
    guard let listed = given["protocols"]?.arrayValue else { return }
    let own = Set(listed.compactMap(\.stringValue))
    if let reference = given["route"]?.objectValue {
      guard let id = reference["id"]?.stringValue, let route = try await self.entity(id, in: Route.collection)
      else { return }
      guard own.isDisjoint(with: Self.protocols(route)) else { return }
      throw .schemaViolation("protocols", "must match the associated route's protocols")
    }
    guard let id = given["service"]?["id"]?.stringValue.flatMap({ EntityID($0) })?.description,
      let routes = self.registry.schema(named: "routes")
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
    guard let id = EntityID(id)?.description else { return nil }
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
