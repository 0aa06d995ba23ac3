// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonConfig
internal import GibbonStoreCassandra

extension CQLSettings {
  init(_ settings: CassandraSettings) {
    self.init()
    self.contactPoints = settings.contactPoints
    self.port = settings.port
    self.username = settings.user
    self.password = settings.password
    if settings.usesTLS {
      self.tls = settings.verifiesServer ? .verified(authorities: settings.authorities) : .unverified
    }
    self.timeoutMilliseconds = settings.timeoutMilliseconds
    self.schemaConsensusTimeoutMilliseconds = settings.schemaTimeoutMilliseconds
    self.readConsistency = CQLConsistency(name: settings.readConsistency)
    self.writeConsistency = CQLConsistency(name: settings.writeConsistency)
    self.balancing = CQLBalancing(rawValue: settings.balancing) ?? .requestRoundRobin
    self.localDatacenter = settings.localDatacenter
  }
}

extension CassandraKeyspace {
  init(_ settings: CassandraSettings) {
    self.init(settings.keyspace)
    switch settings.replication {
    case .simple(let factor): self.replication["replication_factor"] = "\(factor)"
    case .dataCenters(let centers):
      self.replication = ["class": "NetworkTopologyStrategy"]
      for center in centers { self.replication[center.name] = "\(center.replicas)" }
    }
    self.writeLevel = CQLConsistency(name: settings.writeConsistency)
    self.readLevel = CQLConsistency(name: settings.readConsistency)
  }
}

extension CQLConsistency {
  /// As Kong writes it; checked before.
  init(name: String) {
    self =
      switch name {
      case "ALL": .all
      case "EACH_QUORUM": .eachQuorum
      case "QUORUM": .quorum
      case "LOCAL_QUORUM": .localQuorum
      case "TWO": .two
      case "THREE": .three
      case "LOCAL_ONE": .localOne
      default: .one
      }
  }
}
