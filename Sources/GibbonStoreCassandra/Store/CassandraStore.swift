// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCQL
public import GibbonModel
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

/// How a keyspace is made and used.
public struct CassandraKeyspace: Sendable, Hashable {
  public var name: String
  /// The options that `CREATE KEYSPACE` has, when it is made: its `class`, and how many replicas.
  public var replication: [String: String]
  /// Of writes, as configured. What the log and the checks rest upon is written to a quorum at least.
  public var writeLevel = CQLConsistency.one
  /// Of the session's reads, as configured. What shows entities asks a quorum first.
  public var readLevel = CQLConsistency.one

  public init(_ name: String, replication: [String: String] = ["class": "SimpleStrategy", "replication_factor": "1"]) {
    self.name = name
    self.replication = replication
  }
}

/// The datastore of a cluster without a main server: Apache Cassandra.
///
/// A commit is one entry of a log, added by a lightweight transaction; all other tables are derived from the log, by
/// the node that wrote the entry or by any other. See docs/cassandra.md.
public final class CassandraStore: Store {
  public let kind = "cassandra"
  let keyspace: CassandraKeyspace
  let session: any CQLSession
  let tables: Tables
  let collections: Collections
  let log: CommitLog
  let line: CommitLine
  let counterSlots = CounterSlots()
  let now: @Sendable () -> Double
  /// Seconds to wait for another node that migrates.
  let migrationSeconds: Int
  /// What was read last of everything was read of one replica, which may have missed something.
  let isPartial = Atomic(false)
  /// Everything that ended up to then is purged, in Unix seconds.
  let swept = Mutex(-Double.infinity)
  private let listener = Mutex<Task<Void, Never>?>(nil)

  /// - Parameters:
  ///   - session: closed with the store. Its level for reads is that of reads which only show.
  ///   - registry: the collections it will be asked for.
  ///   - migrationSeconds: to wait for another node that migrates.
  ///   - now: Unix seconds. The nodes' clocks must agree.
  public init(
    _ session: any CQLSession, _ keyspace: CassandraKeyspace, registry: EntityRegistry, migrationSeconds: Int = 60,
    now: @escaping @Sendable () -> Double
  ) {
    self.session = session
    self.keyspace = keyspace
    self.migrationSeconds = migrationSeconds
    self.now = now
    self.tables = Tables(session: session, keyspace)
    self.collections = Collections(registry)
    self.log = CommitLog(self.tables, now: now)
    self.line = CommitLine(self.log, self.collections, now: now)
  }

  public func hearChanges(_ heard: @escaping @Sendable (Revision?) -> Void) {
    let log = self.log
    let task = Task { await LogWatch(log, heard).run() }
    self.listener.withLock { listener in
      listener?.cancel()
      listener = task
    }
  }

  public func close() async {
    let task = self.listener.withLock { $0.take() }
    task?.cancel()
    await task?.value
    await self.line.finish()
    await self.session.close()
  }
}

/// Names in statements.
enum CQLName {
  static func quoted(_ name: String) -> String {
    "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }

  static func text(_ text: String) -> String { "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'" }
}
