// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// A session with a cluster, to be closed when it is done with; one that is dropped is cut off. One connection per node
/// carries all statements; one more, to any node, tells of changes.
public final class CQLCluster: CQLSession {
  struct State {
    var topology = Topology()
    var pools: [String: HostPool] = [:]
    var turn = 0
    var order: HostOrder
    var isClosed = false
    var control: CQLConnection?
    var follower: Task<Void, Never>?
    var underWay = 0
  }

  let settings: CQLSettings
  let tls: NIOSSLContext?
  let state: Mutex<State>
  /// Where the rows of statements are, as any connection was told.
  let routes = Mutex(PreparedStatements())

  private init(_ settings: CQLSettings) throws(CQLError) {
    self.settings = settings
    self.tls = try settings.tls.context()
    self.state = Mutex(
      State(order: HostOrder(balancing: settings.balancing, localDatacenter: settings.localDatacenter)))
  }

  /// Finds the nodes, and connects to one at least.
  ///
  /// - Throws: `unavailable` if no contact point answers; `refused` if they answer, but not to this user, or if there
  ///   is no such keyspace.
  public static func connect(_ settings: CQLSettings) async throws(CQLError) -> CQLCluster {
    let cluster = try CQLCluster(settings)
    do throws(CQLError) {
      let control = try await cluster.openControl()
      let deadline = cluster.deadline()
      var refusal = CQLError.unavailable("no node is known")
      var isConnected = false
      for pool in cluster.plan() {
        do throws(CQLError) {
          _ = try await pool.connection(until: deadline)
          isConnected = true
          break
        } catch {
          refusal = error
        }
      }
      guard isConnected else {
        control.connection.close()
        throw refusal
      }
      let session: @Sendable () -> CQLCluster? = { [weak cluster] in cluster }
      let follower = Task { await Self.follow(control, session) }
      cluster.state.withLock { $0.follower = follower }
      for pool in cluster.plan() { pool.warm() }
      return cluster
    } catch {
      await cluster.close()
      throw error
    }
  }

  public func execute(_ statement: CQLStatement) async throws(CQLError) -> CQLRows {
    try await self.run(.statement(statement))
  }

  public func batch(_ statements: [CQLStatement], _ kind: CQLBatchKind) async throws(CQLError) {
    _ = try await self.run(.batch(statements, kind))
  }

  /// A batch with conditions, all on one partition: the answer says whether they held.
  public func conditionalBatch(_ statements: [CQLStatement]) async throws(CQLError) -> CQLRows {
    try await self.run(.batch(statements, .logged))
  }

  public func close() async {
    let (follower, control, pools) = self.state.withLock { state in
      state.isClosed = true
      return (state.follower, state.control, Array(state.pools.values))
    }
    follower?.cancel()
    let deadline = self.deadline()
    // What waits for a connection of its next node would otherwise find none.
    while self.state.withLock({ $0.underWay > 0 }), deadline > .now() { try? await Task.sleep(for: .milliseconds(5)) }
    control?.close()
    await withTaskGroup(of: Void.self) { group in
      for pool in pools { group.addTask { await pool.close(until: deadline) } }
    }
    await follower?.value
  }

  /// Nobody can be waiting for a statement here.
  deinit {
    let state = self.state.withLock { $0 }
    state.follower?.cancel()
    state.control?.close()
    for pool in state.pools.values { pool.cut() }
  }

  func deadline() -> NIODeadline { .now() + self.settings.timeout }

  /// The nodes in the order to ask them: those with a connection first, so that nothing waits for one that is being
  /// made while another could answer.
  func plan(_ place: RowPlace? = nil) -> [HostPool] {
    let (pools, isClosed) = self.state.withLock { state in
      state.turn &+= 1
      let addresses = state.order.hosts(state.topology, place: place, turn: state.turn)
      return (addresses.compactMap { state.pools[$0] }, state.isClosed)
    }
    let open = pools.filter(\.isOpen)
    if open.count == pools.count || open.isEmpty { return pools }
    let others = pools.filter { !$0.isOpen }
    if !isClosed { for pool in others { pool.warm() } }
    return open + others
  }
}
