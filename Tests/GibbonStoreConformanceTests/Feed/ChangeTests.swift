// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// What changed after a revision.
  @Suite struct Changes {
    @Test(arguments: StoreUnderTest.allCases)
    func aNewStoreHasNoChanges(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.store.revision()
        let batch = try await fixture.store.changes(after: revision)
        #expect(batch.changes.isEmpty && batch.revision == revision && !batch.isIncomplete)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func changesAreToldInOrder(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let start = try await fixture.store.revision()
        let first = try await fixture.insert(Schemas.consumers, Sample.consumer(2, "bob"))
        let second = try await fixture.insert(Schemas.services, Sample.service(10))
        let third = try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        #expect(start < first && first < second && second < third)
        #expect(try await fixture.store.revision() == third)
        let batch = try await fixture.store.changes(after: start)
        #expect(batch.revision == third && !batch.isIncomplete)
        #expect(batch.changes.map(\.collection) == ["consumers", "services", "consumers"])
        #expect(batch.changes.map { Sample.number($0.id) } == [2, 10, 1])
        #expect(batch.changes.first?.entity == (try await fixture.find(Schemas.consumers, 2)))
        #expect(try await fixture.changes(after: first) == [.init("services", 10), .init("consumers", 1)])
        #expect(try await fixture.changes(after: third).isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsToldOnceAsItIsNow(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let start = try await fixture.store.revision()
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "a"), Sample.consumer(2, "b"))
        try await fixture.put(Schemas.consumers, Sample.consumer(1, "c"))
        let batch = try await fixture.store.changes(after: start)
        #expect(batch.changes.map { Sample.number($0.id) } == [2, 1])
        #expect(batch.changes.last?.entity?.object["username"] == "c")
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aDeletedEntityIsToldAsGone(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.insert(Schemas.consumers, Sample.consumer(1), Sample.consumer(2))
        try await fixture.put(Schemas.consumers, Sample.consumer(1, "new"))
        let deleted = try await fixture.delete(Schemas.consumers, 1)
        #expect(deleted > revision)
        #expect(try await fixture.changes(after: revision) == [.init("consumers", 1, isThere: false)])
        try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        #expect(try await fixture.changes(after: revision) == [.init("consumers", 1)])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theChangesOfACommitAreToldTogether(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let start = try await fixture.store.revision()
        let end = try await fixture.insert(Schemas.consumers, Sample.consumer(1), Sample.consumer(2))
        let batch = try await fixture.store.changes(after: start)
        #expect(batch.revision == end && batch.changes.count == 2)
        #expect(try await fixture.store.changes(after: end).changes.isEmpty)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func changesThatWereTrimmedAreMissed(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        var revisions: [Revision] = []
        for number in 1...5 { revisions.append(try await fixture.insert(Schemas.consumers, Sample.consumer(number))) }
        try await fixture.store.trimChanges(keeping: 2)
        #expect(try await fixture.store.revision() == revisions[4])
        let tooOld = try await fixture.store.changes(after: revisions[1])
        #expect(tooOld.isIncomplete && tooOld.changes.isEmpty && tooOld.revision == revisions[4])
        let fresh = try await fixture.store.changes(after: revisions[2])
        #expect(!fresh.isIncomplete && fresh.changes.count == 2)
        try await fixture.store.trimChanges(keeping: 10)
        #expect(try await fixture.store.changes(after: revisions[2]).changes.count == 2)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func allChangesCanBeTrimmed(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let first = try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        let second = try await fixture.insert(Schemas.consumers, Sample.consumer(2))
        try await fixture.store.trimChanges(keeping: 0)
        #expect(try await fixture.store.revision() == second)
        #expect(try await fixture.store.changes(after: first).isIncomplete)
        #expect(try await !fixture.store.changes(after: second).isIncomplete)
        let third = try await fixture.insert(Schemas.consumers, Sample.consumer(3))
        #expect(third > second)
        #expect(try await fixture.changes(after: second) == [.init("consumers", 3)])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aRevisionOfAnotherDatabaseIsNoticed(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.insert(Schemas.consumers, Sample.consumer(1))
        for other in [revision + 1, .max, -7, .min] {
          let batch = try await fixture.store.changes(after: other)
          #expect(batch.isIncomplete && batch.changes.isEmpty && batch.revision == revision)
        }
      }
    }
  }
}
