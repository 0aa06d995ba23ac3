// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Testing

/// What nodes on one database hear and see of each other.
@Suite struct PostgresFeedTests {
  @Test func aCommitIsHeardByTheOthers() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { first in
        try await first.store.migrate(Schemas.plan) { _ in }
        try await fixture.node { second in
          let heard = Heard()
          second.store.hearChanges { heard.add($0) }
          // Where it begins to listen, it may have missed some.
          try Deadline.wait(for: "the listener") { heard.all.contains(nil) }
          let revision = try await first.insert(Schemas.consumers, Sample.consumer(1))
          try Deadline.wait(for: "revision \(revision)") { heard.all.contains(revision) }
          #expect(try await second.find(Schemas.consumers, 1) != nil)
        }
      }
    }
  }

  @Test func aListenerThatWasCutComesBackAndSaysSo() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { node in
        try await node.store.migrate(Schemas.plan) { _ in }
        let heard = Heard()
        node.store.hearChanges { heard.add($0) }
        try Deadline.wait(for: "the listener") { heard.all == [nil] }
        try fixture.cut(application: "gibbon change feed")
        try Deadline.wait(for: "the listener again") { heard.all == [nil, nil] }
        let revision = try await node.insert(Schemas.consumers, Sample.consumer(1))
        try Deadline.wait(for: "revision \(revision)") { heard.all.last == .some(revision) }
      }
    }
  }

  /// Two writers, and a reader that follows: it must meet every change, in order, and never one after a gap.
  @Test func aFollowerMissesNoneOfManyCommits() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node { first in
        try await first.store.migrate(Schemas.plan) { _ in }
        let start = try await first.store.revision()
        try await fixture.node { second in
          let count = 60
          try await withThrowingTaskGroup(of: Void.self) { group in
            for (offset, node) in [first, second].enumerated() {
              for number in 0..<count {
                group.addTask { try await node.insert(Schemas.consumers, Sample.consumer(offset * 1000 + number)) }
              }
            }
            group.addTask {
              var seen: Set<String> = []
              var last = start
              while seen.count < 2 * count {
                let batch = try await second.store.changes(after: last)
                #expect(!batch.isIncomplete)
                #expect(batch.changes.count == Int(batch.revision - last), "\(last) to \(batch.revision)")
                for change in batch.changes { #expect(change.entity != nil && seen.insert(change.id).inserted) }
                last = batch.revision
              }
            }
            try await group.waitForAll()
          }
          #expect(try await second.store.revision() == start + Revision(2 * count))
        }
      }
    }
  }

  @Test func tenNodesThatStartAtOnceMigrateOnce() async throws {
    try await PostgresFixture.with { fixture in
      let told = Heard()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<10 {
          group.addTask {
            try await fixture.node { node in try await node.store.migrate(Schemas.plan) { _ in told.add(1) } }
          }
        }
        try await group.waitForAll()
      }
      let names = Schemas.plan.groups.flatMap(\.migrations)
      #expect(told.all.count == names.count)
      try await fixture.node { node async throws in
        #expect(try await node.store.migrationState(Schemas.plan).isUpToDate)
        #expect(try await node.numbers(Schemas.workspaces).count == 1)
      }
    }
  }

  @Test func schemasOfADatabaseAreApart() async throws {
    try await PostgresFixture.with { fixture in
      try await fixture.node({ $0.schema = "Blue \"one\"" }) { blue in
        try await blue.store.migrate(Schemas.plan) { _ in }
        try await fixture.node({ $0.schema = "green" }) { green in
          try await green.store.migrate(Schemas.plan) { _ in }
          try await blue.insert(Schemas.consumers, Sample.consumer(1))
          #expect(try await green.find(Schemas.consumers, 1) == nil)
          #expect(try await green.store.revision() == 0)
          try await blue.store.reset()
          #expect(try await green.store.migrationState(Schemas.plan).isUpToDate)
        }
      }
    }
  }

  @Test func tablesOfAnotherProgramAreLeftAlone() async throws {
    try await PostgresFixture.with { fixture in
      try fixture.cluster.run(
        "CREATE TABLE schema_meta (key text, subsystem text, executed text[])", database: fixture.database)
      try await fixture.node { node in
        for body in [
          { try await node.store.migrate(Schemas.plan) { _ in } }, { try await node.store.reset() },
        ] as [() async throws -> Void] {
          let error = await #expect(throws: StoreError.self) { try await body() }
          #expect("\(String(describing: error))".contains("another program"))
        }
      }
      let count = try fixture.cluster.run(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database: fixture.database)
      #expect(count == "1")
    }
  }
}
