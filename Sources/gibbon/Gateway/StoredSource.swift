// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonControl
internal import GibbonEngine
internal import GibbonIO
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// A node whose entities are in a datastore, which it follows.
final class StoredSource: ConfigurationSource {
  let access: DataAccess
  private let store: SwitchingStore
  private let cache: CredentialCache
  private let follower: Follower
  private let errorLog: GibbonEngine.ErrorLog
  private let ticks = Mutex(0)
  private let pollSeconds: Int
  private let purgeSeconds: Int
  private let news: ChangeNews
  private let registry: EntityRegistry
  private let probe: DatastoreProbe
  /// Of the datastore that is used.
  private let settings: Mutex<DatastoreSettings>

  /// Entries of the change feed that are kept for those that follow it.
  private static let feedLength = 100_000

  /// - Parameter datastore: ready to be used.
  init(
    _ datastore: ReadyDatastore, _ entities: EntitySource, _ control: ControlPlane, _ engine: EngineBox,
    _ errorLog: GibbonEngine.ErrorLog
  ) {
    let store = SwitchingStore(StorePlace(datastore.store))
    let cache = CredentialCache(
      store: store, registry: entities.registry,
      capacity: datastore.settings.cacheBytes / CredentialCache.entryBytes, now: EntitySource.now)
    let follower = Follower(
      store: store, control: control, cache: cache, now: EntitySource.now, use: { engine.use($0) },
      report: { level, text in errorLog.write(level, text) })
    self.store = store
    self.registry = entities.registry
    self.probe = DatastoreProbe(store)
    self.settings = Mutex(datastore.settings)
    self.cache = cache
    self.follower = follower
    self.errorLog = errorLog
    self.pollSeconds = max(1, Int(datastore.settings.updateFrequency.components.seconds))
    self.purgeSeconds = Int(datastore.settings.cleanupInterval.components.seconds)
    self.news = ChangeNews(follower)
    self.access = DataAccess(
      store: store, registry: entities.registry, now: EntitySource.now, warn: { errorLog.write(.warn, $0) },
      committed: { await follower.caughtUp(with: $0) })
  }

  func first(_ configuration: Configuration) throws -> Snapshot {
    let follower = self.follower
    let snapshot = try waiting { try await follower.first() }
    let news = self.news
    self.store.hearChanges { news.heard($0) }
    return snapshot
  }

  /// Entities are followed anyway; a reload reads all of them anew. Where the datastore is said to be elsewhere, or to
  /// be logged in to otherwise, it goes there.
  func reload(_ configuration: Configuration, _ take: @escaping @Sendable (Snapshot?) throws -> Void) throws {
    let follower = self.follower
    let next = configuration.datastore
    let isMoved = self.settings.withLock { current in
      switch configuration.database {
      case .postgres: current.postgres != next.postgres || current.postgresReplica != next.postgresReplica
      case .cassandra: current.cassandra != next.cassandra
      case .off, .sqlite: false
      }
    }
    guard isMoved, self.store.kind == configuration.database.rawValue, let server = ServerNames(configuration) else {
      return try self.readAnew(take)
    }
    let (log, store) = (self.errorLog, self.store)
    let ready = try Datastore.ready(configuration, self.registry, .reload) { log.write(.notice, $0) }
    let place = StorePlace(ready.store)
    do {
      try waiting {
        try await follower.move(to: ready.store, take: { try take($0) }) {
          let left = store.put(place)
          // What is under way there may take its time.
          Task { await left.close() }
        }
      }
    } catch {
      try? waiting { await place.close() }
      throw error
    }
    self.settings.withLock { $0 = next }
    log.write(.notice, "the datastore is now \(server.server)")
  }

  /// Properties are taken over also while the datastore is away.
  private func readAnew(_ take: @escaping @Sendable (Snapshot?) throws -> Void) throws {
    let follower = self.follower
    let isAsked = Atomic(false)
    do {
      try waiting {
        try await follower.readAnew {
          isAsked.store(true, ordering: .relaxed)
          try take($0)
        }
      }
    } catch {
      if isAsked.load(ordering: .relaxed) { throw error }
      try take(nil)
      self.errorLog.write(.error, "entities were not read anew, those that are served stay: \(error)")
    }
  }

  func served() async -> ServedConfiguration {
    let served = await self.follower.served
    return ServedConfiguration(
      hash: Follower.hash(served.revision), revision: served.revision, since: served.since)
  }

  func isReachable() async -> Bool? { await self.probe.isReachable() }

  func condition() async -> String? {
    guard await self.follower.isReachable else { return "it does not answer; what was read last is served" }
    return self.store.condition
  }

  func load(_ declared: DeclarativeConfiguration) async throws {
    throw Failure("a node with a database takes no declarative configuration", advice: "Use gibbon config db_import.")
  }

  func hearParameters(_ heard: @escaping @Sendable ([EntityChange]) async -> Void) async {
    await self.follower.hearParameters(heard)
  }

  func cached(_ key: String) -> JSONValue? { self.cache.cached(key) }

  func forgetCached(_ key: String?) {
    if let key { self.cache.forget(key) } else { self.cache.forgetAll() }
  }

  func tick() async {
    let tick = self.ticks.withLock { ticks in
      ticks += 1
      return ticks
    }
    if tick % self.pollSeconds == 0 { await self.follower.poll() }
    if self.purgeSeconds > 0, tick % self.purgeSeconds == 0 {
      do {
        try await self.store.purgeExpired()
        try await self.store.trimChanges(keeping: Self.feedLength)
      } catch {
        self.errorLog.write(.warn, "the datastore could not be tidied: \(error)")
      }
    }
  }

  func stop() async { await self.store.close() }
}
