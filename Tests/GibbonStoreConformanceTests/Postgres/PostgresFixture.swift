// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Synchronization

/// Stores on one database of a real server: nodes of a cluster.
struct PostgresFixture {
  let cluster: PostgresCluster
  let database: String
  let clock = ManualClock()

  /// - Parameter cluster: nil: the one that all tests share.
  static func with(
    _ cluster: PostgresCluster? = nil, _ body: (PostgresFixture) async throws -> Void
  ) async throws {
    let cluster = try cluster ?? PostgresCluster.shared()
    let fixture = PostgresFixture(cluster: cluster, database: try cluster.makeDatabase())
    defer { cluster.drop(database: fixture.database) }
    try await body(fixture)
  }

  /// Runs `body` with a store and closes it.
  func node(
    _ change: (inout PostgresServer) -> Void = { _ in }, replica: PostgresServer? = nil,
    _ body: (Fixture) async throws -> Void
  ) async throws {
    var server = PostgresServer(self.cluster, database: self.database)
    change(&server)
    let clock = self.clock
    let store = PostgresStore(
      server, replica: replica, registry: Schemas.registry, now: { clock.now }, followsDatabaseClock: false)
    let result: Result<Void, any Error>
    do { result = .success(try await body(Fixture(store: store, clock: clock))) } catch { result = .failure(error) }
    await store.close()
    try result.get()
  }

  /// Ends connections of the server's by what they are for.
  func cut(application: String) throws {
    try self.cluster.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(application)' "
        + "AND datname = '\(self.database)'", database: "postgres")
  }
}

/// What a store told of commits.
final class Heard: Sendable {
  private let revisions = Mutex<[Revision?]>([])

  var all: [Revision?] { self.revisions.withLock { $0 } }

  func add(_ revision: Revision?) { self.revisions.withLock { $0.append(revision) } }
}
