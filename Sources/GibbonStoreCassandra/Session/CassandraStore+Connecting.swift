// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCQL
public import GibbonModel

extension CassandraStore {
  /// On a cluster that is connected to when it is first needed.
  ///
  /// - Parameters:
  ///   - registry: the collections it will be asked for.
  ///   - migrationSeconds: to wait for another node that migrates.
  ///   - now: Unix seconds. The nodes' clocks must agree.
  public convenience init(
    _ settings: CQLSettings, _ keyspace: CassandraKeyspace, registry: EntityRegistry, migrationSeconds: Int = 60,
    now: @escaping @Sendable () -> Double
  ) {
    self.init(
      ConnectingSession { () async throws(CQLError) in try await CQLCluster.connect(settings) }, keyspace,
      registry: registry, migrationSeconds: migrationSeconds, now: now)
  }
}
