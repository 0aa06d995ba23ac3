// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// Gateways on one keyspace of the given Cassandra.
struct CassandraNodes: DatastoreNodes {
  let given: CassandraServer
  let keyspace: String
  let origin: Origin
  /// What stands between them and the nodes.
  let relays: CassandraRelays?

  init(isRelayed: Bool = false) throws {
    self.given = try CassandraServer.shared()
    self.keyspace = self.given.makeKeyspaceName()
    self.origin = try Self.makeOrigin()
    self.relays = isRelayed ? try CassandraRelays(to: self.given) : nil
  }

  private var port: Int { self.relays?.port ?? self.given.port }
  private var direct: [String: String] { self.given.properties(keyspace: self.keyspace) }

  var settings: [String: String] {
    guard self.relays != nil else { return self.direct }
    // Kong's own patience: what is held or cut is not to be waited for.
    return self.direct.merging(["cassandra_port": "\(self.port)", "cassandra_timeout": "5000"]) { $1 }
  }
  var aside: [String: String]? { self.direct }
  /// At `ONE`, a replica may not have yet what another one took.
  var exact: [String: String] { ["cassandra_read_consistency": "QUORUM", "cassandra_write_consistency": "QUORUM"] }
  var server: String { "Cassandra at " + self.given.hosts.map { "\($0):\(self.port)" }.joined(separator: ", ") }

  func stopServer() { self.relays?.cut() }
  func startServer() throws { try self.relays?.mend() }
  func holdServer() { self.relays?.hold() }
  func releaseServer() { self.relays?.release() }
  /// There are no transactions over the tables to look at: what a commit began is seen by its names and tags.
  func expectWhole() throws {}
  /// Connections are to nodes, whichever keyspace they are for.
  func expectNobody() throws {}
  func remove() {}
}
