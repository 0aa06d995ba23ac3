// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import Synchronization

/// A keyspace in memory that does with the store's statements what Cassandra does, so that the suite can run without a
/// server, and a test can let things go wrong at any statement.
final class ModelCluster: Sendable {
  private struct State {
    var hasKeyspace = false
    var tables: [String: ModelTable] = [:]
    /// Microseconds; every write has a later one.
    var clock: Int64 = 1_700_000_000_000_000
  }

  private let state = Mutex(State())

  func execute(_ statement: CQLStatement) throws(CQLError) -> CQLRows {
    let parsed = try ModelStatement(statement)
    let result: Result<CQLRows, CQLError> = self.state.withLock { state in
      do throws(CQLError) {
        return .success(try Self.run(parsed, &state))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func run(_ statement: ModelStatement, _ state: inout State) throws(CQLError) -> CQLRows {
    state.clock += 1
    switch statement.kind {
    case .createKeyspace:
      state.hasKeyspace = true
      return CQLRows()
    case .createTable:
      if state.tables[statement.table] == nil { state.tables[statement.table] = ModelTable(statement) }
      return CQLRows()
    case .dropTable:
      state.tables[statement.table] = nil
      return CQLRows()
    case .select where statement.table == "system_schema.tables":
      return CQLRows(columns: ["table_name"], rows: state.tables.keys.sorted().map { [.text($0)] })
    case .select where statement.table == "system_schema.keyspaces":
      return CQLRows(columns: ["keyspace_name"], rows: state.hasKeyspace ? [[.text("model")]] : [])
    case .select:
      guard let table = state.tables[statement.table] else { throw Self.missing(statement.table) }
      return try table.select(statement)
    case .insert, .update, .delete:
      guard state.tables[statement.table] != nil else { throw Self.missing(statement.table) }
      return state.tables[statement.table]?.write(statement, at: state.clock) ?? CQLRows()
    }
  }

  private static func missing(_ table: String) -> CQLError {
    .refused(code: 0x2200, "table \(table) does not exist")
  }
}

/// A node's way to it.
struct ModelSession: CQLSession {
  let cluster: ModelCluster
  /// Asked before a statement is done, and after: what it returns is what the node gets to see.
  var before: @Sendable (CQLStatement) -> CQLError? = { _ in nil }
  var after: @Sendable (CQLStatement) -> CQLError? = { _ in nil }
  /// What the replica has that answers reads of one alone, where that is not all.
  var replica: ModelCluster?

  func execute(_ statement: CQLStatement) async throws(CQLError) -> CQLRows {
    if let error = self.before(statement) { throw error }
    await Task.yield()
    let isOfOne = statement.consistency == nil && statement.text.hasPrefix("SELECT")
    let rows = try (isOfOne ? self.replica ?? self.cluster : self.cluster).execute(statement)
    if let error = self.after(statement) { throw error }
    return rows
  }

  func batch(_ statements: [CQLStatement], _ kind: CQLBatchKind) async throws(CQLError) {
    for statement in statements { _ = try await self.execute(statement) }
  }

  func awaitSchemaAgreement() async throws(CQLError) {}

  func close() async {}
}
