// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A Cassandra that cannot be used, as a reload says it.
@Suite(.enabled(if: CassandraServer.given != nil, "GIBBON_TEST_CASSANDRA=host:port names no server"))
struct CassandraReloadTests {
  @Test func whatCannotBeUsedIsRefusedAndTheOldOneGoesOn() throws {
    let nodes = try CassandraNodes()
    let port = try FreePort()
    let empty = nodes.given.makeKeyspaceName()
    try nodes.expectRefused(
      [
        (["cassandra_port": "\(port.number)"], [":\(port.number)", "refused"]),
        (["cassandra_contact_points": "no.such.host.invalid"], ["no.such.host.invalid"]),
        (["cassandra_keyspace": empty], [empty, "is not set up", "gibbon migrations bootstrap"]),
      ], at: try nodes.start())
  }
}
