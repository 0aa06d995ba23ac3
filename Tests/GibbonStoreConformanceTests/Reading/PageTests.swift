// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// Pages and snapshots.
  @Suite struct Pages {
    @Test(arguments: StoreUnderTest.allCases)
    func pagesFollowEachOther(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        for number in [4, 1, 5, 3, 2] { try await fixture.insert(Schemas.consumers, Sample.consumer(number)) }
        var request = PageRequest(size: 2)
        var pages: [[Int]] = []
        repeat {
          let page = try await fixture.store.page(request, of: Schemas.consumers)
          pages.append(page.entities.map { Sample.number($0.key(Schemas.consumers)) })
          request.after = page.next
        } while request.after != nil && pages.count < 10
        #expect(pages == [[1, 2], [3, 4], [5]])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPageThatEndsWithTheLastHasNoNext(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1), Sample.consumer(2), Sample.consumer(3))
        func next(_ size: Int, after: Int? = nil) async throws -> String? {
          let request = PageRequest(size: size, after: after.map(Sample.id))
          return try await fixture.store.page(request, of: Schemas.consumers).next
        }
        #expect(try await next(3) == nil)
        #expect(try await next(2) == Sample.id(2))
        #expect(try await next(2, after: 1) == nil)
        #expect(try await next(1, after: 1) == Sample.id(2))
        #expect(try await next(4) == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEmptyCollectionHasOneEmptyPage(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let page = try await fixture.store.page(PageRequest(size: 10), of: Schemas.consumers)
        #expect(page.entities.isEmpty && page.next == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theKeyAPageStartsBehindNeedNotExist(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1), Sample.consumer(2), Sample.consumer(3))
        try await fixture.delete(Schemas.consumers, 2)
        #expect(try await fixture.numbers(Schemas.consumers) { $0.after = Sample.id(2) } == [3])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.after = "" } == [1, 3])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.after = Sample.id(3) } == [])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.after = "~" } == [])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPageMayBeOfOneParent(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10), Sample.service(11))
        for number in 1...5 {
          try await fixture.insert(Schemas.routes, Sample.route(number, of: number == 3 ? 11 : 10))
        }
        func routes(of service: Int, size: Int = 10, after: Int? = nil) async throws -> [Int] {
          try await fixture.numbers(Schemas.routes, size: size) {
            $0.parent = .init(field: "service", id: Sample.id(service))
            $0.after = after.map(Sample.id)
          }
        }
        #expect(try await routes(of: 10) == [1, 2, 4, 5])
        #expect(try await routes(of: 10, size: 2, after: 1) == [2, 4])
        #expect(try await routes(of: 11) == [3])
        #expect(try await routes(of: 12) == [])
        try await fixture.put(Schemas.routes, Sample.route(4, of: 11))
        #expect(try await routes(of: 11) == [3, 4])
        #expect(try await routes(of: 10) == [1, 2, 5])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aParentNeedsAForeignField(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        await #expect(throws: StoreError.failure("routes.name is not a foreign field")) {
          _ = try await fixture.numbers(Schemas.routes) { $0.parent = .init(field: "name", id: Sample.id(1)) }
        }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPageMayBeOfTags(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(
          Schemas.consumers, Sample.consumer(1, tags: ["a"]), Sample.consumer(2, tags: ["b", "a"]),
          Sample.consumer(3, tags: ["b"]), Sample.consumer(4), Sample.consumer(5, tags: ["c", "b", "a"]))
        try await fixture.insert(Schemas.services, Sample.entity(1, ["name": "s", "tags": ["a", "z"]]))
        func tagged(_ filter: TagFilter, size: Int = 10, after: Int? = nil) async throws -> [Int] {
          try await fixture.numbers(Schemas.consumers, size: size) {
            $0.tags = filter
            $0.after = after.map(Sample.id)
          }
        }
        #expect(try await tagged(.all(["a"])) == [1, 2, 5])
        #expect(try await tagged(.all(["a", "b"])) == [2, 5])
        #expect(try await tagged(.all(["a", "z"])) == [])
        #expect(try await tagged(.any(["a", "c"])) == [1, 2, 5])
        #expect(try await tagged(.any(["b", "a"]), size: 2, after: 1) == [2, 3])
        #expect(try await tagged(.any(["z", "A"])) == [])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPageMayBeOfOneWorkspace(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let other = Sample.workspaceID(90)
        try await fixture.insert(Schemas.workspaces, Sample.workspace(90))
        try await fixture.insert(
          Schemas.consumers, Sample.consumer(1), Sample.consumer(2, in: other), Sample.consumer(3))
        #expect(try await fixture.numbers(Schemas.consumers) { $0.workspace = Workspace.defaultID } == [1, 3])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.workspace = other } == [2])
        #expect(try await fixture.numbers(Schemas.consumers) == [1, 2, 3])
        #expect(try await fixture.numbers(Schemas.consumers) { $0.workspace = Sample.workspaceID(91) } == [])
        // Collections without workspaces take no notice.
        #expect(try await fixture.numbers(Schemas.workspaces) { $0.workspace = other }.count == 2)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func conditionsAddUp(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10), Sample.service(11))
        for number in 1...6 {
          try await fixture.insert(
            Schemas.routes,
            Sample.entity(
              number,
              [
                "name": .string("r\(number)"), "service": Sample.reference(number % 2 == 0 ? 10 : 11),
                "tags": number > 2 ? ["t"] : .null,
              ]))
        }
        let found = try await fixture.numbers(Schemas.routes, size: 1) {
          $0.parent = .init(field: "service", id: Sample.id(10))
          $0.tags = .any(["t", "u"])
          $0.workspace = Workspace.defaultID
          $0.after = Sample.id(4)
        }
        #expect(found == [6])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aSnapshotHasWhatAllPagesHave(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        for number in [3, 1, 2] { try await fixture.insert(Schemas.consumers, Sample.consumer(number)) }
        let revision = try await fixture.insert(Schemas.services, Sample.service(10))
        let wanted = [Schemas.consumers, Schemas.services, Schemas.routes, Schemas.workspaces]
        let snapshot = try await fixture.store.snapshot(of: wanted)
        #expect(snapshot.revision == revision)
        #expect(Set(snapshot.rows.keys) == Set(wanted.map(\.name)))
        for schema in wanted {
          let page = try await fixture.store.page(PageRequest(size: 100), of: schema)
          #expect(Set(snapshot.rows[schema.name] ?? []) == Set(page.entities))
          #expect(snapshot.rows[schema.name]?.count == page.entities.count)
        }
      }
    }
  }
}
