// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Testing

/// A real streaming replica.
@Suite struct PostgresReplicaTests {
  @Test func aReplicaThatLagsIsNotReadForWhatWasSeen() async throws {
    let cluster = try PostgresCluster()
    let standby = try PostgresStandby(of: cluster)
    try await PostgresFixture.with(cluster) { fixture in
      let database = fixture.database
      var replica = PostgresServer(cluster, database: database)
      replica.port = standby.port
      try await fixture.node(replica: replica) { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        try await node.insert(Schemas.consumers, Sample.consumer(1))
        try standby.awaitServer(database: database)
        #expect(try await node.numbers(Schemas.consumers) == [1])
        // Read there: nobody else asks the replica.
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gibbon'"
        #expect(try standby.run(sessions, database: "postgres") != "0")

        try standby.pause()
        let written = try await node.insert(Schemas.consumers, Sample.consumer(2))
        try await node.store.commit([.delete(Schemas.consumers, id: Sample.id(1))])
        #expect(standby.revision(database: database) < Int(written))
        #expect(try await node.numbers(Schemas.consumers) == [2])
        #expect(try await node.find(Schemas.consumers, 1) == nil)
        #expect(try await node.store.snapshot(of: [Schemas.consumers]).rows["consumers"]?.count == 1)
        // Another node reads the feed, and from then on has seen as much.
        try await fixture.node(replica: replica) { other in
          _ = try await other.store.changes(after: 0)
          #expect(try await other.numbers(Schemas.consumers) == [2])
        }

        // The server itself is not needed for what the replica has.
        try standby.resume()
        try standby.awaitServer(database: database)
        cluster.stop()
        #expect(try await node.numbers(Schemas.consumers) == [2])
        await #expect(throws: StoreError.self) { try await node.store.revision() }
        try cluster.start()
      }
    }
  }
}
