// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Gateways on one database of the test process' server.
struct PostgresNodes: DatastoreNodes {
  let cluster: PostgresCluster
  let database: String
  let origin: Origin
  private let relay: Relay?

  /// - Parameter disturbance: a server that is to be stopped is one that no other test uses.
  init(_ disturbance: SharedDatastore.Disturbance = .none) throws {
    self.cluster = try disturbance == .stop ? PostgresCluster() : PostgresCluster.shared()
    self.database = try self.cluster.makeDatabase()
    self.origin = try Self.makeOrigin()
    self.relay = disturbance == .hold ? try Relay(to: self.cluster.port) : nil
  }

  private var port: Int { self.relay?.port ?? self.cluster.port }

  var settings: [String: String] {
    self.cluster.settings(database: self.database).merging(["pg_port": "\(self.port)"]) { $1 }
  }
  var aside: [String: String]? { nil }
  var exact: [String: String] { [:] }
  var server: String { "PostgreSQL at 127.0.0.1:\(self.port)" }

  func stopServer() { self.cluster.stop() }
  func startServer() throws { try self.cluster.start() }
  func holdServer() { self.relay?.hold() }
  func releaseServer() { self.relay?.release() }

  /// Rows, tags, and entries of the feed go together.
  func expectWhole() throws {
    let counts = try self.cluster.run(
      """
      SELECT (SELECT count(*) FROM services), (SELECT count(*) / 2 FROM tags), \
      (SELECT count(*) FROM changes WHERE entity_name = 'services'), \
      (SELECT revision - count(*) FROM feed_revision, changes GROUP BY revision)
      """, database: self.database
    ).split(separator: "|")
    #expect(counts.count == 4 && Set(counts.prefix(3)).count == 1 && counts[3] == "0", "\(counts)")
  }

  func expectNobody() throws {
    try Deadline.wait(for: "the old connections to end") {
      try self.cluster.run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(self.database)'", database: "postgres") == "0"
    }
  }

  func remove() { self.cluster.drop(database: self.database) }
}
