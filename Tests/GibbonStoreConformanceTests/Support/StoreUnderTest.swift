// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonCore
import GibbonModel
import GibbonStore
import GibbonStoreCassandra
import GibbonStorePostgres
import GibbonStoreSQLite
import GibbonTesting
import Synchronization
import Testing

/// The stores that must all behave alike. Another one is a case here, and how it is made.
enum StoreUnderTest: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case memory, sqlite, postgres
  /// The store on Cassandra, and what Cassandra does in memory.
  case cassandraModel
  /// A real Cassandra, where `GIBBON_TEST_CASSANDRA` names one.
  case cassandra

  static var allCases: [StoreUnderTest] {
    [.memory, .sqlite, .postgres, .cassandraModel] + (CassandraServer.given == nil ? [] : [.cassandra])
  }

  var testDescription: String { self.rawValue }

  /// An empty store without a layout.
  ///
  /// - Parameter isSetUp: whether it may have its layout already, where making one takes long.
  func make(
    registry: EntityRegistry, now: @escaping @Sendable () -> Double, isSetUp: Bool = false
  ) async throws -> MadeStore {
    switch self {
    case .memory: return MadeStore(store: MemoryStore(registry: registry, now: now), discard: {})
    case .sqlite:
      let folder = try StoreFolder()
      let store = try SQLiteStore(path: folder.path(of: "gibbon.sqlite"), registry: registry, now: now)
      return MadeStore(store: store, discard: { folder.remove() })
    case .postgres:
      let cluster = try PostgresCluster.shared()
      let database = try cluster.makeDatabase()
      let store = PostgresStore(
        PostgresServer(cluster, database: database), registry: registry, now: now, followsDatabaseClock: false)
      return MadeStore(store: store, discard: { cluster.drop(database: database) })
    case .cassandraModel:
      let session = ModelSession(cluster: ModelCluster())
      let store = CassandraStore(session, CassandraKeyspace("model"), registry: registry, now: now)
      return MadeStore(store: store, discard: {})
    case .cassandra:
      let keyspace = try await CassandraKeyspaces.shared.take(isSetUp: isSetUp)
      let server = try CassandraServer.shared()
      let store = CassandraStore(
        server.settings, CassandraKeyspace(keyspace, on: server), registry: registry, now: now)
      return MadeStore(store: store, discard: { await CassandraKeyspaces.shared.giveBack(keyspace) })
    }
  }
}

/// A store, and how to get rid of what it leaves behind once it is closed.
struct MadeStore: Sendable {
  let store: any Store
  let discard: @Sendable () async -> Void
}

extension PostgresServer {
  /// A database of the test process' server.
  init(_ cluster: PostgresCluster, database: String) {
    self.init(host: "127.0.0.1", port: cluster.port, database: database, user: PostgresCluster.user)
    self.password = PostgresCluster.password
    // Many stores are open at the same time, and all tests begin at once.
    self.pool.connections = 4
    self.timeoutMilliseconds = 30_000
  }
}

extension CassandraKeyspace {
  /// With the replicas that tests are to have on that server.
  init(_ name: String, on server: CassandraServer) {
    switch server.replication {
    case .factor(let factor):
      self.init(name, replication: ["class": "SimpleStrategy", "replication_factor": "\(factor)"])
    case .dataCenters(let centers):
      var options = ["class": "NetworkTopologyStrategy"]
      for center in centers { options[center.name] = "\(center.replicas)" }
      self.init(name, replication: options)
    }
  }
}

struct StoreFolder: Sendable {
  private let url: URL

  init() throws {
    self.url = FileManager.default.temporaryDirectory.appendingPathComponent("gibbon-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
  }

  func path(of file: String) -> String { self.url.appendingPathComponent(file).path }

  func remove() { try? FileManager.default.removeItem(at: self.url) }
}

/// A clock that goes when it is told to.
final class ManualClock: Sendable {
  private let seconds = Mutex(1_700_000_000.0)

  var now: Double { self.seconds.withLock { $0 } }

  func advance(by seconds: Double) { self.seconds.withLock { $0 += seconds } }
}
