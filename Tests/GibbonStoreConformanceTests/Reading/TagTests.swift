// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// The tags of all entities.
  @Suite struct Tags {
    private static func uses(_ fixture: Fixture, of tag: String? = nil) async throws -> [TagUse] {
      try await fixture.store.tags(TagRequest(tag: tag, size: 100)).uses
    }

    private static func use(_ tag: String, _ collection: String, _ number: Int) -> TagUse {
      TagUse(tag: tag, collection: collection, id: Sample.id(number))
    }

    @Test(arguments: StoreUnderTest.allCases)
    func tagsAreListedInOrder(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.entity(1, ["name": "s", "tags": ["b", "a"]]))
        try await fixture.insert(
          Schemas.consumers, Sample.consumer(2, tags: ["a"]), Sample.consumer(1, tags: ["b"]), Sample.consumer(3))
        let all = [
          Self.use("a", "consumers", 2), Self.use("a", "services", 1), Self.use("b", "consumers", 1),
          Self.use("b", "services", 1),
        ]
        #expect(try await Self.uses(fixture) == all)
        #expect(try await Self.uses(fixture, of: "a") == Array(all[..<2]))
        #expect(try await Self.uses(fixture, of: "A") == [])
        #expect(try await Self.uses(fixture, of: "") == [])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func tagsComeInPages(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        for number in 1...3 {
          try await fixture.insert(Schemas.consumers, Sample.consumer(number, tags: ["x", "y"]))
          try await fixture.insert(
            Schemas.services, Sample.entity(number, ["name": .string("s\(number)"), "tags": ["y"]]))
        }
        for (tag, count) in [(nil, 9), ("x", 3), ("y", 6)] as [(String?, Int)] {
          for size in 1...10 {
            var request = TagRequest(tag: tag, size: size)
            var found: [TagUse] = []
            var pages = 0
            repeat {
              let page = try await fixture.store.tags(request)
              #expect(page.uses.count <= size && !page.uses.isEmpty)
              found += page.uses
              request.after = page.next
              pages += 1
            } while request.after != nil && pages < 20
            #expect(pages == (count + size - 1) / size)
            #expect(found == found.sorted() && Set(found).count == count)
          }
        }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPageMayStartBehindAUseThatIsGone(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(
          Schemas.consumers, Sample.consumer(1, tags: ["a"]), Sample.consumer(3, tags: ["a", "c"]))
        func rest(_ tag: String?, after use: TagUse) async throws -> [TagUse] {
          try await fixture.store.tags(TagRequest(tag: tag, size: 10, after: use)).uses
        }
        let last = Self.use("c", "consumers", 3)
        #expect(try await rest(nil, after: Self.use("a", "consumers", 2)) == [Self.use("a", "consumers", 3), last])
        #expect(try await rest(nil, after: Self.use("b", "consumers", 9)) == [last])
        #expect(try await rest("a", after: Self.use("a", "a", 9)).count == 2)
        #expect(try await rest("a", after: Self.use("a", "z", 0)) == [])
        #expect(try await rest("a", after: Self.use("b", "a", 0)) == [])
        #expect(try await rest("c", after: Self.use("a", "consumers", 3)) == [last])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func tagsFollowTheirEntities(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, tags: ["a", "b"]))
        try await fixture.put(Schemas.consumers, Sample.consumer(1, tags: ["b", "c"]))
        #expect(try await Self.uses(fixture) == [Self.use("b", "consumers", 1), Self.use("c", "consumers", 1)])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.tags = .all(["a"]) } == [])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.tags = .all(["c"]) } == [1])
        let read = try #require(try await fixture.find(Schemas.consumers, 1))
        _ = try await fixture.store.commit([
          .replace(Schemas.consumers, Sample.consumer(1, tags: ["d"]), revision: read.revision)
        ])
        #expect(try await Self.uses(fixture) == [Self.use("d", "consumers", 1)])
        try await fixture.put(Schemas.consumers, Sample.consumer(1))
        #expect(try await Self.uses(fixture) == [])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func tagsGoWithTheirEntities(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, tags: ["a"]), Sample.consumer(2, tags: ["a"]))
        try await fixture.insert(
          Schemas.credentials, Sample.entity(5, ["key": "k", "consumer": Sample.reference(1), "tags": ["a", "x"]]))
        try await fixture.delete(Schemas.consumers, 1)
        #expect(try await Self.uses(fixture) == [Self.use("a", "consumers", 2)])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func tagsOfEntitiesOfOneIDInTwoCollectionsAreApart(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, tags: ["a"]))
        try await fixture.insert(Schemas.services, Sample.entity(1, ["name": "s", "tags": ["a"]]))
        try await fixture.delete(Schemas.services, 1)
        #expect(try await Self.uses(fixture) == [Self.use("a", "consumers", 1)])
      }
    }
  }
}
