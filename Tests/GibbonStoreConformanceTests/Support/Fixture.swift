// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore

/// A store that is set up, its clock, and short ways to fill and read it.
struct Fixture: Sendable {
  let store: any Store
  let clock: ManualClock

  /// Runs `body` with a store of its own.
  static func with(_ kind: StoreUnderTest, _ body: (Fixture) async throws -> Void) async throws {
    try await Self.make(kind, isSetUp: true) { fixture in
      try await fixture.store.migrate(Schemas.plan) { _ in }
      try await body(fixture)
    }
  }

  /// Runs `body` with a store that has not seen a migration.
  static func withoutLayout(_ kind: StoreUnderTest, _ body: (Fixture) async throws -> Void) async throws {
    try await Self.make(kind, isSetUp: false, body)
  }

  private static func make(
    _ kind: StoreUnderTest, isSetUp: Bool, _ body: (Fixture) async throws -> Void
  ) async throws {
    let clock = ManualClock()
    let made = try await kind.make(registry: Schemas.registry, now: { clock.now }, isSetUp: isSetUp)
    let result: Result<Void, any Error>
    do { result = .success(try await body(Fixture(store: made.store, clock: clock))) } catch {
      result = .failure(error)
    }
    await made.store.close()
    await made.discard()
    try result.get()
  }

  @discardableResult func insert(_ schema: EntitySchema, _ entities: StoredEntity...) async throws(StoreError)
    -> Revision
  { try await self.store.commit(entities.map { .insert(schema, $0) }) }

  @discardableResult func put(_ schema: EntitySchema, _ entity: StoredEntity) async throws(StoreError) -> Revision {
    try await self.store.commit([.put(schema, entity)])
  }

  @discardableResult func delete(_ schema: EntitySchema, _ number: Int) async throws(StoreError) -> Revision {
    try await self.store.commit([.delete(schema, id: Sample.id(number))])
  }

  func find(_ schema: EntitySchema, _ number: Int) async throws(StoreError) -> StoredEntity? {
    try await self.store.find(.id(Sample.id(number)), in: schema)
  }

  func find(_ schema: EntitySchema, _ field: String, _ value: String, in workspace: EntityID? = Workspace.defaultID)
    async throws(StoreError) -> StoredEntity?
  { try await self.store.find(.unique(field: field, value: value, workspace: workspace), in: schema) }

  /// The numbers of the entities on a page.
  func numbers(_ schema: EntitySchema, size: Int = 1000, _ change: (inout PageRequest) -> Void = { _ in })
    async throws(StoreError) -> [Int]
  {
    var request = PageRequest(size: size)
    change(&request)
    return try await self.store.page(request, of: schema).entities.map { Sample.number($0.key(schema)) }
  }

  func changes(after revision: Revision) async throws(StoreError) -> [Change] {
    let batch = try await self.store.changes(after: revision)
    return batch.changes.map { Change($0.collection, Sample.number($0.id), isThere: $0.entity != nil) }
  }

  struct Change: Hashable {
    let collection: String
    let number: Int
    let isThere: Bool

    init(_ collection: String, _ number: Int, isThere: Bool = true) {
      self.collection = collection
      self.number = number
      self.isThere = isThere
    }
  }
}

/// Small entities. They are known by numbers, and their ids are in the numbers' order.
enum Sample {
  static func id(_ number: Int) -> String {
    EntityID(high: 0x4000, low: 0x8000_0000_0000_0000 | UInt64(number)).description
  }

  static func number(_ id: String) -> Int { EntityID(id).map { Int($0.low & 0xFFFF_FFFF) } ?? -1 }

  static func reference(_ number: Int) -> JSONValue { ["id": .string(Self.id(number))] }

  static func entity(
    _ number: Int, _ fields: JSONObject, in workspace: EntityID? = Workspace.defaultID, expiresAt: Double? = nil
  ) -> StoredEntity {
    var object: JSONObject = ["id": .string(Self.id(number))]
    for member in fields { object[member.key] = member.value }
    return StoredEntity(object, workspace: workspace, expiresAt: expiresAt)
  }

  static func consumer(
    _ number: Int, _ username: String? = nil, tags: [String]? = nil, in workspace: EntityID = Workspace.defaultID
  ) -> StoredEntity {
    Self.entity(
      number,
      [
        "username": .string(username ?? "user-\(number)"), "custom_id": .null,
        "tags": tags.map { .array($0.map { .string($0) }) } ?? .null,
      ], in: workspace)
  }

  static func credential(_ number: Int, _ key: String, of consumer: Int, expiresAt: Double? = nil) -> StoredEntity {
    Self.entity(number, ["key": .string(key), "consumer": Self.reference(consumer)], expiresAt: expiresAt)
  }

  static func token(_ number: Int, of credential: Int, service: Int? = nil, expiresAt: Double? = nil) -> StoredEntity {
    Self.entity(
      number,
      [
        "token": .string("token-\(number)"), "credential": Self.reference(credential),
        "service": service.map(Self.reference) ?? .null,
      ], expiresAt: expiresAt)
  }

  static func service(_ number: Int) -> StoredEntity {
    Self.entity(number, ["name": .string("service-\(number)"), "host": "example.com", "client_certificate": .null])
  }

  static func route(_ number: Int, of service: Int) -> StoredEntity {
    Self.entity(number, ["name": .string("route-\(number)"), "service": Self.reference(service)])
  }

  static func target(_ number: Int, _ address: String, of upstream: Int) -> StoredEntity {
    Self.entity(number, ["target": .string(address), "upstream": Self.reference(upstream)])
  }

  static func plugin(_ number: Int, route: Int? = nil, service: Int? = nil, consumer: Int? = nil) -> StoredEntity {
    Self.entity(
      number,
      [
        "name": "test-auth", "instance_name": .null, "route": route.map(Self.reference) ?? .null,
        "service": service.map(Self.reference) ?? .null, "consumer": consumer.map(Self.reference) ?? .null,
      ])
  }

  /// A workspace besides the default one; entities are put into it by its id.
  static func workspace(_ number: Int) -> StoredEntity {
    Self.entity(number, ["name": .string("workspace-\(number)")], in: nil)
  }

  static func workspaceID(_ number: Int) -> EntityID {
    EntityID(high: 0x4000, low: 0x8000_0000_0000_0000 | UInt64(number))
  }
}
