// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// Foreign fields, and what a deletion does.
  @Suite struct References {
    @Test(arguments: StoreUnderTest.allCases)
    func aForeignFieldNeedsItsEntity(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let missing = StoreError.foreign(field: "service", collection: "services", id: Sample.id(10))
        await #expect(throws: missing) { try await fixture.insert(Schemas.routes, Sample.route(1, of: 10)) }
        try await fixture.insert(Schemas.services, Sample.service(10))
        try await fixture.insert(Schemas.routes, Sample.route(1, of: 10))
        let elsewhere = StoreError.foreign(field: "service", collection: "services", id: Sample.id(11))
        await #expect(throws: elsewhere) { try await fixture.put(Schemas.routes, Sample.route(1, of: 11)) }
        #expect(try await fixture.find(Schemas.routes, 1)?.object["service"] == Sample.reference(10))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsFoundTogetherWithItsParent(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let service = try await fixture.insert(Schemas.services, Sample.service(10))
        let route = try await fixture.insert(Schemas.routes, Sample.route(1, of: 10))
        try await fixture.insert(Schemas.routes, Sample.entity(2, ["name": "r", "service": .null]))
        func find(_ number: Int, with field: String = "service") async throws -> (StoredEntity, StoredEntity)? {
          try await fixture.store.find(.id(Sample.id(number)), in: Schemas.routes, with: field, in: Schemas.services)
        }
        let found = try #require(try await find(1))
        #expect(found.0.object == Sample.route(1, of: 10).object && found.0.revision == route)
        #expect(found.1.object == Sample.service(10).object && found.1.revision == service)
        #expect(found.0.workspace == Workspace.defaultID && found.1.workspace == Workspace.defaultID)
        for number in [2, 3] { #expect(try await find(number) == nil) }
      }
    }

    /// The credentials of the hot path: found by their key, with an end of their own.
    @Test(arguments: StoreUnderTest.allCases)
    func aCredentialIsFoundWithItsConsumerUntilItEnds(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        let end = fixture.clock.now + 10
        try await fixture.insert(Schemas.credentials, Sample.credential(2, "key-2", of: 1, expiresAt: end))
        func find(_ key: String) async throws -> (StoredEntity, StoredEntity)? {
          try await fixture.store.find(
            .unique(field: "key", value: key, workspace: nil), in: Schemas.credentials, with: "consumer",
            in: Schemas.consumers)
        }
        let found = try #require(try await find("key-2"))
        #expect(found.0.key(Schemas.credentials) == Sample.id(2) && found.0.expiresAt == end)
        #expect(found.1.object["username"] == "ada" && found.1.expiresAt == nil)
        #expect(try await find("key-3") == nil)
        fixture.clock.advance(by: 11)
        #expect(try await find("key-2") == nil, "its time is over")
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aForeignFieldMayBeNull(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.routes, Sample.entity(1, ["name": "r", "service": .null]))
        #expect(try await fixture.numbers(Schemas.routes) == [1])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aWorkspaceMustExist(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        let missing = StoreError.foreign(field: "ws_id", collection: "workspaces", id: Sample.id(90))
        await #expect(throws: missing) {
          try await fixture.insert(Schemas.consumers, Sample.consumer(1, in: Sample.workspaceID(90)))
        }
        await #expect(throws: StoreError.self) {
          try await fixture.insert(Schemas.consumers, Sample.entity(1, ["username": "a"], in: nil))
        }
        #expect(try await fixture.numbers(Schemas.consumers).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aReferenceMayRestrictTheDeletion(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10))
        let revision = try await fixture.insert(Schemas.routes, Sample.route(1, of: 10))
        await #expect(throws: StoreError.referenced(collection: "services", by: "routes")) {
          try await fixture.delete(Schemas.services, 10)
        }
        #expect(try await fixture.store.revision() == revision)
        try await fixture.delete(Schemas.routes, 1)
        try await fixture.delete(Schemas.services, 10)
        #expect(try await fixture.numbers(Schemas.services).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aReferenceThatWasChangedDoesNotRestrict(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10), Sample.service(11))
        try await fixture.insert(Schemas.routes, Sample.route(1, of: 10))
        try await fixture.put(Schemas.routes, Sample.route(1, of: 11))
        try await fixture.delete(Schemas.services, 10)
        await #expect(throws: StoreError.referenced(collection: "services", by: "routes")) {
          try await fixture.delete(Schemas.services, 11)
        }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aWorkspaceWithEntitiesStays(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.workspaces, Sample.workspace(90), Sample.workspace(91))
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, in: Sample.workspaceID(90)))
        await #expect(throws: StoreError.referenced(collection: "workspaces", by: "consumers")) {
          try await fixture.delete(Schemas.workspaces, 90)
        }
        try await fixture.delete(Schemas.workspaces, 91)
        #expect(try await fixture.find(Schemas.workspaces, 90) != nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aDeletionTakesThoseAlongThatSayCascade(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1), Sample.consumer(2))
        try await fixture.insert(
          Schemas.credentials, Sample.credential(10, "a", of: 1), Sample.credential(11, "b", of: 1),
          Sample.credential(12, "c", of: 2))
        try await fixture.insert(Schemas.tokens, Sample.token(20, of: 10), Sample.token(21, of: 12))
        try await fixture.insert(Schemas.plugins, Sample.plugin(30, consumer: 1), Sample.plugin(31, consumer: 2))
        let before = try await fixture.store.revision()
        try await fixture.delete(Schemas.consumers, 1)
        #expect(try await fixture.numbers(Schemas.consumers) == [2])
        #expect(try await fixture.numbers(Schemas.credentials) == [12])
        #expect(try await fixture.numbers(Schemas.tokens) == [21])
        #expect(try await fixture.numbers(Schemas.plugins) == [31])
        let changes = try await fixture.changes(after: before)
        #expect(
          Set(changes) == [
            .init("consumers", 1, isThere: false), .init("test_credentials", 10, isThere: false),
            .init("test_credentials", 11, isThere: false), .init("test_tokens", 20, isThere: false),
            .init("plugins", 30, isThere: false),
          ])
        #expect(changes.count == 5 && changes.last == .init("consumers", 1, isThere: false))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aCascadeThatMeetsARestrictionChangesNothing(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10))
        try await fixture.insert(Schemas.routes, Sample.route(1, of: 10))
        let revision = try await fixture.insert(Schemas.plugins, Sample.plugin(2, service: 10))
        await #expect(throws: StoreError.referenced(collection: "services", by: "routes")) {
          try await fixture.delete(Schemas.services, 10)
        }
        #expect(try await fixture.numbers(Schemas.plugins) == [2])
        #expect(try await fixture.changes(after: revision).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityWithTwoParentsGoesWithTheFirst(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        try await fixture.insert(Schemas.services, Sample.service(10))
        try await fixture.insert(Schemas.plugins, Sample.plugin(20, service: 10, consumer: 1))
        try await fixture.delete(Schemas.services, 10)
        #expect(try await fixture.numbers(Schemas.plugins).isEmpty)
        try await fixture.delete(Schemas.consumers, 1)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func deletingNothingIsNoError(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        #expect(try await fixture.delete(Schemas.consumers, 2) == revision)
        #expect(try await fixture.changes(after: revision).isEmpty)
        #expect(try await fixture.numbers(Schemas.consumers) == [1])
      }
    }
  }
}
