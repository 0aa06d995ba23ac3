// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonCore
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: LiveCluster.isThere, "GIBBON_TEST_CASSANDRA=host:port is not given"))
struct LiveCassandraTests {
  private func settings(_ version: CQLVersion = .v5) throws -> CQLSettings {
    var settings = try #require(LiveCluster.settings)
    settings.highestVersion = version
    return settings
  }

  @Test(arguments: [CQLVersion.v4, .v5])
  func `rows of all types come back as they went`(_ version: CQLVersion) async throws {
    try await LiveCluster.withKeyspace(self.settings(version)) { session, _ in
      _ = try await session.execute(
        LiveCluster.ddl(
          """
          CREATE TABLE t (id uuid PRIMARY KEY, name text, big bigint, small int, ratio double, flag boolean,
          raw blob, tags set<text>, hosts list<text>, at timestamp)
          """))
      try await session.awaitSchemaAgreement()
      let id = EntityID.random()
      let values: [CQLValue] = [
        .uuid(id), .text("grüße"), .bigint(.min), .int(-7), .double(-0.5), .boolean(true), .blob([0, 255]),
        .texts(["a", "b"]), .texts(["y", "x"]), .bigint(1_700_000_000_000),
      ]
      let insert = CQLStatement(
        "INSERT INTO t (id, name, big, small, ratio, flag, raw, tags, hosts, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values)
      _ = try await session.execute(insert)
      let text = "SELECT id, name, big, small, ratio, flag, raw, tags, hosts, at FROM t WHERE id = ?"
      let rows = try await session.execute(CQLStatement(text, [.uuid(id)]))
      #expect(rows.rows == [values])
      _ = try await session.execute(
        CQLStatement("UPDATE t SET name = ?, big = ? WHERE id = ?", [.unset, .null, .uuid(id)]))
      let changed = try await session.execute(CQLStatement(text, [.uuid(id)]))
      #expect(changed.value("name") == .text("grüße"))
      #expect(changed.value("big") == .null)
    }
  }

  @Test func `pages follow one another to the end`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE p (a text, b int, PRIMARY KEY (a, b))"))
      try await session.awaitSchemaAgreement()
      let inserts = (0..<25).map { CQLStatement("INSERT INTO p (a, b) VALUES (?, ?)", [.text("k"), .int($0)]) }
      try await session.batch(inserts, .logged)
      var read = CQLStatement("SELECT b FROM p WHERE a = ?", [.text("k")])
      read.pageSize = 10
      var (found, pages): ([CQLValue], Int) = ([], 0)
      repeat {
        let page = try await session.execute(read)
        found += page.rows.compactMap(\.first)
        pages += 1
        read.pagingState = page.pagingState
      } while read.pagingState != nil && pages < 10
      #expect(found == (0..<25).map { CQLValue.int($0) })
      #expect(pages == 3)
    }
  }

  @Test func `conditions say whether they held`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE l (k text PRIMARY KEY, v text)"))
      try await session.awaitSchemaAgreement()
      var insert = CQLStatement("INSERT INTO l (k, v) VALUES (?, ?) IF NOT EXISTS", [.text("a"), .text("1")])
      insert.serialConsistency = .serial
      #expect(try await session.execute(insert).wasApplied)
      insert.values[1] = .text("2")
      let refused = try await session.execute(insert)
      #expect(!refused.wasApplied)
      #expect(refused.value("v") == .text("1"))
      let batch = [
        CQLStatement("UPDATE l SET v = ? WHERE k = ? IF v = ?", [.text("3"), .text("a"), .text("no")])
      ]
      #expect(try await !session.conditionalBatch(batch).wasApplied)
    }
  }

  @Test func `rows end, counters count, timestamps decide`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE e (k text PRIMARY KEY, v text)"))
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE c (k text PRIMARY KEY, n counter)"))
      try await session.awaitSchemaAgreement()
      _ = try await session.execute(
        CQLStatement("INSERT INTO e (k, v) VALUES (?, ?) USING TTL ?", [.text("a"), .text("1"), .int(1000)]))
      let left = try await session.execute(CQLStatement("SELECT TTL(v) FROM e WHERE k = ?", [.text("a")]))
      guard case .int(let seconds)? = left.rows.first?.first else {
        Issue.record("no TTL: \(left)")
        return
      }
      #expect((900...1000).contains(seconds))
      let count = CQLStatement("UPDATE c SET n = n + ? WHERE k = ?", [.bigint(3), .text("x")])
      _ = try await session.execute(count)
      try await session.batch([count, count], .counter)
      let sum = try await session.execute(CQLStatement("SELECT n FROM c WHERE k = ?", [.text("x")]))
      #expect(sum.value("n") == .bigint(9))
      var late = CQLStatement("INSERT INTO e (k, v) VALUES (?, ?)", [.text("b"), .text("new")])
      late.timestamp = 2000
      _ = try await session.execute(late)
      late.values[1] = .text("old")
      late.timestamp = 1000
      _ = try await session.execute(late)
      let kept = try await session.execute(CQLStatement("SELECT v FROM e WHERE k = ?", [.text("b")]))
      #expect(kept.value("v") == .text("new"))
    }
  }

  @Test func `our tokens are those of the server`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE k (a text PRIMARY KEY)"))
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE kk (a text, b bigint, PRIMARY KEY ((a, b)))"))
      try await session.awaitSchemaAgreement()
      for length in 1...40 {
        let key = String(repeating: "é", count: length / 2) + (length % 2 == 1 ? "z" : "")
        _ = try await session.execute(CQLStatement("INSERT INTO k (a) VALUES (?)", [.text(key)]))
        let row = try await session.execute(CQLStatement("SELECT token(a) FROM k WHERE a = ?", [.text(key)]))
        #expect(row.rows.first?.first == .bigint(Murmur3.token(Array(key.utf8))), "\(key)")
      }
      let pair = CQLStatement("INSERT INTO kk (b, a) VALUES (?, ?)", [.bigint(-5), .text("é")])
      _ = try await session.execute(pair)
      let row = try await session.execute(CQLStatement("SELECT token(a, b) FROM kk"))
      // The server says which of the values are the key.
      let route = try #require(session.routes.withLock { $0[pair.text]?.route })
      #expect(route.partitionKey == [1, 0])
      let bytes = try #require(PartitionKey.bytes(pair.values, route.partitionKey))
      #expect(row.rows.first?.first == .bigint(Murmur3.token(bytes)))
      #expect(session.state.withLock { $0.topology.replicas(RowPlace(keyspace: route.keyspace, token: 0)).count } == 1)
    }
  }

  @Test func `a large value is split into segments both ways`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE b (k int PRIMARY KEY, v blob)"))
      try await session.awaitSchemaAgreement()
      let value = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      _ = try await session.execute(CQLStatement("INSERT INTO b (k, v) VALUES (?, ?)", [.int(1), .blob(value)]))
      let back = try await session.execute(CQLStatement("SELECT v FROM b WHERE k = ?", [.int(1)]))
      #expect(back.value("v") == .blob(value))
    }
  }

  @Test func `a table made anew is prepared anew`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      let make = LiveCluster.ddl("CREATE TABLE r (k int PRIMARY KEY, v text)")
      let insert = CQLStatement("INSERT INTO r (k, v) VALUES (?, ?)", [.int(1), .text("a")])
      for _ in 0..<2 {
        _ = try await session.execute(make)
        try await session.awaitSchemaAgreement()
        _ = try await session.execute(insert)
        try await session.batch([insert, insert], .logged)
        #expect(try await session.execute(CQLStatement("SELECT * FROM r")).rows.count == 1)
        _ = try await session.execute(LiveCluster.ddl("DROP TABLE r"))
        try await session.awaitSchemaAgreement()
      }
    }
  }

  @Test func `many statements share a connection`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, _ in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE m (k int PRIMARY KEY, v text)"))
      try await session.awaitSchemaAgreement()
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<500 as Range<Int32> {
          group.addTask {
            let insert = CQLStatement("INSERT INTO m (k, v) VALUES (?, ?)", [.int(number), .text("v\(number)")])
            let read = CQLStatement("SELECT v FROM m WHERE k = ?", [.int(number)])
            _ = try? await session.execute(insert)
            return (try? await session.execute(read).value("v")) == .text("v\(number)")
          }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func `the server's refusals come with their codes`() async throws {
    let session = try await CQLCluster.connect(self.settings())
    await #expect { try await session.execute(CQLStatement("SELEC")) } throws: { error in
      if case .refused(0x2000, _)? = error as? CQLError { true } else { false }
    }
    await #expect { try await session.execute(CQLStatement("SELECT * FROM nowhere.nothing")) } throws: { error in
      if case .refused(0x2200, _)? = error as? CQLError { true } else { false }
    }
    await session.close()
    await #expect { try await session.execute(CQLStatement("SELECT * FROM system.local")) } throws: { error in
      if case .unavailable? = error as? CQLError { true } else { false }
    }
    var missing = try self.settings()
    missing.keyspace = "gibbon_not_there"
    await #expect { _ = try await CQLCluster.connect(missing) } throws: { error in
      if case .refused(0x2200, _)? = error as? CQLError { true } else { false }
    }
  }

  @Test(arguments: CQLVersion.allCases)
  func `the newest version that both know is spoken`(_ highest: CQLVersion) async throws {
    let settings = try self.settings(highest)
    let session = try await CQLCluster.connect(settings)
    let release = try await session.execute(CQLStatement("SELECT release_version FROM system.local"))
    guard case .text(let text)? = release.value("release_version") else {
      Issue.record("no version")
      return
    }
    // 3.11 has v5 only as a beta, which is never asked for.
    let newest = text.hasPrefix("3.") ? CQLVersion.v4 : .v5
    #expect(session.state.withLock { $0.control?.version } == min(highest, newest))
    await session.close()
  }

  /// 4.0 cannot send its warning about `USE` below v4, and answers an error: names are to be qualified there.
  @Test func `on v3 qualified names work without USE`() async throws {
    try await LiveCluster.withKeyspace(self.settings()) { session, settings in
      _ = try await session.execute(LiveCluster.ddl("CREATE TABLE w (k int PRIMARY KEY, v text)"))
      try await session.awaitSchemaAgreement()
      let keyspace = try #require(settings.keyspace)
      var old = settings
      old.highestVersion = .v3
      old.keyspace = nil
      let unbound = try await CQLCluster.connect(old)
      let insert = CQLStatement("INSERT INTO \(keyspace).w (k, v) VALUES (?, ?)", [.int(1), .text("a")])
      _ = try await unbound.execute(insert)
      #expect(try await unbound.execute(CQLStatement("SELECT v FROM \(keyspace).w")).value("v") == .text("a"))
      await #expect { _ = try await unbound.execute(CQLStatement(insert.text, [.int(1), .unset])) } throws: { error in
        if case .refused(0x2200, _)? = error as? CQLError { true } else { false }
      }
      await unbound.close()
    }
  }
}
