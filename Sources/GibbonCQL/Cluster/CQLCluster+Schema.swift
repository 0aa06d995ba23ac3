// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

extension CQLCluster {
  /// Between two looks at the nodes' versions of the schema.
  private static let pollPeriod = Duration.milliseconds(100)

  /// - Throws: `unknownOutcome` when they do not agree in time.
  public func awaitSchemaAgreement() async throws(CQLError) {
    let deadline = NIODeadline.now() + .milliseconds(Int64(self.settings.schemaConsensusTimeoutMilliseconds))
    var last = CQLError.unavailable("no node is known")
    repeat {
      if self.state.withLock({ $0.isClosed }) { throw .unavailable("the session is closed") }
      for pool in self.plan(token: nil) {
        do throws(CQLError) {
          let connection = try await pool.connection(until: deadline)
          if try await self.agrees(connection, pool.address, deadline) { return }
          last = .unknownOutcome("the nodes do not agree on the schema")
          break
        } catch {
          last = error
        }
        if deadline <= .now() { break }
      }
      try? await Task.sleep(for: Self.pollPeriod)
    } while deadline > .now()
    throw last
  }

  /// Whether those that are up have the version of the node that is asked. One that is down cannot have it, and catches
  /// up when it comes back.
  private func agrees(
    _ connection: CQLConnection, _ address: String, _ deadline: NIODeadline
  ) async throws(CQLError) -> Bool {
    let local = try await self.ask(connection, "SELECT schema_version FROM system.local WHERE key = 'local'")
    let peers = try await self.ask(connection, "SELECT peer, rpc_address, schema_version FROM system.peers")
    guard case .uuid(let version)? = local.value("schema_version") else { return false }
    for row in peers.rows.indices where peers.value("schema_version", row: row) != .uuid(version) {
      guard let peer = Hosts.address(peers, row), peer != address,
        let pool = self.state.withLock({ $0.pools[peer] })
      else { continue }
      if (try? await pool.connection(until: deadline)) != nil { return false }
    }
    return true
  }
}
