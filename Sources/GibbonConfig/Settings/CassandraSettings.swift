// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A Cassandra cluster and how to use it.
public struct CassandraSettings: Sendable, Hashable {
  public let contactPoints: [String]
  public let port: Int
  public let keyspace: String
  public let user: String?
  public let password: String?
  public let readConsistency: String
  public let writeConsistency: String
  public let timeoutMilliseconds: Int
  public let schemaTimeoutMilliseconds: Int
  public let usesTLS: Bool
  public let verifiesServer: Bool
  /// Files with authorities that may vouch for the nodes; none takes the system's.
  public let authorities: [String]
  public let balancing: String
  public let localDatacenter: String?
  /// Of the keyspace, when it is made.
  public let replication: Replication

  public enum Replication: Sendable, Hashable {
    case simple(factor: Int)
    case dataCenters([DataCenter])
  }

  public struct DataCenter: Sendable, Hashable {
    public let name: String
    public let replicas: Int
  }

  init(_ reader: SettingReader) {
    self.contactPoints = reader.list("cassandra_contact_points")
    self.port = reader.integer("cassandra_port")
    self.keyspace = reader.text("cassandra_keyspace") ?? "kong"
    self.user = reader.text("cassandra_username")
    self.password = reader.text("cassandra_password")
    self.readConsistency = reader.text("cassandra_read_consistency") ?? "ONE"
    self.writeConsistency = reader.text("cassandra_write_consistency") ?? "ONE"
    self.timeoutMilliseconds = reader.integer("cassandra_timeout")
    self.schemaTimeoutMilliseconds = reader.integer("cassandra_schema_consensus_timeout")
    self.usesTLS = reader.flag("cassandra_ssl")
    self.verifiesServer = reader.flag("cassandra_ssl_verify")
    self.authorities = reader.list("lua_ssl_trusted_certificate").filter { $0 != "system" }
      .map { PathText.absolute($0) }
    self.balancing = reader.text("cassandra_lb_policy") ?? "RequestRoundRobin"
    self.localDatacenter = reader.text("cassandra_local_datacenter")
    if reader.text("cassandra_repl_strategy") == "NetworkTopologyStrategy" {
      self.replication = .dataCenters(Self.dataCenters(reader) ?? [])
    } else {
      self.replication = .simple(factor: reader.integer("cassandra_repl_factor"))
    }
  }

  /// - Returns: nil where a number of replicas is none.
  static func dataCenters(_ reader: SettingReader) -> [DataCenter]? {
    let labels = reader.parsed("cassandra_data_centers") { (text) throws(ValueFault) in try Label.list(text) } ?? []
    var centers: [DataCenter] = []
    for label in labels {
      guard let replicas = Int(label.value), (1...100).contains(replicas) else { return nil }
      centers.append(DataCenter(name: label.key, replicas: replicas))
    }
    return centers.isEmpty ? nil : centers
  }

  /// Whether a read at the configured level may miss what was just written: writes reach a quorum of all replicas, or
  /// all of them, and the two together must be more than there are.
  public var mayReadStale: Bool {
    let parts: [Int] =
      switch self.replication {
      case .simple(let factor): [factor]
      case .dataCenters(let centers): centers.map(\.replicas)
      }
    let all = parts.reduce(0, +)
    let quorums = parts.map { $0 / 2 + 1 }
    let read =
      switch self.readConsistency {
      case "TWO": 2
      case "THREE": 3
      case "QUORUM": all / 2 + 1
      case "LOCAL_QUORUM": quorums.min() ?? 1
      case "EACH_QUORUM": quorums.reduce(0, +)
      case "ALL": all
      default: 1
      }
    let written =
      switch self.writeConsistency {
      case "ALL": all
      case "EACH_QUORUM": max(all / 2 + 1, quorums.reduce(0, +))
      default: all / 2 + 1
      }
    return read + written <= all
  }
}
