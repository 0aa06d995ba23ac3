// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import GibbonStore
import Synchronization
import Testing

@testable import GibbonControl

/// Credentials are read when they are first asked for and forgotten when they change.
@Suite struct CredentialCacheTests {
  private struct Fixture {
    let store: MemoryStore
    let cache: CredentialCache
    let clock = Clock()

    init(capacity: Int = 64) async throws {
      self.store = try await Make.store()
      let clock = self.clock
      self.cache = CredentialCache(
        store: self.store, registry: Make.registry, capacity: capacity, now: { clock.now.withLock { $0 } })
      try await self.store.commit([try Make.put("consumers", 1, ["username": "ann"])])
    }

    final class Clock: Sendable {
      let now = Mutex(1_700_000_000.0)
    }

    func put(_ number: Int, key: String, consumer: Int = 1) async throws {
      try await self.change([
        try Make.put("lock_credentials", number, ["key": .string(key), "consumer": Make.reference(consumer)])
      ])
    }

    /// Writes, and tells the cache as the follower does.
    func change(_ writes: [EntityWrite]) async throws {
      let before = try await self.store.revision()
      try await self.store.commit(writes)
      self.cache.forget(try await self.store.changes(after: before))
    }

    /// What a request with the key would find, waiting for the store where that is needed.
    func find(_ key: String) async throws -> Credential? {
      for _ in 0..<8 {
        switch self.cache.index(of: "lock_credentials").find(Array(key.utf8).span) {
        case .found(let credential): return credential
        case .missing: return nil
        case .pending(let completion): await Self.wait(for: completion)
        }
      }
      throw ControlError("the key stays pending")
    }

    /// Whether the answer is known without the store.
    func isCached(_ key: String) -> Bool {
      if case .pending = self.cache.index(of: "lock_credentials").find(Array(key.utf8).span) { false } else { true }
    }

    static func wait(for completion: @Sendable (Suspension) -> Void) async {
      await withCheckedContinuation { continuation in
        completion(Suspension(executor: Inline()) { _ in continuation.resume() })
      }
    }
  }

  private final class Inline: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {}
  }

  @Test func aKeyIsReadOnceAndThenKnown() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, key: "secret")
    #expect(!fixture.isCached("secret"))
    let found = try await fixture.find("secret")
    #expect(found?.consumer.username == "ann" && found?.id == Make.id(10))
    #expect(fixture.isCached("secret"))
  }

  @Test func thatThereIsNoneIsRememberedUntilThereIsOne() async throws {
    let fixture = try await Fixture()
    #expect(try await fixture.find("later") == nil)
    #expect(fixture.isCached("later"))
    try await fixture.put(10, key: "later")
    #expect(try await fixture.find("later")?.id == Make.id(10))
  }

  @Test func aChangedKeyIsKnownByItsNewNameOnly() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, key: "old")
    _ = try await fixture.find("old")
    #expect(try await fixture.find("new") == nil)
    try await fixture.put(10, key: "new")
    #expect(try await fixture.find("old") == nil)
    #expect(try await fixture.find("new")?.id == Make.id(10))
  }

  @Test func deletingTheCredentialOrItsConsumerForgetsIt() async throws {
    let fixture = try await Fixture()
    try await fixture.change([try Make.put("consumers", 2, ["username": "bob"])])
    try await fixture.put(10, key: "one")
    try await fixture.put(11, key: "two", consumer: 2)
    try await fixture.put(12, key: "three", consumer: 2)
    for key in ["one", "two", "three"] { #expect(try await fixture.find(key) != nil) }
    try await fixture.change([try Make.delete("lock_credentials", 10)])
    #expect(try await fixture.find("one") == nil)
    #expect(fixture.isCached("two"))
    try await fixture.change([try Make.delete("consumers", 2)])
    for key in ["two", "three"] { #expect(try await fixture.find(key) == nil) }
  }

  @Test func aRenamedConsumerIsReadAnew() async throws {
    let fixture = try await Fixture()
    try await fixture.put(10, key: "one")
    _ = try await fixture.find("one")
    try await fixture.change([try Make.put("consumers", 1, ["username": "anna"])])
    #expect(try await fixture.find("one")?.consumer.username == "anna")
  }

  @Test func whatOutlivesItsTimeIsUnknown() async throws {
    let fixture = try await Fixture()
    let (schema, entity) = try Make.entity(
      "lock_credentials", 10, ["key": "brief", "consumer": Make.reference(1)])
    try await fixture.change([
      .put(schema, StoredEntity(entity.object, workspace: entity.workspace, expiresAt: 1_700_000_010))
    ])
    #expect(try await fixture.find("brief") != nil)
    fixture.clock.now.withLock { $0 = 1_700_000_010 }
    #expect(!fixture.isCached("brief"))
  }

  @Test func theCacheStaysWithinItsBound() async throws {
    let fixture = try await Fixture(capacity: 64)
    for number in 0..<1000 { _ = try await fixture.find("none-\(number)") }
    #expect(fixture.cache.count <= 64)
    #expect(fixture.cache.count > 16)
  }

  @Test func aKeyThatIsNoTextIsNobodys() async throws {
    let fixture = try await Fixture()
    guard case .missing = fixture.cache.index(of: "lock_credentials").find([0xFF, 0xFE].span) else {
      Issue.record("bytes that are no text were asked for")
      return
    }
  }

  /// Reads race with changes: whatever the order, the last state is what is found in the end.
  @Test func noReadBringsBackWhatWasForgotten() async throws {
    let fixture = try await Fixture()
    for round in 0..<50 {
      try await fixture.put(10, key: "key-\(round)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = try await fixture.find("key-\(round)") } }
        group.addTask { try await fixture.change([try Make.delete("lock_credentials", 10)]) }
        try await group.waitForAll()
      }
      #expect(try await fixture.find("key-\(round)") == nil)
    }
  }
}
