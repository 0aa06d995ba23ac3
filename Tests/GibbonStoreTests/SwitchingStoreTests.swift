// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Synchronization
import Testing

@testable import GibbonStore

/// A store that is replaced while it is used.
@Suite struct SwitchingStoreTests {
  private static let registry = EntityRegistry(plugins: [])

  private func makeStore(_ name: String) async throws -> StorePlace {
    let store = MemoryStore(registry: Self.registry, now: { 0 })
    try await store.migrate(MigrationPlan(plugins: [])) { _ in }
    let object: JSONObject = ["id": .string(Workspace.defaultID.description), "username": .string(name)]
    try await store.commit([
      .insert(ConsumersSchema.schema, StoredEntity(object, workspace: Workspace.defaultID))
    ])
    return StorePlace(store)
  }

  private func name(_ store: some Store) async throws -> JSONValue? {
    try await store.find(.id(Workspace.defaultID.description), in: ConsumersSchema.schema)?.object["username"]
  }

  @Test func callsGoToTheOneThatIsThere() async throws {
    let (first, second) = (try await self.makeStore("first"), try await self.makeStore("second"))
    let store = SwitchingStore(first)
    #expect(try await self.name(store) == "first")
    #expect(store.put(second) === first)
    #expect(try await self.name(store) == "second")
    #expect(store.put(first) === second)
    #expect(try await self.name(store) == "first")
  }

  @Test func whatIsUnderWayIsWaitedFor() async throws {
    let place = try await self.makeStore("first")
    let closed = Closed()
    place.enter()
    place.enter()
    let task = Task {
      await place.close()
      closed.value.withLock { $0 = true }
    }
    place.leave()
    #expect(closed.value.withLock { !$0 })
    place.leave()
    await task.value
    #expect(closed.value.withLock { $0 })
  }

  private final class Closed: Sendable { let value = Mutex(false) }
}
