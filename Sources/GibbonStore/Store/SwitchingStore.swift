// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema
internal import Synchronization

/// A store in front of another one, which can be replaced while it is used: a call goes to the one that was there when
/// it began.
public final class SwitchingStore: Store {
  private struct State {
    var place: StorePlace
    var heard: (@Sendable (Revision?) -> Void)?
  }

  private let state: Mutex<State>

  public init(_ place: StorePlace) { self.state = Mutex(State(place: place)) }

  /// Uses another store from now on.
  ///
  /// - Returns: what was used before; to be closed, or to be put back.
  public func put(_ next: StorePlace) -> StorePlace {
    let (last, heard) = self.state.withLock { state in
      let last = state.place
      state.place = next
      return (last, state.heard)
    }
    if let heard { next.store.hearChanges(heard) }
    return last
  }

  private func use<Value: Sendable>(
    _ body: (any Store) async throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    // Counted under the lock, so that nobody closes a store between its being chosen and its being used.
    let place = self.state.withLock { state in
      state.place.enter()
      return state.place
    }
    defer { place.leave() }
    return try await body(place.store)
  }

  public var condition: String? { self.state.withLock { $0.place.store }.condition }

  public var kind: String { self.state.withLock { $0.place.store.kind } }

  public func hearChanges(_ heard: @escaping @Sendable (Revision?) -> Void) {
    let store = self.state.withLock { state in
      state.heard = heard
      return state.place.store
    }
    store.hearChanges(heard)
  }

  public func close() async { await self.state.withLock { $0.place }.close() }

  // MARK: Calls

  public func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity? {
    try await self.use { store async throws(StoreError) in try await store.find(lookup, in: schema) }
  }

  public func find(
    _ lookup: EntityLookup, in schema: EntitySchema, with field: String, in parents: EntitySchema
  ) async throws(StoreError) -> (entity: StoredEntity, parent: StoredEntity)? {
    try await self.use { store async throws(StoreError) in
      try await store.find(lookup, in: schema, with: field, in: parents)
    }
  }

  public func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage {
    try await self.use { store async throws(StoreError) in try await store.page(request, of: schema) }
  }

  public func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot {
    try await self.use { store async throws(StoreError) in try await store.snapshot(of: schemas) }
  }

  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    try await self.use { store async throws(StoreError) in try await store.commit(writes) }
  }

  public func tags(_ request: TagRequest) async throws(StoreError) -> TagPage {
    try await self.use { store async throws(StoreError) in try await store.tags(request) }
  }

  public func revision() async throws(StoreError) -> Revision {
    try await self.use { store async throws(StoreError) in try await store.revision() }
  }

  public func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch {
    try await self.use { store async throws(StoreError) in try await store.changes(after: revision) }
  }

  public func trimChanges(keeping count: Int) async throws(StoreError) {
    try await self.use { store async throws(StoreError) in try await store.trimChanges(keeping: count) }
  }

  public func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64] {
    try await self.use { store async throws(StoreError) in try await store.increment(increments) }
  }

  public func counter(_ key: CounterKey) async throws(StoreError) -> Int64 {
    try await self.use { store async throws(StoreError) in try await store.counter(key) }
  }

  public func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64] {
    try await self.use { store async throws(StoreError) in try await store.counters(keys) }
  }

  public func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool {
    try await self.use { store async throws(StoreError) in
      try await store.acquireLock(name, owner: owner, seconds: seconds)
    }
  }

  public func releaseLock(_ name: String, owner: EntityID) async throws(StoreError) {
    try await self.use { store async throws(StoreError) in try await store.releaseLock(name, owner: owner) }
  }

  @discardableResult
  public func purgeExpired() async throws(StoreError) -> Int {
    try await self.use { store async throws(StoreError) in try await store.purgeExpired() }
  }

  public func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    try await self.use { store async throws(StoreError) in try await store.migrationState(plan) }
  }

  public func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError) {
    try await self.use { store async throws(StoreError) in try await store.migrate(plan, progress: progress) }
  }

  public func reset() async throws(StoreError) {
    try await self.use { store async throws(StoreError) in try await store.reset() }
  }
}

/// A store, and how many calls of it are under way.
public final class StorePlace: Sendable {
  private struct State {
    var users = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  public let store: any Store
  private let state = Mutex(State())

  public init(_ store: any Store) { self.store = store }

  func enter() { self.state.withLock { $0.users += 1 } }

  func leave() {
    let waiting = self.state.withLock { state in
      state.users -= 1
      guard state.users == 0 else { return [] as [CheckedContinuation<Void, Never>] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Waits for the calls that are under way, and closes the store.
  public func close() async {
    await withCheckedContinuation { continuation in
      let isIdle = self.state.withLock { state in
        if state.users > 0 { state.waiting.append(continuation) }
        return state.users == 0
      }
      if isIdle { continuation.resume() }
    }
    await self.store.close()
  }
}
