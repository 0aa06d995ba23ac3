// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

extension CassandraStore {
  private static let lockName = "migrations"
  /// Seconds after which a node that migrates counts as dead.
  private static let lockSeconds = 120.0
  private static let pause = Duration.milliseconds(100)

  private var setupLock: ServerLock { ServerLock(tables: self.tables, table: TableLayouts.setupName) }

  // MARK: What there is

  public func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    let end = ContinuousClock.now.advanced(by: .seconds(self.migrationSeconds))
    while true {
      let state = try await self.state(plan)
      // Another node may be in the middle of it: what counts is what it leaves.
      guard state.isBootstrapped, !state.isUpToDate, try await self.isMigrating(), ContinuousClock.now < end else {
        return state
      }
      try? await Task.sleep(for: Self.pause)
    }
  }

  private func state(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState {
    var executed: [(place: Int64, name: String)] = []
    if try await self.tableNames().contains(TableLayouts.migrations) {
      let rows = try await self.tables.rows(
        "SELECT place, name FROM \(self.tables.keyspace).migrations", [], .available)
      for row in rows where row.count == 2 {
        if let place = row[0].integer, let name = row[1].text { executed.append((place, name)) }
      }
    }
    let names = executed.sorted { $0.place < $1.place }.map(\.name)
    let planned = plan.groups.flatMap { group in group.migrations.map { "\(group.owner)/\($0.name)" } }
    return MigrationState(executed: names, new: planned.filter { !Set(names).contains($0) })
  }

  /// The tables that every node of the cluster's knows: another gateway may be making them just now, and the next
  /// statement go to another node.
  ///
  /// - Throws: where somebody else's tables are.
  private func tableNames() async throws(StoreError) -> Set<String> {
    let rows = try await self.tables.rows(
      "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [.text(self.keyspace.name)], .nodesOwn)
    let names = Set(rows.compactMap { $0.first?.text })
    guard names.isEmpty || names.contains(TableLayouts.setupName) else {
      throw .layout(
        "the keyspace '\(self.keyspace.name)' holds another program's tables, such as Kong's; choose another "
          + "cassandra_keyspace, and bring entities over as a declarative file with 'config db_import'")
    }
    if !names.isEmpty {
      do throws(CQLError) {
        try await self.session.awaitSchemaAgreement()
      } catch {
        // Nodes of different versions may disagree for as long as an upgrade takes. What one has whole, all have had.
        guard TableLayouts.all.allSatisfy({ names.contains($0.name) }) else { throw StoreError(cql: error) }
      }
    }
    return names
  }

  private func isMigrating() async throws(StoreError) -> Bool {
    let rows = try await self.tables.rows(
      "SELECT until FROM \(self.tables.keyspace).setup WHERE name = ?", [.text(Self.lockName)], .available)
    return rows.first?.first?.double ?? 0 > self.now()
  }

  // MARK: Running them

  public func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError) {
    if try await self.migrationState(plan).isUpToDate { return }
    try await self.makeKeyspace()
    try await self.whileNobodyMigrates { (prolong) async throws(StoreError) in
      // Another node may have been faster.
      let state = try await self.state(plan)
      guard !state.new.isEmpty else { return }
      try await self.makeTables(prolong)
      var place = state.executed.count
      for group in plan.groups {
        for migration in group.migrations {
          let name = "\(group.owner)/\(migration.name)"
          guard state.new.contains(name) else { continue }
          progress(name)
          try await prolong()
          try await self.run(migration, name, place)
          place += 1
        }
      }
    }
  }

  /// The collections have no tables of their own: a migration is that it is written down, and what it begins with.
  private func run(_ migration: Migration, _ name: String, _ place: Int) async throws(StoreError) {
    for step in migration.steps {
      switch step {
      case .createTable(let layout):
        if layout.name == Workspace.collection { try await self.addDefaultWorkspace() }
      }
    }
    let executedAt = self.now()
    try await self.repeating { () async throws(StoreError) in
      try await self.tables.write(
        "INSERT INTO \(self.tables.keyspace).migrations (name, place, executed_at) VALUES (?, ?, ?)",
        [.text(name), .int(Int32(clamping: place)), .double(executedAt)])
    }
  }

  /// A few attempts at a write that may be done twice: the nodes are busy when several gateways start at once, and a
  /// start should not fail for one answer that was lost.
  private func repeating(_ write: () async throws(StoreError) -> Void) async throws(StoreError) {
    for _ in 1..<Self.attempts {
      do throws(StoreError) {
        return try await write()
      } catch {
        guard case .unavailable = error else { throw error }
      }
      try? await Task.sleep(for: Self.pause)
    }
    try await write()
  }

  /// The workspace that everything belongs to which says nothing else.
  private func addDefaultWorkspace() async throws(StoreError) {
    let collection = EntityCollection(WorkspacesSchema.schema)
    let entity = StoredEntity(Workspace.defaultObject(createdAt: Int(clamping: self.now())), workspace: nil)
    var entry = LogEntry()
    entry.changes = [
      LogEntry.Change(
        place: collection.place(entity),
        state: LogEntry.State(
          document: String(decoding: JSONValue.object(entity.object).serialized(), as: UTF8.self), workspace: "",
          expiresAt: nil))
    ]
    entry.added = try IndexRow.rows(entity, collection)
    let workspace = entry
    try await self.repeating { () async throws(StoreError) in try await self.tables.apply(workspace, 0) }
  }

  // MARK: Tables

  private func makeKeyspace() async throws(StoreError) {
    let known = try await self.tables.rows(
      "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", [.text(self.keyspace.name)],
      .nodesOwn)
    if known.isEmpty {
      try await self.change(
        "CREATE KEYSPACE IF NOT EXISTS \(self.tables.keyspace) WITH replication = "
          + Self.replication(self.keyspace.replication))
    }
    guard try await !self.tableNames().contains(TableLayouts.setupName) else { return }
    try await self.change(
      "CREATE TABLE IF NOT EXISTS \(self.tables.keyspace).\(TableLayouts.setup(in: self.keyspace.name))")
  }

  private func makeTables(_ prolong: () async throws(StoreError) -> Void) async throws(StoreError) {
    let names = try await self.tableNames()
    for table in TableLayouts.all where !names.contains(table.name) {
      try await prolong()
      try await self.change(TableLayouts.create(table, in: self.tables.keyspace))
    }
  }

  /// Attempts at a change whose answer is lost. What it makes or drops may be there already.
  private static let attempts = 10

  /// Changes the schema, and waits until all nodes have it, before and after an attempt that may have been done.
  private func change(_ text: String) async throws(StoreError) {
    var statement = CQLStatement(text)
    statement.isPrepared = false
    var failure: CQLError?
    for _ in 0..<Self.attempts {
      do throws(CQLError) {
        if failure != nil { try await self.session.awaitSchemaAgreement() }
        _ = try await self.session.execute(statement)
        try await self.session.awaitSchemaAgreement()
        return
      } catch {
        guard Self.isPassing(error) else { throw StoreError(cql: error, isWrite: true) }
        failure = error
      }
      try? await Task.sleep(for: Self.pause)
    }
    throw failure.map { StoreError(cql: $0, isWrite: true) } ?? .failure("no attempt was made")
  }

  /// 3.11 shows a keyspace that another node makes in its tables of the schema before it has it.
  private static func isPassing(_ error: CQLError) -> Bool {
    switch error {
    case .unknownOutcome: true
    case .refused(let code, let words): code == 0x2300 && words.contains("doesn't exist")
    default: false
    }
  }

  // MARK: One node at a time

  /// - Parameter body: given what keeps the lock.
  private func whileNobodyMigrates(
    _ body: (_ prolong: () async throws(StoreError) -> Void) async throws(StoreError) -> Void
  ) async throws(StoreError) {
    let (lock, owner) = (self.setupLock, EntityID.random())
    let end = ContinuousClock.now.advanced(by: .seconds(self.migrationSeconds))
    while true {
      do throws(StoreError) {
        if try await lock.acquire(Self.lockName, owner, seconds: Self.lockSeconds, at: self.now()) { break }
      } catch {
        // The table is shown before it can be used.
        guard case .layout = error, ContinuousClock.now < end else { throw error }
      }
      guard ContinuousClock.now < end else {
        throw .unavailable("another node has been migrating for more than \(self.migrationSeconds) s")
      }
      try? await Task.sleep(for: Self.pause)
    }
    do throws(StoreError) {
      try await body { () async throws(StoreError) in
        guard try await lock.acquire(Self.lockName, owner, seconds: Self.lockSeconds, at: self.now()) else {
          throw .unavailable("another node took over the migration")
        }
      }
    } catch {
      try? await lock.release(Self.lockName, owner)
      throw error
    }
    try await lock.release(Self.lockName, owner)
  }

  public func reset() async throws(StoreError) {
    guard try await self.tableNames().contains(TableLayouts.setupName) else { return }
    try await self.whileNobodyMigrates { (prolong) async throws(StoreError) in
      let names = try await self.tableNames()
      // What says that there is something goes first: a reset that is broken off is one that can be done again.
      for table in TableLayouts.all.reversed() where names.contains(table.name) {
        try await prolong()
        try await self.change("DROP TABLE IF EXISTS \(self.tables.keyspace).\(table.name)")
      }
    }
    self.log.forget()
    self.counterSlots.forget()
    self.swept.withLock { $0 = -.infinity }
  }
}
