// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

/// The connection that tells of changes, with what it has told.
struct ControlConnection: Sendable {
  var connection: CQLConnection
  /// nil is the clock: it is time to look by ourselves. Ends with the connection.
  var events: AsyncStream<ServerEvent?>
}

extension CQLCluster {
  /// Between two looks at the topology without any event.
  private static let refreshPeriod = Duration.seconds(60)
  /// A node says that another is new or up a little before that one takes connections (section 4.2.6).
  private static let settlingTime = Duration.seconds(1)
  /// Events that wait to be looked at; they only say that something changed.
  private static let eventLimit = 64

  /// Connects to any node and learns the cluster from it.
  func openControl() async throws(CQLError) -> ControlConnection {
    var last = CQLError.unavailable("there is no contact point")
    var tried: Set<String> = []
    let known = self.plan().map(\.address)
    for host in known + self.settings.contactPoints where tried.insert(host).inserted {
      if self.state.withLock({ $0.isClosed }) { throw .unavailable("the session is closed") }
      do throws(CQLError) {
        return try await self.openControl(host)
      } catch {
        // Whoever refuses us says more than whoever is not there.
        if case .refused = last { continue }
        last = error
      }
    }
    throw last
  }

  private func openControl(_ host: String) async throws(CQLError) -> ControlConnection {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ServerEvent?.self, bufferingPolicy: .bufferingNewest(Self.eventLimit))
    let target = ConnectionTarget(
      host: host, settings: self.settings, tls: self.tls,
      events: ["TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"],
      onEvent: { continuation.yield($0) }, onClose: { continuation.finish() })
    let connection = try await CQLConnection.open(target)
    do throws(CQLError) {
      try await self.refresh(connection, host)
    } catch {
      connection.close()
      throw error
    }
    let isClosed = self.state.withLock { state in
      state.control = connection
      return state.isClosed
    }
    if isClosed { connection.close() }
    // Ends by itself with the stream.
    Task {
      while true {
        try? await Task.sleep(for: Self.refreshPeriod)
        if case .terminated = continuation.yield(nil) { return }
      }
    }
    return ControlConnection(connection: connection, events: stream)
  }

  /// Follows the cluster until the session is closed, or dropped.
  ///
  /// - Parameter session: not kept while nothing happens, so that it can be dropped.
  static func follow(_ begun: ControlConnection, _ session: @Sendable () -> CQLCluster?) async {
    var control = begun
    var backoff = Backoff()
    while true {
      for await event in control.events {
        guard let cluster = session(), await cluster.take(event, control.connection) else { break }
      }
      control.connection.close()
      while true {
        guard !Task.isCancelled, let cluster = session(), !cluster.state.withLock({ $0.isClosed }) else { return }
        do throws(CQLError) {
          control = try await cluster.openControl()
          backoff.reset()
          break
        } catch {
          try? await Task.sleep(for: .milliseconds(backoff.next()))
        }
      }
    }
  }

  /// - Returns: false where the connection is of no more use.
  private func take(_ event: ServerEvent?, _ connection: CQLConnection) async -> Bool {
    switch event {
    case .status(let isUp, let address)?:
      if isUp { self.state.withLock { $0.pools[address] }?.wake() }
      return true
    case .other?: return true
    case .topology?: try? await Task.sleep(for: Self.settlingTime)
    case .schema?, nil: break
    }
    if Task.isCancelled { return false }
    do throws(CQLError) {
      try await self.refresh(connection, nil)
      return true
    } catch {
      return false
    }
  }

  /// Learns the nodes and the replication of keyspaces.
  private func refresh(_ connection: CQLConnection, _ host: String?) async throws(CQLError) {
    let local = try await self.ask(
      connection, "SELECT data_center, rack, tokens, partitioner FROM system.local WHERE key = 'local'")
    let peers = try await self.ask(
      connection, "SELECT peer, rpc_address, data_center, rack, tokens, host_id FROM system.peers")
    // It answered at this address, whatever it calls itself.
    let address = connection.address ?? host ?? ""
    let hosts = Hosts.read(local: local, address: address, peers: peers)
    var replications: [String: Replication] = [:]
    if local.value("partitioner")?.text?.hasSuffix("Murmur3Partitioner") == true {
      // Servers before 3.0 have no such table, and so no token awareness.
      let rows = try? await self.ask(connection, "SELECT keyspace_name, replication FROM system_schema.keyspaces")
      for row in rows?.rows ?? [] where row.count == 2 {
        if let name = row[0].text, case .texts(let map) = row[1] { replications[name] = Replication(map) }
      }
    }
    self.use(Topology(hosts: hosts, replications: replications), local: hosts.first?.datacenter)
  }

  private func use(_ topology: Topology, local: String?) {
    let gone = self.state.withLock { state in
      state.topology = topology
      if state.order.localDatacenter == nil { state.order.localDatacenter = local }
      let addresses = Set(topology.hosts.map(\.address))
      let gone = state.pools.filter { !addresses.contains($0.key) }
      for address in gone.keys { state.pools[address] = nil }
      for address in addresses where state.pools[address] == nil && !state.isClosed {
        state.pools[address] = HostPool(
          ConnectionTarget(host: address, settings: self.settings, tls: self.tls, keyspace: self.settings.keyspace))
      }
      return Array(gone.values)
    }
    let deadline = self.deadline()
    for pool in gone { Task { await pool.close(until: deadline) } }
  }

  /// A statement of our own on a given connection.
  func ask(_ connection: CQLConnection, _ text: String) async throws(CQLError) -> CQLRows {
    var statement = CQLStatement(text)
    statement.consistency = .one
    statement.isPrepared = false
    statement.pageSize = Hosts.limit
    do throws(OperationFailure) {
      return try await connection.perform(.statement(statement), self.settings, self.deadline())
    } catch {
      throw RetryRule.judge(error, isIdempotent: true).error
    }
  }
}
