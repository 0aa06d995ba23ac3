// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
internal import GibbonEngine
internal import GibbonIO
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// What commands do with the datastore while no gateway of theirs need run.
struct DatastoreTasks {
  private let entities: EntitySource
  private let store: any Store

  /// - Throws: `Failure` where the configuration names no database.
  init(_ configuration: Configuration) throws {
    guard configuration.database != .off else {
      throw Failure(
        "this needs a database, and database = off", advice: "Set database = sqlite (GIBBON_DATABASE=sqlite).")
    }
    self.entities = EntitySource(configuration)
    self.store = try Datastore.open(configuration, self.entities.registry)
  }

  private var access: DataAccess {
    DataAccess(
      store: self.store, registry: self.entities.registry, inspection: self.entities.inspection,
      now: EntitySource.now)
  }

  func close() {
    let store = self.store
    try? waiting { await store.close() }
  }

  // MARK: Migrations

  /// Waits for a server that is not up yet.
  func awaitServer(_ configuration: Configuration, seconds: Int) throws {
    guard let names = ServerNames(configuration) else { return }
    let patience = StartPatience(seconds: seconds)
    _ = try StartWait(self.store, names, patience, report: { Console.note($0) }).reached()
  }

  func state() throws -> MigrationState {
    let store = self.store
    return try waiting { try await store.migrationState(EntitySource.migrations) }
  }

  func migrate() throws {
    let store = self.store
    try waiting {
      try await store.migrate(EntitySource.migrations) { Console.note("running migration \($0)") }
    }
  }

  func reset() throws {
    let store = self.store
    try waiting { try await store.reset() }
  }

  // MARK: Entities

  /// What a gateway on this datastore would serve.
  func snapshot(_ control: ControlPlane) throws -> Snapshot {
    let follower = Follower(
      store: self.store, control: control,
      cache: CredentialCache(store: self.store, registry: self.entities.registry, capacity: 1, now: EntitySource.now),
      now: EntitySource.now, use: { _ in }, report: { _, _ in })
    return try waiting { try await follower.first() }
  }

  /// - Returns: how many entities were imported.
  func importFile(_ path: String, progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void) throws -> Int {
    let declared = try self.entities.load(path: path, inspects: false)
    let all = declared.count - declared.workspaces.count
    try self.migrate()
    let access = self.access
    return try waiting {
      try await EntityImport(access).run(declared) { progress($0, all) }
    }
  }

  /// The vault entities.
  func vaults() throws -> [Vault] {
    let store = self.store
    let snapshot = try waiting { try await store.snapshot(of: [VaultsSchema.schema]) }
    return (snapshot.rows[Vault.collection] ?? []).compactMap { Vault(validated: $0.object) }
  }

  /// All entities as a declarative file.
  func exported() throws -> [UInt8] {
    let access = self.access
    let rows = try waiting { try await access.exportedRows() }
    return DeclarativeExporter(registry: self.entities.registry).yaml(of: rows)
  }
}
