// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonConfig
internal import GibbonIO
internal import GibbonModel
internal import GibbonStore
internal import GibbonStoreCassandra
internal import GibbonStorePostgres
internal import GibbonStoreSQLite

/// The datastore that a configuration names.
enum Datastore {
  static func open(
    _ configuration: Configuration, _ registry: EntityRegistry, patience: StartPatience = StartPatience()
  ) throws -> any Store {
    switch configuration.database {
    case .sqlite:
      do {
        try DatabaseFile.prepare(configuration.datastore.sqlitePath)
        return try SQLiteStore(path: configuration.datastore.sqlitePath, registry: registry, now: EntitySource.now)
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure(
          "sqlite_path: \(configuration.datastore.sqlitePath) cannot be opened: \(error)",
          advice: "Make its folder and let this user write there, or choose another path.")
      }
    case .postgres:
      return PostgresStore(
        PostgresServer(configuration.datastore.postgres),
        replica: configuration.datastore.postgresReplica.map { PostgresServer($0) }, registry: registry,
        migrationSeconds: patience.lockSeconds, now: EntitySource.now)
    case .off: throw Failure("there is no database", advice: "Set database = sqlite.")
    case .cassandra:
      let settings = configuration.datastore.cassandra
      return CassandraStore(
        CQLSettings(settings), CassandraKeyspace(settings), registry: registry,
        migrationSeconds: patience.lockSeconds, now: EntitySource.now)
    }
  }

  /// Opens the datastore of a gateway that starts, waits for it, and brings its layout up to date.
  static func ready(
    _ configuration: Configuration, _ registry: EntityRegistry, _ patience: StartPatience,
    report: @escaping @Sendable (String) -> Void
  ) throws -> ReadyDatastore {
    let store = try Self.open(configuration, registry, patience: patience)
    do {
      if let server = ServerNames(configuration) {
        if configuration.database == .cassandra, configuration.datastore.cassandra.mayReadStale {
          report(
            "cassandra_read_consistency = \(configuration.datastore.cassandra.readConsistency) with these replicas: "
              + "this node may miss what another one has just written; QUORUM does not")
        }
        try StartWait(store, server, patience, report: report).run()
        if let cassandra = store as? CassandraStore,
          let notice = try waiting({ await cassandra.replicationNotice() })
        {
          report(notice)
        }
      } else {
        // The embedded database is this node's alone, so that nobody need be asked.
        try waiting {
          try await store.migrate(EntitySource.migrations) { report("datastore: running migration \($0)") }
        }
      }
    } catch {
      try? waiting { await store.close() }
      throw error
    }
    return ReadyDatastore(store: store, settings: configuration.datastore)
  }
}

/// A datastore that answers and has the layout of this version.
struct ReadyDatastore {
  let store: any Store
  let settings: DatastoreSettings
}

/// What a gateway that starts puts up with.
struct StartPatience: Sendable {
  /// For the datastore to answer.
  var seconds = 60
  /// For another node to finish its migrations.
  var lockSeconds = 60
  /// Whether a layout that is there may be brought up to date; an empty datastore is set up anyway.
  var runsMigrations = false
  /// Whether an empty datastore is set up.
  var setsUp = true

  /// What a reload does, which must answer soon. An empty datastore in place of a full one is a mistake.
  static let reload = StartPatience(seconds: 5, lockSeconds: 10, setsUp: false)
}

extension PostgresServer {
  init(_ settings: PostgresSettings) {
    self.init(
      host: settings.host, port: settings.port, database: settings.database, user: settings.user)
    self.schema = settings.schema
    self.password = settings.password
    if settings.usesTLS {
      self.encryption =
        settings.verifiesServer
        ? .verified(authorities: settings.authorities) : settings.requiresTLS ? .required : .preferred
    }
    self.certificate = settings.certificate.map { Certificate(file: $0.file, keyFile: $0.keyFile) }
    self.timeoutMilliseconds = settings.timeoutMilliseconds
    self.pool.connections = settings.connections
    self.pool.backlog = settings.backlog
    self.pool.waitMilliseconds = settings.waitMilliseconds
    self.pool.idleMilliseconds = settings.idleMilliseconds
  }
}
