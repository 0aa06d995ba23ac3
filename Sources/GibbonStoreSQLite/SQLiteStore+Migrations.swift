// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore

extension SQLiteStore {
  public func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    try await self.read { try Self.state(plan, $0) }
  }

  private static func state(_ plan: MigrationPlan, _ database: Database) throws -> MigrationState {
    let executed =
      try database.tableExists("schema_meta")
      ? try String.fetchAll(database, sql: "SELECT name FROM schema_meta ORDER BY place") : []
    let known = Set(executed)
    let planned = plan.groups.flatMap { group in group.migrations.map { "\(group.owner)/\($0.name)" } }
    return MigrationState(executed: executed, new: planned.filter { !known.contains($0) })
  }

  public func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError) {
    let new = Set(try await self.migrationState(plan).new)
    let now = self.now()
    for group in plan.groups {
      for migration in group.migrations {
        let name = "\(group.owner)/\(migration.name)"
        guard new.contains(name) else { continue }
        progress(name)
        try await self.queue.run { try Self.run(migration, as: name, now, $0) }
      }
    }
  }

  private static func run(_ migration: Migration, as name: String, _ now: Double, _ database: Database) throws {
    for statement in Self.meta { try database.execute(sql: statement) }
    // Another process may have been faster.
    try database.execute(
      sql: "INSERT OR IGNORE INTO schema_meta (name, executed_at) VALUES (?, ?)", arguments: [name, now])
    guard database.changesCount > 0 else { return }
    for step in migration.steps {
      switch step {
      case .createTable(let layout):
        for statement in TableColumns.create(layout) { try database.execute(sql: statement) }
        if layout.name == Workspace.collection { try Self.addDefaultWorkspace(now, database) }
      }
    }
  }

  /// The workspace that everything belongs to which says nothing else.
  private static func addDefaultWorkspace(_ now: Double, _ database: Database) throws {
    let table = Table(WorkspacesSchema.schema)
    let object = Workspace.defaultObject(createdAt: Int(now))
    try database.execute(
      sql: "INSERT INTO \(table.name) (id, name, revision, document) VALUES (?, ?, 0, ?)",
      arguments: [
        Workspace.defaultID.description, "default",
        String(decoding: JSONValue.object(object).serialized(), as: UTF8.self),
      ])
  }

  /// What every datastore has besides its collections.
  private static let meta = [
    """
    CREATE TABLE IF NOT EXISTS schema_meta (
      place INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, executed_at REAL NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS changes (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, entity_name TEXT NOT NULL, entity_id TEXT NOT NULL,
      changed_at REAL NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS tags (
      tag TEXT NOT NULL, entity_name TEXT NOT NULL, entity_id TEXT NOT NULL,
      PRIMARY KEY (tag, entity_name, entity_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS tags_entity ON tags (entity_name, entity_id)",
    """
    CREATE TABLE IF NOT EXISTS counters (
      namespace TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, expires_at REAL NOT NULL,
      PRIMARY KEY (namespace, name)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS counters_expires_at ON counters (expires_at)",
    "CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, expires_at REAL NOT NULL)",
  ]

  public func reset() async throws(StoreError) {
    do {
      try await self.pool.erase()
    } catch {
      throw SQLiteFault.storeError(error)
    }
  }
}
