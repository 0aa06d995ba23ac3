// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import GibbonModel
internal import GibbonStore
internal import GibbonStorePostgres
internal import GibbonStoreSQLite
internal import Glibc

/// The datastore that a configuration names.
enum Datastore {
  static func open(
    _ configuration: Configuration, _ registry: EntityRegistry, patience: StartPatience = StartPatience()
  ) throws -> any Store {
    switch configuration.database {
    case .sqlite:
      do {
        return try SQLiteStore(path: configuration.datastore.sqlitePath, registry: registry, now: EntitySource.now)
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
    case .cassandra: throw Failure("database = \(configuration.database) is not available yet")
    }
  }

  /// Opens the datastore of a gateway that starts, waits for it, and brings its layout up to date.
  static func ready(
    _ configuration: Configuration, _ registry: EntityRegistry, _ patience: StartPatience,
    report: @escaping @Sendable (String) -> Void
  ) throws -> ReadyDatastore {
    let store = try Self.open(configuration, registry, patience: patience)
    do {
      if configuration.database == .postgres {
        try StartWait(store, configuration.datastore.postgres, patience, report: report).run()
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

/// Waits for a datastore that is not up yet, and sees to its layout.
private struct StartWait {
  private let store: any Store
  private let settings: PostgresSettings
  private let patience: StartPatience
  private let report: @Sendable (String) -> Void

  /// Microseconds between two attempts.
  private static let pause: UInt32 = 250_000
  /// Attempts between two words about it, where the reason stays the same.
  private static let silence = 20

  init(
    _ store: any Store, _ settings: PostgresSettings, _ patience: StartPatience,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.settings = settings
    self.patience = patience
    self.report = report
  }

  func run() throws {
    let store = self.store
    let deadline = ContinuousClock.now.advanced(by: .seconds(self.patience.seconds))
    var said = ""
    var attempts = 0
    while true {
      let outcome: Result<MigrationState, StoreError> = try waiting {
        do throws(StoreError) {
          return .success(try await store.migrationState(EntitySource.migrations))
        } catch {
          return .failure(error)
        }
      }
      switch outcome {
      case .success(let state): return try self.migrate(from: state)
      case .failure(.unavailable(let reason)) where Self.isWorthWaiting(reason) && ContinuousClock.now < deadline:
        if reason != said || attempts % Self.silence == 0 {
          self.report("waiting for PostgreSQL at \(self.place): \(reason)")
        }
        said = reason
      case .failure(let error): throw self.failure(error)
      }
      attempts += 1
      if Signal.isEndAsked { throw Failure("stopped while waiting for PostgreSQL at \(self.place)") }
      usleep(Self.pause)
    }
  }

  private var place: String { "\(self.settings.host):\(self.settings.port)" }

  /// What the server says of the user, the password or the database does not change by waiting. Its words are all that
  /// libpq has of it; where they are in another language, waiting does no harm.
  private static func isWorthWaiting(_ reason: String) -> Bool {
    let lasting = [
      "password authentication failed", "no password supplied", "no pg_hba.conf entry", "authentication failed for",
      "does not exist", "certificate", "private key",
    ]
    let isSaid = ["FATAL", "certificate", "private key"].contains { reason.contains($0) }
    return !isSaid || !lasting.contains { reason.contains($0) }
  }

  private func migrate(from state: MigrationState) throws {
    guard !state.isUpToDate else { return }
    guard state.isBootstrapped || self.patience.setsUp else {
      throw Failure(
        "the database '\(self.settings.database)' at \(self.place) is not set up",
        advice: "Choose the right one, or run 'gibbon migrations bootstrap' and import entities first.")
    }
    guard !state.isBootstrapped || self.patience.runsMigrations else {
      throw Failure(
        "the database '\(self.settings.database)' has the layout of an earlier version; new: "
          + state.new.joined(separator: ", "),
        advice: "Run 'gibbon migrations up' once, or start with --run-migrations.")
    }
    let (store, report) = (self.store, self.report)
    do {
      try waiting { try await store.migrate(EntitySource.migrations) { report("datastore: running migration \($0)") } }
    } catch let error as StoreError {
      throw self.failure(error)
    }
  }

  private func failure(_ error: StoreError) -> Failure {
    let what =
      "PostgreSQL at \(self.place), database '\(self.settings.database)', user '\(self.settings.user)': \(error)"
    guard case .unavailable = error else { return Failure(what) }
    return Failure(
      what,
      advice: "Start the server, or correct pg_host, pg_port, pg_user, pg_password and pg_database. "
        + "'gibbon start --db-timeout SECONDS' waits longer.")
  }
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
