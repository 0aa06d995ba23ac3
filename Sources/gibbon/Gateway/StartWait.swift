// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import GibbonStore
internal import Glibc

/// What to call a datastore's server, in what is said about it.
struct ServerNames: Sendable {
  /// Such as `PostgreSQL`.
  let kind: String
  /// Such as `db:5432`.
  let place: String
  /// Such as `database 'kong'`.
  let database: String
  let user: String
  /// What to correct when it cannot be reached.
  let properties: String
  /// In the words of the server's refusals that waiting does not change.
  let lasting: [String]
  /// In every such refusal; nil: any.
  let refusal: String?

  /// - Returns: nil where the datastore has no server.
  init?(_ configuration: Configuration) {
    switch configuration.database {
    case .postgres:
      let settings = configuration.datastore.postgres
      self.kind = "PostgreSQL"
      self.place = "\(settings.host):\(settings.port)"
      self.database = "database '\(settings.database)'"
      self.user = settings.user
      self.properties = "pg_host, pg_port, pg_user, pg_password and pg_database"
      self.lasting = [
        "password authentication failed", "no password supplied", "no pg_hba.conf entry", "authentication failed for",
        "does not exist",
      ]
      self.refusal = "FATAL"
    case .cassandra:
      let settings = configuration.datastore.cassandra
      self.kind = "Cassandra"
      self.place = settings.contactPoints.map { "\($0):\(settings.port)" }.joined(separator: ", ")
      self.database = "keyspace '\(settings.keyspace)'"
      self.user = settings.user ?? ""
      self.properties = "cassandra_contact_points, cassandra_port, cassandra_username and cassandra_password"
      // 4.0 puts the name in the middle.
      self.lasting = ["and/or password are incorrect", "asks for a user"]
      self.refusal = nil
    case .off, .sqlite: return nil
    }
  }

  var server: String { "\(self.kind) at \(self.place)" }

  /// What the server says of the user, the password or the database does not change by waiting. Its words are all there
  /// is of it; where they are in another language, waiting does no harm.
  func isWorthWaiting(_ reason: String) -> Bool {
    if reason.contains("certificate") || reason.contains("private key") { return false }
    // Said by the client, before the server could refuse.
    if reason.contains("no password supplied") { return false }
    return !(self.refusal.map { reason.contains($0) } ?? true) || !self.lasting.contains { reason.contains($0) }
  }
}

/// Waits for a datastore that is not up yet, and sees to its layout.
struct StartWait {
  private let store: any Store
  private let names: ServerNames
  private let patience: StartPatience
  private let report: @Sendable (String) -> Void

  /// Microseconds between two attempts.
  private static let pause: UInt32 = 250_000
  /// Attempts between two words about it, where the reason stays the same.
  private static let silence = 20

  init(
    _ store: any Store, _ names: ServerNames, _ patience: StartPatience, report: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.names = names
    self.patience = patience
    self.report = report
  }

  func run() throws { try self.migrate(from: try self.reached()) }

  /// Waits until the datastore answers.
  func reached() throws -> MigrationState {
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
      case .success(let state): return state
      case .failure(.unavailable(let reason))
      where self.names.isWorthWaiting(reason) && ContinuousClock.now < deadline:
        if reason != said || attempts % Self.silence == 0 {
          self.report("waiting for \(self.names.server), up to \(self.patience.seconds) s: \(reason)")
        }
        said = reason
      case .failure(let error): throw self.failure(error)
      }
      attempts += 1
      if Signal.isEndAsked { throw Failure("stopped while waiting for \(self.names.server)") }
      usleep(Self.pause)
    }
  }

  private func migrate(from state: MigrationState) throws {
    guard !state.isUpToDate else { return }
    guard state.isBootstrapped || self.patience.setsUp else {
      throw Failure(
        "the \(self.names.database) at \(self.names.place) is not set up",
        advice: "Choose the right one, or run 'gibbon migrations bootstrap' and import entities first.")
    }
    guard !state.isBootstrapped || self.patience.runsMigrations else {
      throw Failure(
        "the \(self.names.database) has the layout of an earlier version; new: "
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
    let what = "\(self.names.server), \(self.names.database), user '\(self.names.user)': \(error)"
    if what.contains("permission denied for schema") {
      return Failure(
        what,
        advice: "As an administrator of \(self.names.database) run one of: GRANT USAGE, CREATE ON SCHEMA public TO "
          + "\"\(self.names.user)\"; or ALTER SCHEMA public OWNER TO \"\(self.names.user)\";")
    }
    guard case .unavailable = error else { return Failure(what) }
    return Failure(
      what,
      advice: "Start the server, or correct \(self.names.properties). "
        + "'gibbon start --db-timeout SECONDS' waits longer.")
  }
}
