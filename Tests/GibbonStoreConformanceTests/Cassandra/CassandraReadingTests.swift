// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonSchema
import GibbonStore
import GibbonStoreCassandra
import Synchronization
import Testing

/// How much the store asks of the server for what it gives.
@Suite struct CassandraReadingTests {
  let cluster = ModelCluster()
  let clock = ManualClock()
  let asked = Asked()

  final class Asked: Sendable {
    private let statements = Mutex<[CQLStatement]>([])
    func add(_ statement: CQLStatement) { self.statements.withLock { $0.append(statement) } }
    func forget() { self.statements.withLock { $0 = [] } }
    func pageSizes(_ text: String) -> [Int32] {
      self.statements.withLock { $0.filter { $0.text.contains(text) }.map { $0.pageSize ?? .max } }
    }
    func values(_ text: String) -> [[CQLValue]] {
      self.statements.withLock { $0.filter { $0.text.contains("FROM") && $0.text.contains(text) }.map(\.values) }
    }
    func count(_ text: String) -> Int { self.statements.withLock { $0.count { $0.text.contains(text) } } }
  }

  private func node(before: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil }) async throws -> Fixture {
    let (clock, asked) = (self.clock, self.asked)
    let session = ModelSession(
      cluster: self.cluster,
      before: { statement in
        asked.add(statement)
        return before(statement)
      })
    let store = CassandraStore(session, CassandraKeyspace("model"), registry: Schemas.registry, now: { clock.now })
    let fixture = Fixture(store: store, clock: clock)
    try await store.migrate(Schemas.plan) { _ in }
    return fixture
  }

  /// So many in each of the sixteen parts of their collection.
  private static func spread(_ each: Int) -> [StoredEntity] {
    (0..<16 * each).map { number in
      let first = String(number / each, radix: 16)
      return Sample.entity(
        number,
        [
          "id": .string(first + Sample.id(number).dropFirst()), "username": .string("u\(number)"), "custom_id": .null,
          "tags": .null,
        ])
    }
  }

  private func walk(_ node: Fixture, size: Int) async throws -> (ids: [String], pages: Int) {
    var request = PageRequest(size: size)
    var (ids, pages): ([String], Int) = ([], 0)
    repeat {
      let page = try await node.store.page(request, of: Schemas.consumers)
      ids += page.entities.map { $0.key(Schemas.consumers) }
      pages += 1
      request.after = page.next
    } while request.after != nil && pages < 1000
    return (ids, pages)
  }

  private static let isPart = "AND shard = ? "

  @Test(arguments: [1, 3, 7, 10, 25, 64, 1000])
  func pagesFollowOneAnotherThroughAllParts(size: Int) async throws {
    let node = try await self.node()
    let entities = Self.spread(10)
    try await node.store.commit(entities.map { .insert(Schemas.consumers, $0) })
    let (ids, pages) = try await self.walk(node, size: size)
    #expect(ids == entities.map { $0.key(Schemas.consumers) })
    #expect(pages == (entities.count + size - 1) / size)
  }

  @Test func aPageReadsThePartsThatItNeeds() async throws {
    let node = try await self.node()
    try await node.store.commit(Self.spread(40).map { .insert(Schemas.consumers, $0) })
    self.asked.forget()
    let (ids, pages) = try await self.walk(node, size: 20)
    #expect(ids.count == 640 && pages == 32)
    // One, or the end of one and the beginning of the next.
    #expect(self.asked.count(Self.isPart) <= 2 * pages)
    self.asked.forget()
    let first = try await node.store.page(PageRequest(size: 100), of: Schemas.consumers)
    #expect(first.entities.count == 100)
    #expect(self.asked.count(Self.isPart) <= 4)
  }

  @Test func entitiesThatAreListedAreReadTogether() async throws {
    let node = try await self.node()
    let entities = Self.spread(10).map { entity in
      var object = entity.object
      object["tags"] = ["t"]
      return StoredEntity(object, workspace: entity.workspace)
    }
    try await node.store.commit(entities.map { .insert(Schemas.consumers, $0) })
    self.asked.forget()
    var request = PageRequest(size: 1000)
    request.tags = .any(["t"])
    let page = try await node.store.page(request, of: Schemas.consumers)
    #expect(page.entities.map { $0.key(Schemas.consumers) } == entities.map { $0.key(Schemas.consumers) })
    #expect(self.asked.count("FROM \"model\".entities") == 16)
  }

  @Test func aSmallCollectionIsReadInTwoSteps() async throws {
    let node = try await self.node()
    try await node.store.commit(Self.spread(1).map { .insert(Schemas.consumers, $0) })
    self.asked.forget()
    #expect(try await node.store.page(PageRequest(size: 100), of: Schemas.consumers).entities.count == 16)
    #expect(self.asked.count(Self.isPart) == 16)
  }

  /// The server counts the rows of a page, not their bytes.
  @Test func whatIsTooLargeForOneAnswerIsAskedForInSmallerPages() async throws {
    let node = try await self.node(before: { statement in
      let isLarge = statement.text.contains(".entities WHERE") && statement.pageSize ?? 0 > 10
      return isLarge ? .malformed("a message of 70000000 bytes") : nil
    })
    let entities = Self.spread(2)
    try await node.store.commit(entities.map { .put(Schemas.consumers, $0) })
    let ids = entities.map { $0.key(Schemas.consumers) }
    #expect(try await self.walk(node, size: 10).ids == ids)
    let snapshot = try await node.store.snapshot(of: [Schemas.consumers])
    #expect(snapshot.rows["consumers"]?.map { $0.key(Schemas.consumers) } == ids)
  }

  /// A page of the parts of a large commit, as of small ones, is far below what an answer may have.
  @Test func theLogIsReadInPagesOfAFewMegabytes() async throws {
    let (node, other) = (try await self.node(), try await self.node())
    let text = String(repeating: "x", count: 600_000)
    try await node.insert(
      Schemas.consumers, Sample.entity(1, ["username": "a", "text": .string(text), "custom_id": .null, "tags": .null]))
    self.asked.forget()
    #expect(try await other.changes(after: 0).count == 1)
    for (table, bytes) in [
      (".commits WHERE bucket = ? AND revision > ? AND", 64 * 1024), (".commit_parts", 256 * 1024),
    ] {
      let sizes = self.asked.pageSizes(table)
      #expect(!sizes.isEmpty && sizes.allSatisfy { Int($0) * bytes <= 8 << 20 }, "\(table): \(sizes)")
    }
  }

  /// The server would have to read over everything that was deleted before.
  @Test func aPurgeBeginsWhereTheLastOneEnded() async throws {
    let node = try await self.node()
    try await node.insert(Schemas.consumers, Sample.consumer(1))
    func expire(_ number: Int, in seconds: Double) async throws {
      try await node.insert(
        Schemas.credentials, Sample.credential(number, "k\(number)", of: 1, expiresAt: self.clock.now + seconds))
    }
    try await expire(2, in: 10)
    self.clock.advance(by: 20)
    #expect(try await node.store.purgeExpired() == 1)
    self.asked.forget()
    // One whose end is past, as of a node whose clock is late.
    try await expire(3, in: -1000)
    try await expire(4, in: 10)
    self.clock.advance(by: 7200)
    #expect(try await node.store.purgeExpired() == 2)
    let starts = Set(self.asked.values(".expiring").compactMap { values in values.count == 3 ? values[1] : nil })
    #expect(starts == [.double(self.clock.now - 7200 - 3600)])
  }

  @Test func aLargeCommitIsCheckedWithFewReads() async throws {
    let node = try await self.node()
    let entities = Self.spread(20)
    try await node.store.commit(entities.map { .put(Schemas.consumers, $0) })
    self.asked.forget()
    try await node.store.commit(entities.map { .put(Schemas.consumers, $0) })
    #expect(self.asked.count("FROM \"model\".entities") <= 17)
    #expect(self.asked.count("FROM \"model\".uniques") == 16)
    // Nothing that it is found by has changed.
    #expect(self.asked.count("INTO \"model\".uniques") == 0)
    let taken = Sample.entity(9999, ["username": "u7", "custom_id": .null, "tags": .null])
    await #expect(throws: StoreError.unique(collection: "consumers", fields: ["username": "u7"])) {
      try await node.store.commit(
        [.put(Schemas.consumers, taken)] + Self.spread(3).map { .put(Schemas.consumers, $0) })
    }
  }

  /// Commits that come while everything is read are laid over it.
  @Test func aSnapshotIsAsTheLastCommitLeftIt() async throws {
    let other = try await self.node()
    let isReading = Atomic(false)
    let gate = Mutex<Task<Void, Never>?>(nil)
    try await other.store.commit(Self.spread(2).map { .insert(Schemas.consumers, $0) })
    let node = try await self.node(before: { statement in
      // At the last part: an entity of an earlier one goes, one changes, and one comes.
      guard statement.text.contains(".entities WHERE"), isReading.exchange(false, ordering: .relaxed) else {
        return nil
      }
      gate.withLock { $0 = Task { try? await Self.change(other) } }
      return nil
    })
    isReading.store(true, ordering: .relaxed)
    var seen: Set<Revision> = []
    repeat {
      let snapshot = try await node.store.snapshot(of: [Schemas.consumers, Schemas.credentials])
      seen.insert(snapshot.revision)
      let names = snapshot.rows["consumers"]?.compactMap { $0.object["username"]?.stringValue } ?? []
      let ids = snapshot.rows["consumers"]?.map { $0.key(Schemas.consumers) } ?? []
      #expect(ids == ids.sorted())
      #expect(names.count == 32 && names.contains("new") == (snapshot.revision == 2))
      #expect(names.contains("u0") == (snapshot.revision == 1))
    } while !seen.contains(2)
  }

  private static func change(_ node: Fixture) async throws {
    let entities = Self.spread(2)
    try await node.store.commit([
      .delete(Schemas.consumers, id: entities[0].key(Schemas.consumers)),
      .insert(Schemas.consumers, Sample.entity(77, ["username": "new", "custom_id": .null, "tags": .null])),
    ])
  }
}
