// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonStoreCassandra

/// A keyspace that was made with other replicas than the properties say.
@Suite struct ReplicationNoticeTests {
  private let keyspace = CassandraKeyspace(
    "kong", replication: ["class": "SimpleStrategy", "replication_factor": "2"])

  @Test func sameIsNotMentioned() {
    let there = ["class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "2"]
    #expect(CassandraStore.replicationNotice(self.keyspace, there: there) == nil)
  }

  @Test(arguments: [
    ["class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"],
    ["class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": "2"],
  ])
  func anotherComesWithTheStatementAndTheRepair(there: [String: String]) throws {
    let notice = try #require(CassandraStore.replicationNotice(self.keyspace, there: there))
    let statement =
      "ALTER KEYSPACE \"kong\" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '2'};"
    #expect(notice.contains(statement), "\(notice)")
    #expect(notice.contains("nodetool repair --full kong"))
  }
}
