// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonStore
import GibbonStoreCassandra
import Synchronization
import Testing

/// One of two replicas crashed and came back without what it had acknowledged last, and reads are of one.
@Suite struct CassandraReplicaTests {
  let cluster = ModelCluster()
  let crashed = ModelCluster()
  let clock = ManualClock()

  private func node(
    _ replica: ModelCluster? = nil, reads: CQLConsistency = .one,
    before: @escaping @Sendable (CQLStatement) -> CQLError? = { _ in nil }
  ) -> Fixture {
    let clock = self.clock
    var keyspace = CassandraKeyspace("model")
    keyspace.readLevel = reads
    let session = ModelSession(cluster: self.cluster, before: before, replica: replica)
    let store = CassandraStore(session, keyspace, registry: Schemas.registry, now: { clock.now })
    return Fixture(store: store, clock: clock)
  }

  /// The tables are at both, and the consumer's rows at one.
  private func crash() async throws {
    let clock = self.clock
    let other = CassandraStore(
      ModelSession(cluster: self.crashed), CassandraKeyspace("model"), registry: Schemas.registry, now: { clock.now })
    try await other.migrate(Schemas.plan) { _ in }
    let node = self.node()
    try await node.store.migrate(Schemas.plan) { _ in }
    try await node.insert(Schemas.consumers, Sample.consumer(1, "ada", tags: ["a"]))
  }

  @Test func whatItLostIsFoundAtTheOther() async throws {
    try await self.crash()
    let node = self.node(self.crashed)
    let ada = EntityLookup.unique(field: "username", value: "ada", workspace: nil)
    #expect(try await node.store.find(ada, in: Schemas.consumers) != nil)
    #expect(try await node.store.find(.id(Sample.id(1)), in: Schemas.consumers) != nil)
    #expect(try await node.numbers(Schemas.consumers) == [1])
    #expect(try await node.store.tags(TagRequest(size: 10)).uses.map(\.tag) == ["a"])
  }

  @Test func withoutTheOtherItsAnswerIsTaken() async throws {
    try await self.crash()
    let quorums = Atomic(0)
    let node = self.node(
      self.crashed,
      before: { statement in
        guard statement.consistency == .quorum, statement.text.hasPrefix("SELECT") else { return nil }
        quorums.add(1, ordering: .relaxed)
        return .tooFewReplicas("one of two is up")
      })
    #expect(try await node.numbers(Schemas.consumers) == [])
    let asked = quorums.load(ordering: .relaxed)
    #expect(asked > 0)
    // It is not waited for again with every read.
    #expect(try await node.numbers(Schemas.consumers) == [])
    #expect(try await node.store.find(.id(Sample.id(1)), in: Schemas.consumers) == nil)
    #expect(quorums.load(ordering: .relaxed) == asked)
  }

  /// Whoever asks for a quorum gets one, or is told.
  @Test func quorumsThatAreAskedForAreNotReplaced() async throws {
    try await self.crash()
    let node = self.node(
      reads: .quorum, before: { $0.text.hasPrefix("SELECT") ? .tooFewReplicas("one of two is up") : nil })
    await #expect(throws: StoreError.unavailable("one of two is up")) { try await node.numbers(Schemas.consumers) }
  }
}
