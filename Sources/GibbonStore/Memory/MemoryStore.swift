// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema
internal import Synchronization

/// Entities in memory and nowhere else: what the Admin API reads where a declarative configuration is the source.
///
/// One lock around one value. Writes change it in place, in time that hardly depends on how much there is.
public final class MemoryStore: Store {
  public let kind = "memory"
  private let registry: EntityRegistry
  private let now: @Sendable () -> Double
  private let state: Mutex<MemoryState>

  /// An empty store, to be set up with `migrate` or `replaceAll`.
  ///
  /// - Parameters:
  ///   - registry: the collections it will be asked for.
  ///   - now: Unix seconds.
  public init(registry: EntityRegistry, now: @escaping @Sendable () -> Double) {
    self.registry = registry
    self.now = now
    self.state = Mutex(MemoryState(MemoryContents(registry)))
  }

  /// Runs `body` alone, with the time of the call.
  func withState<Value: Sendable>(_ body: (inout MemoryState) throws(StoreError) -> Value) throws(StoreError) -> Value {
    let now = self.now()
    return try self.state.withLock { (state) throws(StoreError) -> Value in
      state.now = now
      return try body(&state)
    }
  }

  /// As `withState`, where there are collections.
  func withCollections<Value: Sendable>(
    _ body: (inout MemoryState) throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    try self.withSetUp { (state) throws(StoreError) -> Value in
      state.arrange(self.registry)
      return try body(&state)
    }
  }

  /// As `withState`, where there are collections, for what looks up no entity.
  func withSetUp<Value: Sendable>(
    _ body: (inout MemoryState) throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    try self.withState { (state) throws(StoreError) -> Value in
      guard state.isSetUp else {
        throw .layout("the datastore is not set up: there are no collections; run 'gibbon migrations bootstrap'")
      }
      return try body(&state)
    }
  }

  // MARK: Replacing everything

  /// Replaces the entities of every collection at once. Whoever follows the change feed is told to read anew.
  ///
  /// The first to read finds them arranged: a gateway whose Admin API nobody asks has neither the work nor the tables.
  ///
  /// - Parameters:
  ///   - rows: complete, valid entities by collection; of several with one id the last counts. `ttl` is seconds from
  ///     now. Collections that are not known are left out.
  ///   - workspace: of those in collections that have workspaces.
  public func replaceAll(_ rows: [String: [JSONObject]], workspace: EntityID) {
    self.replaceAll(self.prepared(rows, workspace: workspace))
  }

  /// Contents made ready to replace others.
  public struct Prepared: Sendable {
    let declared: MemoryContents.Declared
    let contents: MemoryContents
    let isArranged: Bool
  }

  /// Makes ready what `replaceAll` exchanges in no time. Where somebody has read this store, nobody who reads the new
  /// contents has to wait until they are arranged.
  public func prepared(_ rows: [String: [JSONObject]], workspace: EntityID) -> Prepared {
    let (revision, isRead) = self.state.withLock { ($0.feed.last + 1, $0.wasRead) }
    let declared = MemoryContents.Declared(rows: rows, workspace: workspace, revision: revision, time: self.now())
    let contents = isRead ? MemoryContents(self.registry, declared) : MemoryContents(self.registry)
    return Prepared(declared: declared, contents: contents, isArranged: isRead)
  }

  public func replaceAll(_ prepared: Prepared) {
    let now = self.now()
    // Handed out, so that it is taken apart without the lock.
    _ = self.state.withLock { state in
      let former = state
      state.now = now
      state.replaceAll(prepared)
      return former
    }
  }

  // MARK: Layout

  public func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    try self.withState { (state) throws(StoreError) in Self.migrationState(plan, state.executed) }
  }

  private static func migrationState(_ plan: MigrationPlan, _ executed: [String]) -> MigrationState {
    let known = Set(executed)
    let planned = plan.groups.flatMap { group in group.migrations.map { "\(group.owner)/\($0.name)" } }
    return MigrationState(executed: executed, new: planned.filter { !known.contains($0) })
  }

  /// Makes the collections and the default workspace. Every migration of the plan counts as executed then: in memory
  /// there is nothing to rearrange.
  public func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError) {
    for name in try await self.migrationState(plan).new {
      progress(name)
      try self.withState { (state) throws(StoreError) in
        if !state.executed.contains(name) { state.executed.append(name) }
        if !state.isSetUp { state.contents.addDefaultWorkspace(revision: 0, at: state.now) }
        state.isSetUp = true
      }
    }
  }

  public func reset() async throws(StoreError) {
    try self.withState { (state) throws(StoreError) in
      var feed = state.feed
      // The revisions go on, so that nobody takes the new contents for the old.
      feed.restart()
      state = MemoryState(MemoryContents(self.registry))
      state.feed = feed
    }
  }

  public func close() async {}
}
