// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore

extension PostgresStore {
  public func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    let state = try await self.primary.run { try Self.state(plan, $0) }
    guard state.isBootstrapped, !state.isUpToDate else { return state }
    // Another node may be in the middle of it: what counts is what it leaves.
    return try await self.whileNobodyMigrates { try Self.state(plan, $0) }
  }

  private func whileNobodyMigrates<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value
  ) async throws(StoreError) -> Value {
    let pool = self.migrationPool()
    let result: Result<Value, StoreError>
    do throws(StoreError) {
      result = .success(
        try await pool.run { connection in
          try Self.lock(connection)
          return try body(connection)
        })
    } catch {
      result = .failure(error)
    }
    await pool.close()
    return try result.get()
  }

  private static func state(_ plan: MigrationPlan, _ connection: Connection) throws -> MigrationState {
    let executed =
      try Self.hasMeta(connection) ? try connection.query("SELECT name FROM schema_meta ORDER BY place").keys : []
    let known = Set(executed)
    let planned = plan.groups.flatMap { group in group.migrations.map { "\(group.owner)/\($0.name)" } }
    return MigrationState(executed: executed, new: planned.filter { !known.contains($0) })
  }

  /// Whether the database was ever set up.
  ///
  /// - Throws: where somebody else's tables are.
  private static func hasMeta(_ connection: Connection) throws -> Bool {
    let rows = try connection.query(
      """
      SELECT count(*), count(*) FILTER (WHERE column_name = 'place') FROM information_schema.columns \
      WHERE table_schema = current_schema() AND table_name = 'schema_meta'
      """, isPrepared: false)
    guard rows.integer(0, 0) ?? 0 > 0 else { return false }
    guard rows.integer(0, 1) ?? 0 > 0 else {
      throw StoreError.layout(
        "the database '\(connection.server.database)' holds another program's tables, such as Kong's; choose another "
          + "pg_database or pg_schema, and bring entities over as a declarative file with 'config db_import'")
    }
    return true
  }

  // MARK: Running them

  public func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError) {
    guard !(try await self.migrationState(plan).new.isEmpty) else { return }
    let pool = self.migrationPool()
    do throws(StoreError) {
      try await self.migrate(plan, pool, progress)
    } catch {
      await pool.close()
      throw error
    }
    await pool.close()
  }

  /// One connection, which therefore is the same from statement to statement, and keeps its lock until it is closed.
  private func migrationPool() -> ConnectionPool {
    var server = self.primary.server
    server.pool.connections = 1
    server.pool.idleMilliseconds = nil
    let (settled, milliseconds) = (server, max(1, self.migrationSeconds) * 1000)
    return ConnectionPool(settled) {
      try Connection(settled, application: "gibbon migrations", statementMilliseconds: milliseconds)
    }
  }

  private func migrate(
    _ plan: MigrationPlan, _ pool: ConnectionPool, _ progress: @Sendable (String) -> Void
  ) async throws(StoreError) {
    let new = try await pool.run { connection in
      try Self.lock(connection)
      // Another node may have been faster.
      let new = Set(try Self.state(plan, connection).new)
      if !new.isEmpty { for statement in Self.meta { try connection.run(script: statement) } }
      return new
    }
    let now = self.clock.now
    for group in plan.groups {
      for migration in group.migrations {
        let name = "\(group.owner)/\(migration.name)"
        guard new.contains(name) else { continue }
        progress(name)
        try await pool.run(isRepeatable: false) { try Self.run(migration, as: name, now, $0) }
      }
    }
  }

  /// Keeps every other node from migrating until this connection is closed, and makes the schema.
  private static func lock(_ connection: Connection) throws {
    let schema = connection.server.schema
    do {
      try connection.query(
        """
        SELECT pg_advisory_lock(hashtextextended('gibbon migrations ' || COALESCE($1::text, current_schema(), ''), 0))
        """, [.text(schema)], isPrepared: false)
    } catch PostgresFault.refused(let refusal) where refusal.state == "57014" {
      throw StoreError.unavailable(
        "another node has been migrating for more than \(connection.statementMilliseconds / 1000) s")
    }
    guard let schema else { return }
    let rows = try connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [.text(schema)], isPrepared: false)
    if rows.count == 0 { try connection.run(script: "CREATE SCHEMA \(SQLName.quoted(schema))") }
  }

  private static func run(_ migration: Migration, as name: String, _ now: Double, _ connection: Connection) throws {
    let tables = migration.steps.map { step in
      switch step {
      case .createTable(let layout): layout.name
      }
    }
    try connection.transaction("BEGIN") { _ in
      let added = try connection.query(
        "INSERT INTO schema_meta (name, executed_at, tables) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        [.text(name), .real(now), .text(Self.list(tables))], isPrepared: false)
      guard added.affected > 0 else { return }
      for step in migration.steps {
        switch step {
        case .createTable(let layout):
          for statement in TableColumns.create(layout) { try connection.run(script: statement) }
          if layout.name == Workspace.collection { try Self.addDefaultWorkspace(now, connection) }
        }
      }
    }
  }

  /// The workspace that everything belongs to which says nothing else.
  private static func addDefaultWorkspace(_ now: Double, _ connection: Connection) throws {
    let table = Table(WorkspacesSchema.schema)
    let object = Workspace.defaultObject(createdAt: Int(clamping: now))
    try connection.query(
      "INSERT INTO \(table.quoted) (id, name, revision, document) VALUES ($1, $2, 0, $3)",
      [
        .text(Workspace.defaultID.description), .text("default"),
        .text(String(decoding: JSONValue.object(object).serialized(), as: UTF8.self)),
      ], isPrepared: false)
  }

  /// What every datastore has besides its collections.
  private static let meta = [
    """
    CREATE TABLE IF NOT EXISTS schema_meta (
      place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE,
      executed_at double precision NOT NULL, tables json NOT NULL
    )
    """,
    "CREATE TABLE IF NOT EXISTS feed_revision (is_only boolean PRIMARY KEY CHECK (is_only), revision bigint NOT NULL)",
    "INSERT INTO feed_revision (is_only, revision) VALUES (true, 0) ON CONFLICT DO NOTHING",
    """
    CREATE TABLE IF NOT EXISTS changes (
      seq bigint PRIMARY KEY, entity_name text COLLATE "C" NOT NULL, entity_id text COLLATE "C" NOT NULL,
      changed_at double precision NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS tags (
      tag text COLLATE "C" NOT NULL, entity_name text COLLATE "C" NOT NULL, entity_id text COLLATE "C" NOT NULL,
      PRIMARY KEY (tag, entity_name, entity_id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS tags_entity ON tags (entity_name, entity_id)",
    // Not in the server's log of changes: counting does not wait for the disk, and begins anew after a crash.
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS counters (
      namespace text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value bigint NOT NULL,
      expires_at double precision NOT NULL, PRIMARY KEY (namespace, name)
    )
    """,
    "CREATE INDEX IF NOT EXISTS counters_expires_at ON counters (expires_at)",
    """
    CREATE TABLE IF NOT EXISTS locks (
      name text COLLATE "C" PRIMARY KEY, owner text NOT NULL, expires_at double precision NOT NULL
    )
    """,
  ]

  private static let metaNames = ["schema_meta", "feed_revision", "changes", "tags", "counters", "locks"]

  public func reset() async throws(StoreError) {
    let pool = self.migrationPool()
    let outcome: Result<Void, StoreError>
    do throws(StoreError) {
      try await pool.run { connection in
        try Self.lock(connection)
        guard try Self.hasMeta(connection) else { return }
        let rows = try connection.query("SELECT json_array_elements_text(tables) FROM schema_meta", isPrepared: false)
        let names = (rows.keys + Self.metaNames).map(SQLName.quoted).joined(separator: ", ")
        try connection.run(script: "DROP TABLE IF EXISTS \(names)")
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await pool.close()
    self.note(0, isAnew: true)
    try outcome.get()
  }
}
