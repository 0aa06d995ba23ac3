// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonModel
import GibbonStore
import GibbonStoreCassandra
import GibbonTesting

/// Keyspaces of the given server, set up once and emptied for each test: making their tables takes seconds.
actor CassandraKeyspaces {
  static let shared = CassandraKeyspaces()

  private var idle: [String] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var inUse = 0
  private var session: CQLCluster?

  /// Tests at the same time: a server changes its schema for one after the other.
  private static let limit = 4

  /// A keyspace with the tables, but without rows; or one that does not exist.
  func take(isSetUp: Bool) async throws -> String {
    if self.inUse >= Self.limit {
      await withCheckedContinuation { self.waiting.append($0) }
    } else {
      self.inUse += 1
    }
    if isSetUp, let name = self.idle.popLast() { return name }
    return try CassandraServer.shared().makeKeyspaceName()
  }

  /// Empties a keyspace for the next test.
  func giveBack(_ name: String) async {
    if (try? await self.empty(name)) != nil { self.idle.append(name) }
    if self.waiting.isEmpty { self.inUse -= 1 } else { self.waiting.removeFirst().resume() }
  }

  private func connection() async throws -> CQLCluster {
    if let session { return session }
    let made = try await CQLCluster.connect(try CassandraServer.shared().settings)
    self.session = self.session ?? made
    return made
  }

  private func empty(_ name: String) async throws {
    let session = try await self.connection()
    let tables = try await session.execute(
      CQLStatement("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", [.text(name)]))
    for case .text(let table) in tables.rows.compactMap(\.first) where table != "setup" {
      var look = CQLStatement("SELECT * FROM \(name).\(table) LIMIT 1")
      look.isPrepared = false
      var truncate = CQLStatement("TRUNCATE \(name).\(table)")
      truncate.isPrepared = false
      if try await !session.execute(look).rows.isEmpty || Self.hasTombstones(table) {
        _ = try await session.execute(truncate)
      }
    }
  }

  /// What was deleted, with the times of a log that begins anew, would go before what is written.
  private static func hasTombstones(_ table: String) -> Bool {
    ["uniques", "children", "tags", "expiring"].contains(table)
  }
}

/// A real cluster's session, of which a test may refuse statements.
struct CutSession: CQLSession {
  let base: any CQLSession
  let before: @Sendable (CQLStatement) -> CQLError?

  func execute(_ statement: CQLStatement) async throws(CQLError) -> CQLRows {
    if let error = self.before(statement) { throw error }
    return try await self.base.execute(statement)
  }

  func batch(_ statements: [CQLStatement], _ kind: CQLBatchKind) async throws(CQLError) {
    try await self.base.batch(statements, kind)
  }

  func awaitSchemaAgreement() async throws(CQLError) { try await self.base.awaitSchemaAgreement() }

  func close() async { await self.base.close() }
}
