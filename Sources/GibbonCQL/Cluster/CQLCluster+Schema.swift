// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

extension CQLCluster {
  /// Between two looks at the nodes' versions of the schema.
  private static let pollPeriod = Duration.milliseconds(100)

  /// - Throws: `unknownOutcome` when they do not agree in time.
  public func awaitSchemaAgreement() async throws(CQLError) {
    let deadline = NIODeadline.now() + CQLSettings.amount(self.settings.schemaConsensusTimeoutMilliseconds)
    repeat {
      if self.state.withLock({ $0.isClosed }) { throw .unavailable("the session is closed") }
      let versions = await self.schemaVersions(deadline)
      if versions.isEmpty { throw .unavailable("no node is up") }
      if versions.count == 1, !versions.contains(nil) { return }
      try? await Task.sleep(for: Self.pollPeriod)
    } while deadline > .now()
    throw .unknownOutcome("the nodes do not agree on the schema")
  }

  /// Of each node that is up, nil for one that does not say. Each is asked about itself: what one says about the others
  /// is old for a while, and two that have both not heard of a change would agree. One that is down catches up when it
  /// comes back.
  private func schemaVersions(_ deadline: NIODeadline) async -> Set<CQLValue?> {
    await withTaskGroup(of: CQLValue??.self) { group in
      for pool in self.plan() {
        group.addTask {
          guard let connection = try? await pool.connection(until: deadline) else { return .none }
          let rows = try? await self.ask(connection, "SELECT schema_version FROM system.local WHERE key = 'local'")
          return .some(rows?.value("schema_version"))
        }
      }
      return await group.reduce(into: []) { versions, version in
        if case .some(let said) = version { versions.insert(said) }
      }
    }
  }
}
