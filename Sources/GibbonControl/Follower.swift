// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import GibbonCore
public import GibbonEngine
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

/// Keeps a node at the state of its datastore: reads the change feed, forgets what is outdated in the caches, builds
/// the snapshot after the change and hands it to the event loops.
///
/// Whoever wrote waits with `caughtUp(with:)` until every loop serves what was written. Writes that come meanwhile
/// are applied together.
public actor Follower {
  private let store: any Store
  private let control: ControlPlane
  private let cache: CredentialCache
  private let use: @Sendable (Snapshot) -> Void
  private let report: @Sendable (LogLevel, String) -> Void
  /// Snapshots are built here: that may take a while, and must not take a thread that others need.
  private let builder = DispatchQueue(label: "gibbon.control")

  /// Everything up to here is served.
  private var applied: Revision = 0
  private var appliedAt = 0.0
  private var isApplying = false
  private var waiting: [(revision: Revision, continuation: CheckedContinuation<Void, Never>)] = []
  /// Those who want to follow another datastore.
  private var moves: [Move] = []
  private var warned: [String] = []
  private(set) var isStoreReachable = true
  /// In what way the datastore answers less than it should.
  private var condition: String?
  private let now: @Sendable () -> Double
  /// Told of entities that say something to nodes and are no part of what they serve.
  private var hearsParameters: @Sendable ([EntityChange]) async -> Void = { _ in }

  /// - Parameters:
  ///   - use: makes every loop serve a snapshot, and returns when they do.
  ///   - report: writes to the error log.
  public init(
    store: any Store, control: ControlPlane, cache: CredentialCache, now: @escaping @Sendable () -> Double,
    use: @escaping @Sendable (Snapshot) -> Void, report: @escaping @Sendable (LogLevel, String) -> Void
  ) {
    self.store = store
    self.control = control
    self.cache = cache
    self.now = now
    self.use = use
    self.report = report
  }

  /// Tells of each change of the collection `parameters` from now on.
  public func hearParameters(_ heard: @escaping @Sendable ([EntityChange]) async -> Void) {
    self.hearsParameters = heard
  }

  // MARK: State

  /// What is served: its revision and when it was taken over.
  public var served: (revision: Revision, since: Double) { (self.applied, self.appliedAt) }

  /// Whether the datastore answered when it was last asked.
  public var isReachable: Bool { self.isStoreReachable }

  /// The snapshot of everything there is, for a node that starts.
  public func first() async throws -> Snapshot {
    let everything = try await self.everything(in: self.store)
    self.noteCondition(self.store.condition)
    self.keep(everything)
    return everything.draft.result.snapshot
  }

  /// All that is in a datastore, not served yet.
  private struct Everything: Sendable {
    let draft: ControlPlane.Draft
    let revision: Revision
  }

  private func everything(in store: any Store) async throws -> Everything {
    let snapshot = try await store.snapshot(of: Self.schemas)
    let tables = EntityTables(snapshot)
    try await self.loadNamedConsumers(Array(tables.plugins.values), from: store)
    let draft = try await self.built {
      try self.control.draft(of: tables, credentials: self.cache, hash: Self.hash(snapshot.revision))
    }
    return Everything(draft: draft, revision: snapshot.revision)
  }

  private func keep(_ everything: Everything) {
    self.control.keep(everything.draft)
    self.applied = everything.revision
    self.appliedAt = self.now()
    self.warn(everything.draft.result.warnings)
  }

  private static let schemas: [EntitySchema] = [
    ServicesSchema.schema, RoutesSchema.schema, PluginsSchema.schema(plugins: []), UpstreamsSchema.schema,
    TargetsSchema.schema, CertificatesSchema.schema, SNIsSchema.schema, CACertificatesSchema.schema,
    VaultsSchema.schema,
  ]

  /// 32 hexadecimal digits that differ between states of the datastore.
  public static func hash(_ revision: Revision) -> String {
    EntityID.named("revision \(revision)", in: Workspace.defaultID).description.filter { $0 != "-" }
  }

  // MARK: Following

  /// Returns when this node serves everything up to a revision, or has said why it cannot.
  public func caughtUp(with revision: Revision) async {
    if revision <= self.applied { return }
    await withCheckedContinuation { continuation in
      self.waiting.append((revision, continuation))
      self.beginApplying()
    }
  }

  private struct Move {
    let store: any Store
    let take: @Sendable (Snapshot) throws -> Void
    let arrive: @Sendable () -> Void
    let continuation: CheckedContinuation<Void, any Error>
  }

  /// Serves what is in another datastore. Where it cannot be read, or not be served, everything stays as it is.
  ///
  /// - Parameters:
  ///   - take: makes every loop serve the snapshot, in place of what this follower was made with; what it throws is
  ///     thrown, and nothing has changed then.
  ///   - arrive: makes it the one that is used; called once its snapshot is served.
  public func move(
    to store: any Store, take: (@Sendable (Snapshot) throws -> Void)? = nil, arrive: @escaping @Sendable () -> Void
  ) async throws {
    let take = take ?? self.use
    try await withCheckedThrowingContinuation { continuation in
      self.moves.append(Move(store: store, take: take, arrive: arrive, continuation: continuation))
      self.beginApplying()
    }
  }

  /// Serves what is in the datastore now, whatever the feed says: it may have been restored, or have lost writes that
  /// this node has seen.
  public func readAnew(take: (@Sendable (Snapshot) throws -> Void)? = nil) async throws {
    try await self.move(to: self.store, take: take, arrive: {})
  }

  private func beginApplying() {
    guard !self.isApplying else { return }
    self.isApplying = true
    Task { await self.applyChanges() }
  }

  /// Looks for changes that others made. To be called now and then.
  public func poll() async {
    do {
      let revision = try await self.store.revision()
      self.noteReachable(nil)
      self.noteCondition(self.store.condition)
      if revision != self.applied { await self.caughtUp(with: max(revision, self.applied + 1)) }
    } catch {
      self.noteReachable(error)
    }
  }

  private func noteCondition(_ condition: String?) {
    guard condition != self.condition else { return }
    self.condition = condition
    self.report(condition == nil ? .notice : .warn, "datastore: \(condition ?? "it answers in full again")")
  }

  private func noteReachable(_ error: StoreError?) {
    if let error, self.isStoreReachable {
      self.report(.error, "\(error); traffic goes on with the configuration of revision \(self.applied)")
    } else if error == nil, !self.isStoreReachable {
      self.report(.notice, "the datastore answers again")
    }
    self.isStoreReachable = error == nil
  }

  private func applyChanges() async {
    while !self.waiting.isEmpty || !self.moves.isEmpty {
      if !self.moves.isEmpty { await self.apply(self.moves.removeFirst()) }
      // After a failure, and where the feed has nothing more, nobody is kept waiting.
      var reached = Revision.max
      do {
        let before = self.applied
        let next = try await self.applyNext()
        if next != before { reached = next }
      } catch {
        self.report(.error, "a change cannot be served, the previous configuration goes on serving: \(error)")
      }
      let served = reached
      let done = self.waiting.filter { $0.revision <= served }
      self.waiting.removeAll { $0.revision <= served }
      for waiter in done { waiter.continuation.resume() }
    }
    self.isApplying = false
  }

  private func apply(_ move: Move) async {
    do {
      let everything = try await self.everything(in: move.store)
      let (take, snapshot) = (move.take, everything.draft.result.snapshot)
      try await self.built { try take(snapshot) }
      move.arrive()
      self.keep(everything)
      // Only now: what the previous snapshot asks for is in the previous datastore.
      self.cache.forgetAll()
      self.noteReachable(nil)
      move.continuation.resume()
    } catch {
      // It may have come as far as the consumers that plugins name.
      _ = try? await self.loadNamedConsumers(self.control.pluginsWithAnonymous(), from: self.store)
      move.continuation.resume(throwing: error)
    }
  }

  /// Applies what the feed has, once.
  private func applyNext() async throws -> Revision {
    let batch = try await self.store.changes(after: self.applied)
    self.cache.forget(batch)
    if batch.isIncomplete { return try await self.applyEverything() }
    var delta = EntityDelta(batch)
    try await self.followNamedConsumers(batch, &delta)
    if !delta.isEmpty {
      let hash = Self.hash(batch.revision)
      let change = delta
      let built = try await self.built { try self.control.snapshot(applying: change, hash: hash) }
      if let built {
        await self.serve(built.snapshot)
        self.warn(built.warnings)
      }
    }
    self.applied = batch.revision
    self.appliedAt = self.now()
    let parameters = batch.changes.filter { $0.collection == ParametersSchema.collection }
    if !parameters.isEmpty { await self.hearsParameters(parameters) }
    return batch.revision
  }

  /// The feed does not reach back to where this node is.
  private func applyEverything() async throws -> Revision {
    self.cache.forgetAll()
    let everything = try await self.everything(in: self.store)
    // Only what every loop serves counts as applied: whoever wrote waits for that.
    await self.serve(everything.draft.result.snapshot)
    self.keep(everything)
    return self.applied
  }

  private func serve(_ snapshot: Snapshot) async {
    let use = self.use
    await withCheckedContinuation { continuation in
      self.builder.async {
        use(snapshot)
        continuation.resume()
      }
    }
  }

  private func built<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      self.builder.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// Says what is new of what has no effect.
  private func warn(_ warnings: [String]) {
    for warning in warnings where !self.warned.contains(warning) { self.report(.warn, warning) }
    self.warned = warnings
  }

  // MARK: Consumers that plugins name

  /// Plugins that name a consumer are made anew when it changes, or when they begin to name another.
  private func followNamedConsumers(_ batch: ChangeBatch, _ delta: inout EntityDelta) async throws {
    let isAboutConsumers = batch.changes.contains { $0.collection == Consumer.collection }
    let names = delta.plugins.values.contains { $0?.anonymous != nil }
    guard isAboutConsumers || names else { return }
    var plugins = self.control.pluginsWithAnonymous()
    for (id, plugin) in delta.plugins {
      plugins.removeAll { $0.id == id }
      if let plugin { plugins.append(plugin) }
    }
    let changed = try await self.loadNamedConsumers(plugins, from: self.store)
    for plugin in plugins where plugin.anonymous.map(changed.contains) == true {
      delta.plugins.updateValue(plugin, forKey: plugin.id)
    }
  }

  @discardableResult
  private func loadNamedConsumers(_ plugins: [PluginEntity], from store: any Store) async throws -> Set<String> {
    var consumers: [String: Consumer] = [:]
    for name in Set(plugins.compactMap(\.anonymous)) {
      let lookup: EntityLookup =
        EntityID(name).map { .id($0.description) } ?? .unique(field: "username", value: name, workspace: nil)
      let found = try await store.find(lookup, in: ConsumersSchema.schema)
      consumers[name] = found.flatMap { Consumer(validated: $0.object) }
    }
    return self.cache.setNamed(consumers)
  }
}
