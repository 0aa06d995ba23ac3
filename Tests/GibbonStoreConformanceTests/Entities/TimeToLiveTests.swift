// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// Entities that have an end.
  @Suite struct TimeToLive {
    /// Consumer 1 with credential 2, which ends in ten seconds, and 3, which stays.
    private static func with(_ kind: StoreUnderTest, _ body: (Fixture) async throws -> Void) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        try await fixture.insert(
          Schemas.credentials, Sample.credential(2, "short", of: 1, expiresAt: fixture.clock.now + 10),
          Sample.credential(3, "long", of: 1))
        try await body(fixture)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itIsThereUntilItsEnd(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture async throws in
        let end = fixture.clock.now + 10
        fixture.clock.advance(by: 9.5)
        #expect(try await fixture.find(Schemas.credentials, 2)?.expiresAt == end)
        #expect(try await fixture.find(Schemas.credentials, 3)?.expiresAt == nil)
        #expect(try await fixture.numbers(Schemas.credentials) == [2, 3])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func nobodySeesItAfterwards(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        let before = try await fixture.store.changes(after: 0)
        #expect(before.changes.contains { $0.id == Sample.id(2) && $0.entity != nil })
        fixture.clock.advance(by: 10)
        #expect(try await fixture.find(Schemas.credentials, 2) == nil)
        #expect(try await fixture.find(Schemas.credentials, "key", "short") == nil)
        #expect(try await fixture.numbers(Schemas.credentials) == [3])
        let ofParent = try await fixture.numbers(Schemas.credentials) {
          $0.parent = .init(field: "consumer", id: Sample.id(1))
        }
        #expect(ofParent == [3])
        let snapshot = try await fixture.store.snapshot(of: [Schemas.credentials])
        #expect(snapshot.rows["test_credentials"]?.map { $0.key(Schemas.credentials) } == [Sample.id(3)])
        let after = try await fixture.store.changes(after: 0)
        #expect(after.changes.contains { $0.id == Sample.id(2) && $0.entity == nil })
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itsKeysAreFreeAfterwards(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        let clash = StoreError.unique(collection: "test_credentials", fields: ["key": "short"])
        await #expect(throws: clash) {
          try await fixture.insert(Schemas.credentials, Sample.credential(4, "short", of: 1))
        }
        await #expect(throws: StoreError.primaryKey(collection: "test_credentials", id: Sample.id(2))) {
          try await fixture.insert(Schemas.credentials, Sample.credential(2, "other", of: 1))
        }
        fixture.clock.advance(by: 10)
        try await fixture.insert(Schemas.credentials, Sample.credential(4, "short", of: 1))
        try await fixture.insert(Schemas.credentials, Sample.credential(2, "other", of: 1))
        #expect(try await fixture.numbers(Schemas.credentials) == [2, 3, 4])
        #expect(try await fixture.find(Schemas.credentials, "key", "short")?.object["id"] == .string(Sample.id(4)))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anotherMayTakeItsKeyByAPut(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        let revision = try await fixture.store.revision()
        fixture.clock.advance(by: 10)
        try await fixture.put(Schemas.credentials, Sample.credential(3, "short", of: 1))
        #expect(try await fixture.numbers(Schemas.credentials) == [3])
        #expect(
          Set(try await fixture.changes(after: revision)) == [
            .init("test_credentials", 2, isThere: false), .init("test_credentials", 3),
          ])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itsEndCanBeMoved(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        try await fixture.put(Schemas.credentials, Sample.credential(2, "short", of: 1))
        try await fixture.put(
          Schemas.credentials, Sample.credential(3, "long", of: 1, expiresAt: fixture.clock.now + 5))
        fixture.clock.advance(by: 10)
        #expect(try await fixture.numbers(Schemas.credentials) == [2])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itCannotBeReplacedAfterwards(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        let read = try #require(try await fixture.find(Schemas.credentials, 2))
        let later = Sample.credential(2, "short", of: 1, expiresAt: fixture.clock.now + 100)
        fixture.clock.advance(by: 10)
        await #expect(throws: StoreError.missing(collection: "test_credentials", id: Sample.id(2))) {
          _ = try await fixture.store.commit([.replace(Schemas.credentials, later, revision: read.revision)])
        }
        #expect(try await fixture.find(Schemas.credentials, 2) == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itDoesNotRestrictAfterwards(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10))
        try await fixture.insert(
          Schemas.tokens, Sample.token(20, of: 3, service: 10, expiresAt: fixture.clock.now + 10))
        await #expect(throws: StoreError.referenced(collection: "services", by: "test_tokens")) {
          try await fixture.delete(Schemas.services, 10)
        }
        fixture.clock.advance(by: 10)
        try await fixture.delete(Schemas.services, 10)
        #expect(try await fixture.numbers(Schemas.services).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func purgingDeletesIt(kind: StoreUnderTest) async throws {
      try await Self.with(kind) { fixture in
        try await fixture.insert(Schemas.tokens, Sample.token(20, of: 2))
        let revision = try await fixture.store.revision()
        #expect(try await fixture.store.purgeExpired() == 0)
        #expect(try await fixture.changes(after: revision).isEmpty)
        fixture.clock.advance(by: 10)
        #expect(try await fixture.store.purgeExpired() == 1)
        #expect(try await fixture.store.purgeExpired() == 0)
        // What it cascades to goes too.
        #expect(
          try await fixture.changes(after: revision) == [
            .init("test_tokens", 20, isThere: false), .init("test_credentials", 2, isThere: false),
          ])
        #expect(try await fixture.numbers(Schemas.credentials) == [3])
        #expect(try await fixture.numbers(Schemas.tokens).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func collectionsWithoutTimeToLiveIgnoreIt(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.entity(1, ["username": "a"], expiresAt: fixture.clock.now))
        #expect(try await fixture.find(Schemas.consumers, 1)?.expiresAt == nil)
        #expect(try await fixture.find(Schemas.consumers, 1) != nil)
        #expect(try await fixture.store.purgeExpired() == 0)
      }
    }
  }
}
