// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// Inserting, putting, replacing, and all of a commit or nothing.
  @Suite struct Writing {
    @Test(arguments: StoreUnderTest.allCases)
    func putInsertsAndReplaces(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let first = try await fixture.put(Schemas.consumers, Sample.consumer(1, "ada"))
        #expect(try await fixture.find(Schemas.consumers, 1)?.revision == first)
        let second = try await fixture.put(Schemas.consumers, Sample.consumer(1, "bob"))
        #expect(second > first)
        let found = try await fixture.find(Schemas.consumers, 1)
        #expect(found?.object["username"] == "bob" && found?.revision == second)
        #expect(try await fixture.numbers(Schemas.consumers) == [1])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func replaceNeedsTheRevisionThatWasRead(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        let read = try #require(try await fixture.find(Schemas.consumers, 1))
        func replace(_ name: String, _ revision: Revision) async throws(StoreError) -> Revision {
          try await fixture.store.commit([.replace(Schemas.consumers, Sample.consumer(1, name), revision: revision)])
        }
        let changed = try await replace("bob", read.revision)
        #expect(try await fixture.find(Schemas.consumers, 1)?.revision == changed)
        await #expect(throws: StoreError.conflict(collection: "consumers", id: Sample.id(1))) {
          _ = try await replace("eve", read.revision)
        }
        #expect(try await fixture.find(Schemas.consumers, 1)?.object["username"] == "bob")
        try await fixture.delete(Schemas.consumers, 1)
        await #expect(throws: StoreError.missing(collection: "consumers", id: Sample.id(1))) {
          _ = try await replace("eve", changed)
        }
        #expect(try await fixture.find(Schemas.consumers, 1) == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func replaceMeetsTheSameKeys(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"), Sample.consumer(2, "bob"))
        let read = try #require(try await fixture.find(Schemas.consumers, 2))
        await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": "ada"])) {
          _ = try await fixture.store.commit([
            .replace(Schemas.consumers, Sample.consumer(2, "ada"), revision: read.revision)
          ])
        }
        #expect(try await fixture.find(Schemas.consumers, 2) == read)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func ofConcurrentReplacementsOfOneRevisionOneWins(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let read = try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        let wins = await withTaskGroup(of: Bool.self) { group in
          for number in 0..<10 {
            group.addTask {
              let entity = Sample.consumer(1, "name-\(number)")
              return (try? await fixture.store.commit([.replace(Schemas.consumers, entity, revision: read)])) != nil
            }
          }
          return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aCommitMayBuildOnItself(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        _ = try await fixture.store.commit([
          .insert(Schemas.consumers, Sample.consumer(1, "ada")),
          .insert(Schemas.credentials, Sample.credential(2, "k", of: 1)),
          .put(Schemas.consumers, Sample.consumer(1, "bob")), .insert(Schemas.consumers, Sample.consumer(3, "ada")),
          .delete(Schemas.consumers, id: Sample.id(3)),
        ])
        #expect(try await fixture.numbers(Schemas.consumers) == [1])
        #expect(try await fixture.numbers(Schemas.credentials) == [2])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEmptyCommitChangesNothing(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let before = try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        #expect(try await fixture.store.commit([]) == before)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aCommitThatFailsLeavesNoTrace(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["old"]), Sample.consumer(2, "bob"))
        let revision = try await fixture.insert(Schemas.credentials, Sample.credential(3, "k", of: 2))
        let before = try await fixture.store.snapshot(of: [Schemas.consumers, Schemas.credentials])
        await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": "fay"])) {
          _ = try await fixture.store.commit([
            .put(Schemas.consumers, Sample.consumer(1, "eve", tags: ["new"])),
            .delete(Schemas.consumers, id: Sample.id(2)),
            .insert(Schemas.consumers, Sample.consumer(5, "fay", tags: ["new"])),
            .insert(Schemas.consumers, Sample.consumer(6, "fay")),
          ])
        }
        let after = try await fixture.store.snapshot(of: [Schemas.consumers, Schemas.credentials])
        #expect(after.rows.mapValues(Set.init) == before.rows.mapValues(Set.init))
        #expect(after.revision == revision)
        #expect(try await fixture.find(Schemas.consumers, "username", "eve") == nil)
        #expect(try await fixture.find(Schemas.consumers, "username", "bob") != nil)
        #expect(try await fixture.find(Schemas.credentials, "key", "k") != nil)
        #expect(try await fixture.changes(after: revision).isEmpty)
        #expect(try await fixture.store.tags(TagRequest(size: 10)).uses.map(\.tag) == ["old"])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func revisionsGoOnAfterACommitThatFailed(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let first = try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        _ = try? await fixture.insert(Schemas.consumers, Sample.consumer(2, "bob"), Sample.consumer(3, "ada"))
        let second = try await fixture.insert(Schemas.consumers, Sample.consumer(4, "eve"))
        #expect(second > first)
        #expect(try await fixture.changes(after: first) == [.init("consumers", 4)])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aCollectionThatIsNotKnownIsRefused(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let unknown = EntitySchema("unknown", RecordSchema([.id]))
        let error = StoreError.failure("there is no collection 'unknown'")
        await #expect(throws: error) { try await fixture.insert(unknown, Sample.entity(1, [:])) }
        await #expect(throws: error) { _ = try await fixture.find(unknown, 1) }
        await #expect(throws: error) { _ = try await fixture.numbers(unknown) }
        await #expect(throws: error) { _ = try await fixture.store.snapshot(of: [Schemas.consumers, unknown]) }
      }
    }
  }
}
