// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
public import GibbonModel
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

/// The datastore of a cluster: PostgreSQL, spoken to by libpq.
///
/// All writes go to one server, and so do the reads that the change feed is followed by. Other reads go to a replica
/// where there is one that has what this node has seen. Commits of all nodes are done one after the other, by a lock on
/// the row that counts them: whoever reads sees revision n before n + 1.
public final class PostgresStore: Store {
  public let kind = "postgres"
  let primary: ConnectionPool
  private let replica: ConnectionPool?
  let commits: CommitQueue<WriteRun>
  let tables: TableSet
  let clock: DatabaseClock
  /// Seconds to wait for another node that migrates.
  let migrationSeconds: Int
  /// The latest revision that this node has seen; a replica must have it too.
  private let seen: SeenRevision
  private let listener = Mutex<ChangeListener?>(nil)

  static let application = "gibbon"

  /// Nothing is connected to yet.
  ///
  /// - Parameters:
  ///   - registry: the collections it will be asked for.
  ///   - migrationSeconds: to wait for another node that migrates.
  ///   - now: this node's clock, Unix seconds.
  ///   - followsDatabaseClock: false: what ends, ends by this node's clock.
  public init(
    _ server: PostgresServer, replica: PostgresServer? = nil, registry: EntityRegistry, migrationSeconds: Int = 60,
    now: @escaping @Sendable () -> Double, followsDatabaseClock: Bool = true
  ) {
    let clock = DatabaseClock(local: now, isFollowed: followsDatabaseClock)
    self.clock = clock
    self.migrationSeconds = migrationSeconds
    let tables = TableSet(registry)
    self.tables = tables
    let seen = SeenRevision()
    self.seen = seen
    let primary = ConnectionPool(server) {
      let connection = try Connection(server, application: Self.application)
      try clock.measure(connection)
      return connection
    }
    self.primary = primary
    let limits = CommitQueue<WriteRun>.Limits(
      backlog: server.pool.backlog, waitMilliseconds: server.pool.waitMilliseconds)
    self.commits = CommitQueue(limits) { queue in
      GroupCommit(queue: queue, tables: tables, clock: clock, seen: seen).run(on: primary)
    }
    self.replica = replica.map { server in
      ConnectionPool(server) { try Connection(server, application: Self.application) }
    }
  }

  /// Runs `body` where it sees at least what this node has seen already.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value
  ) async throws(StoreError) -> Value {
    guard let replica else { return try await self.primary.run(body) }
    let wanted = self.seen.value
    do throws(StoreError) {
      return try await replica.run { connection in
        if connection.knownRevision < wanted { connection.knownRevision = try Self.revision(connection) }
        guard connection.knownRevision >= wanted else { throw PostgresFault.lost("the replica is behind") }
        return try body(connection)
      }
    } catch {
      switch error {
      case .unavailable, .layout: return try await self.primary.run(body)
      default: throw error
      }
    }
  }

  /// - Parameter isAnew: the revision counts even if it is an earlier one: the database is another.
  func note(_ revision: Revision, isAnew: Bool = false) {
    self.seen.note(revision, isAnew: isAnew)
  }

  public func hearChanges(_ heard: @escaping @Sendable (Revision?) -> Void) {
    let made = try? ChangeListener(self.primary.server, self.clock, heard: heard)
    // Without it, changes are found by looking now and then.
    guard let made, (try? made.start()) != nil else { return }
    self.listener.withLock { listener in
      let last = listener
      listener = made
      return last
    }?.stop()
  }

  public func close() async {
    await self.commits.drain()
    if let listener = self.listener.withLock({ $0.take() }) {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          listener.stop()
          continuation.resume()
        }
      }
    }
    await self.replica?.close()
    await self.primary.close()
  }
}

/// The latest revision that a node has seen.
final class SeenRevision: Sendable {
  private let revision = Mutex<Revision>(0)

  var value: Revision { self.revision.withLock { $0 } }

  /// - Parameter isAnew: it counts even if it is an earlier one.
  func note(_ revision: Revision, isAnew: Bool = false) {
    self.revision.withLock { $0 = isAnew ? revision : max($0, revision) }
  }
}
