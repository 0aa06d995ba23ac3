// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

extension StoreConformance {
  /// How entities are found, and which keys clash.
  @Suite struct Keys {
    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsFoundByItsID(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["x"]))
        let found = try #require(try await fixture.find(Schemas.consumers, 1))
        #expect(found.object == Sample.consumer(1, "ada", tags: ["x"]).object)
        #expect(found.workspace == Workspace.defaultID)
        #expect(found.revision == revision)
        #expect(found.expiresAt == nil)
        #expect(try await fixture.find(Schemas.consumers, 2) == nil)
        #expect(try await fixture.find(Schemas.services, 1) == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsFoundByAnotherPrimaryKey(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let object: JSONObject = ["key": "cluster_id", "value": "1", "created_at": 1]
        try await fixture.insert(Schemas.parameters, StoredEntity(object, workspace: nil))
        let found = try await fixture.store.find(.id("cluster_id"), in: Schemas.parameters)
        #expect(found?.object == object)
        #expect(found?.workspace == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsFoundByAUniqueField(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "Ada"))
        #expect(try await fixture.find(Schemas.consumers, "username", "Ada")?.key(Schemas.consumers) == Sample.id(1))
        #expect(try await fixture.find(Schemas.consumers, "username", "ada") == nil)
        #expect(try await fixture.find(Schemas.consumers, "custom_id", "Ada") == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aFieldThatIsNotUniqueFindsNothingButAnError(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        await #expect(throws: StoreError.self) { _ = try await fixture.find(Schemas.services, "host", "example.com") }
        await #expect(throws: StoreError.self) {
          _ = try await fixture.store.find(.composite([:], workspace: nil), in: Schemas.consumers)
        }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theWorkspaceCountsForUniqueFields(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let other = Sample.workspaceID(90)
        try await fixture.insert(Schemas.workspaces, Sample.workspace(90))
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"), Sample.consumer(2, "ada", in: other))
        #expect(try await fixture.find(Schemas.consumers, "username", "ada")?.object["id"] == .string(Sample.id(1)))
        let second = try await fixture.find(Schemas.consumers, "username", "ada", in: other)
        #expect(second?.object["id"] == .string(Sample.id(2)))
        #expect(second?.workspace == other)
        #expect(try await fixture.find(Schemas.consumers, "username", "ada", in: nil) != nil)
        #expect(try await fixture.find(Schemas.consumers, "username", "ada", in: Sample.workspaceID(91)) == nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aGlobalFieldIsUniqueAcrossWorkspaces(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let other = Sample.workspaceID(90)
        let fields: JSONObject = ["name": "a.test", "certificate": Sample.reference(10)]
        try await fixture.insert(Schemas.workspaces, Sample.workspace(90))
        try await fixture.insert(Schemas.certificates, Sample.entity(10, ["cert": "c", "key": "k"]))
        try await fixture.insert(Schemas.snis, Sample.entity(1, fields))
        await #expect(throws: StoreError.unique(collection: "snis", fields: ["name": "a.test"])) {
          try await fixture.insert(Schemas.snis, Sample.entity(2, fields, in: other))
        }
        #expect(try await fixture.find(Schemas.snis, "name", "a.test", in: other) != nil)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anEntityIsFoundByItsCompositeKey(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.upstreams, Sample.entity(10, ["name": "a"]), Sample.entity(11, ["name": "b"]))
        try await fixture.insert(
          Schemas.targets, Sample.target(1, "h:1", of: 10), Sample.target(2, "h:1", of: 11),
          Sample.target(3, "h:2", of: 10))
        func find(_ fields: JSONObject) async throws -> JSONValue? {
          let lookup = EntityLookup.composite(fields, workspace: Workspace.defaultID)
          return try await fixture.store.find(lookup, in: Schemas.targets)?.object["id"]
        }
        #expect(try await find(["target": "h:1", "upstream": Sample.reference(11)]) == .string(Sample.id(2)))
        #expect(try await find(["target": "h:2", "upstream": Sample.reference(11)]) == nil)
      }
    }

    // MARK: Clashes

    @Test(arguments: StoreUnderTest.allCases)
    func aSecondEntityOfAnIDIsRefused(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        await #expect(throws: StoreError.primaryKey(collection: "consumers", id: Sample.id(1))) {
          try await fixture.insert(Schemas.consumers, Sample.consumer(1, "bob"))
        }
        #expect(try await fixture.find(Schemas.consumers, 1)?.object["username"] == "ada")
        #expect(try await fixture.find(Schemas.consumers, "username", "bob") == nil)
        try await fixture.insert(Schemas.services, Sample.service(1))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aTakenUniqueValueIsRefused(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        let clash = StoreError.unique(collection: "consumers", fields: ["username": "ada"])
        await #expect(throws: clash) { try await fixture.insert(Schemas.consumers, Sample.consumer(2, "ada")) }
        try await fixture.insert(Schemas.consumers, Sample.consumer(2, "Ada"))
        await #expect(throws: clash) { try await fixture.put(Schemas.consumers, Sample.consumer(2, "ada")) }
        #expect(try await fixture.find(Schemas.consumers, 2)?.object["username"] == "Ada")
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aUniqueValueThatWasGivenUpIsFree(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, "ada"))
        try await fixture.put(Schemas.consumers, Sample.consumer(1, "bob"))
        #expect(try await fixture.find(Schemas.consumers, "username", "ada") == nil)
        try await fixture.insert(Schemas.consumers, Sample.consumer(2, "ada"))
        try await fixture.delete(Schemas.consumers, 1)
        try await fixture.insert(Schemas.consumers, Sample.consumer(3, "bob"))
        #expect(try await fixture.numbers(Schemas.consumers) == [2, 3])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func absentUniqueValuesDoNotClash(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(
          Schemas.consumers, Sample.entity(1, ["username": "a", "custom_id": .null]),
          Sample.entity(2, ["username": "b"]), Sample.entity(3, ["username": .null, "custom_id": "c"]))
        #expect(try await fixture.numbers(Schemas.consumers) == [1, 2, 3])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func textsAreComparedByTheirBytes(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        try await fixture.insert(Schemas.consumers, Sample.consumer(1, composed), Sample.consumer(2, decomposed))
        let found = try await fixture.find(Schemas.consumers, "username", decomposed)
        #expect(found?.key(Schemas.consumers) == Sample.id(2))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aTakenCompositeKeyIsRefused(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.upstreams, Sample.entity(10, ["name": "a"]))
        try await fixture.insert(Schemas.targets, Sample.target(1, "h:1", of: 10))
        let fields: JSONObject = ["upstream": Sample.reference(10), "target": "h:1"]
        await #expect(throws: StoreError.unique(collection: "targets", fields: fields)) {
          try await fixture.insert(Schemas.targets, Sample.target(2, "h:1", of: 10))
        }
        try await fixture.put(Schemas.targets, Sample.target(1, "h:2", of: 10))
        try await fixture.insert(Schemas.targets, Sample.target(2, "h:1", of: 10))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func absentPartsOfACompositeKeyCount(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await fixture.insert(Schemas.services, Sample.service(10))
        try await fixture.insert(Schemas.plugins, Sample.plugin(1), Sample.plugin(2, service: 10))
        let fields: JSONObject = ["name": "test-auth", "route": .null, "service": .null, "consumer": .null]
        await #expect(throws: StoreError.unique(collection: "plugins", fields: fields)) {
          try await fixture.insert(Schemas.plugins, Sample.plugin(3))
        }
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func ofConcurrentInsertionsOfOneKeyOneWins(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        let outcomes = await withTaskGroup(of: Result<Int, StoreError>.self) { group in
          for number in 1...20 {
            group.addTask {
              do throws(StoreError) {
                try await fixture.insert(Schemas.consumers, Sample.consumer(number, "ada"))
                return .success(number)
              } catch { return .failure(error) }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        let winners = outcomes.compactMap { try? $0.get() }
        let clash = StoreError.unique(collection: "consumers", fields: ["username": "ada"])
        #expect(winners.count == 1)
        #expect(outcomes.filter { $0 == .failure(clash) }.count == 19)
        #expect(try await fixture.numbers(Schemas.consumers) == winners)
      }
    }
  }
}
