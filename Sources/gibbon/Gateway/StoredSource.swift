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
internal import GibbonStoreSQLite
internal import Synchronization

/// A node whose entities are in a datastore, which it follows.
final class StoredSource: ConfigurationSource {
  let access: DataAccess
  private let store: any Store
  private let cache: CredentialCache
  private let follower: Follower
  private let errorLog: GibbonEngine.ErrorLog
  private let ticks = Mutex(0)
  private let pollSeconds: Int

  /// Entries of the change feed that are kept for those that follow it.
  private static let feedLength = 100_000
  /// Between two deletions of what has outlived its time.
  private static let purgeSeconds = 300

  init(
    _ configuration: Configuration, _ entities: EntitySource, _ control: ControlPlane, _ engine: EngineBox,
    _ errorLog: GibbonEngine.ErrorLog
  ) throws {
    let store = try Datastore.open(configuration, entities.registry)
    try Datastore.prepare(store, configuration) { errorLog.write(.notice, $0) }
    let cache = CredentialCache(
      store: store, registry: entities.registry,
      capacity: configuration.datastore.cacheBytes / CredentialCache.entryBytes, now: EntitySource.now)
    let follower = Follower(
      store: store, control: control, cache: cache, now: EntitySource.now, use: { engine.use($0) },
      report: { level, text in errorLog.write(level, text) })
    self.store = store
    self.cache = cache
    self.follower = follower
    self.errorLog = errorLog
    self.pollSeconds = max(1, Int(configuration.datastore.updateFrequency.components.seconds))
    self.access = DataAccess(
      store: store, registry: entities.registry, now: EntitySource.now,
      committed: { await follower.caughtUp(with: $0) })
  }

  func first(_ configuration: Configuration) throws -> Snapshot {
    let follower = self.follower
    return try waiting { try await follower.first() }
  }

  /// Entities are followed anyway; a reload looks at once.
  func reload(_ configuration: Configuration) throws {
    let follower = self.follower
    try waiting { await follower.poll() }
  }

  func served() async -> ServedConfiguration {
    let served = await self.follower.served
    return ServedConfiguration(
      hash: Follower.hash(served.revision), revision: served.revision, since: served.since)
  }

  func isReachable() async -> Bool? {
    do {
      _ = try await self.store.revision()
      return true
    } catch {
      return false
    }
  }

  func load(_ declared: DeclarativeConfiguration) async throws {
    throw Failure("a node with a database takes no declarative configuration", advice: "Use gibbon config db_import.")
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
    if tick % Self.purgeSeconds == 0 {
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

/// The datastore that a configuration names.
enum Datastore {
  static func open(_ configuration: Configuration, _ registry: EntityRegistry) throws -> any Store {
    switch configuration.database {
    case .sqlite:
      do {
        return try SQLiteStore(path: configuration.datastore.sqlitePath, registry: registry, now: EntitySource.now)
      } catch {
        throw Failure(
          "sqlite_path: \(configuration.datastore.sqlitePath) cannot be opened: \(error)",
          advice: "Make its folder and let this user write there, or choose another path.")
      }
    case .off: throw Failure("there is no database", advice: "Set database = sqlite.")
    case .postgres, .cassandra: throw Failure("database = \(configuration.database) is not available yet")
    }
  }

  /// Brings the layout up to date. The embedded database is this node's alone, so that nobody need be asked.
  static func prepare(_ store: any Store, _ configuration: Configuration, report: @escaping @Sendable (String) -> Void)
    throws
  {
    try waiting {
      try await store.migrate(EntitySource.migrations) { report("datastore: running migration \($0)") }
    }
  }
}
