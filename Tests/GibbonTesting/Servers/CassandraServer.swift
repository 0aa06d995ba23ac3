// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Foundation
public import GibbonCQL
internal import Synchronization

/// The Cassandra that `GIBBON_TEST_CASSANDRA=host:port[,host:port…]` names: of any size, without a password. What tests
/// make there is dropped when the test process ends.
public struct CassandraServer: Sendable {
  /// How many replicas the keyspaces of tests have.
  public enum Replication: Sendable, Hashable {
    case factor(Int)
    case dataCenters([DataCenter])
  }

  public struct DataCenter: Sendable, Hashable {
    public let name: String
    public let replicas: Int
  }

  /// Addresses of nodes, which all listen on one port.
  public let hosts: [String]
  public let port: Int
  public let replication: Replication
  /// What reads ask for, by Kong's name.
  public let reads: String

  /// nil: there is none, and what needs it does not run.
  public static let given: CassandraServer? = CassandraServer(ProcessInfo.processInfo.environment)

  /// What skipped tests say.
  public static let absence: String =
    "the live tests on Cassandra did not run: GIBBON_TEST_CASSANDRA=host:port[,host:port…] names no server"

  /// - Throws: where none is given.
  public static func shared() throws -> CassandraServer {
    guard let given = self.given else { throw HarnessError(.failed, self.absence) }
    return given
  }

  /// nil where the variables say nothing, or something else than hosts that share a port.
  init?(_ environment: [String: String]) {
    let nodes = (environment["GIBBON_TEST_CASSANDRA"] ?? "").split(separator: ",").map { $0.split(separator: ":") }
    let ports = Set(nodes.map { $0.count == 2 ? Int($0[1]) : nil })
    guard ports.count == 1, let port = ports.first ?? nil else { return nil }
    self.hosts = nodes.compactMap { $0.first.map(String.init) }
    self.port = port
    let centers = (environment["GIBBON_TEST_CASSANDRA_DATA_CENTERS"] ?? "").split(separator: ",").compactMap {
      let parts = $0.split(separator: ":")
      return parts.count == 2 ? Int(parts[1]).map { DataCenter(name: String(parts[0]), replicas: $0) } : nil
    }
    let factor = environment["GIBBON_TEST_CASSANDRA_FACTOR"].flatMap { Int($0) } ?? 1
    self.replication = centers.isEmpty ? .factor(factor) : .dataCenters(centers)
    self.reads = environment["GIBBON_TEST_CASSANDRA_READS"] ?? "ONE"
  }

  private static let count = Atomic(0)

  /// A name that no other test has.
  public func makeKeyspaceName() -> String {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    let name = "gibbon_test_\(getpid())_\(number)"
    CassandraEnd.shared.add(name, self)
    return name
  }

  public var settings: CQLSettings {
    var settings = CQLSettings()
    settings.contactPoints = self.hosts
    settings.port = self.port
    // The machine of the tests may be busy, and changes of the schema take their time.
    settings.timeoutMilliseconds = 20_000
    let levels: [String: CQLConsistency] = ["QUORUM": .quorum, "LOCAL_QUORUM": .localQuorum]
    settings.readConsistency = levels[self.reads] ?? .one
    if case .dataCenters(let centers) = self.replication {
      settings.balancing = .dcAwareRoundRobin
      settings.localDatacenter = centers.first?.name
    }
    return settings
  }

  /// The properties of a gateway on a keyspace.
  public func properties(keyspace: String) -> [String: String] {
    let common = [
      "database": "cassandra", "cassandra_contact_points": self.hosts.joined(separator: ","),
      "cassandra_port": "\(self.port)", "cassandra_keyspace": keyspace, "cassandra_timeout": "20000",
      "cassandra_read_consistency": self.reads,
    ]
    switch self.replication {
    case .factor(let factor): return common.merging(["cassandra_repl_factor": "\(factor)"]) { $1 }
    case .dataCenters(let centers):
      let all = centers.map { "\($0.name):\($0.replicas)" }.joined(separator: ",")
      return common.merging([
        "cassandra_repl_strategy": "NetworkTopologyStrategy", "cassandra_data_centers": all,
        "cassandra_lb_policy": "DCAwareRoundRobin", "cassandra_local_datacenter": centers.first?.name ?? "",
      ]) { $1 }
    }
  }
}

/// Drops keyspaces when the test process ends by itself.
private final class CassandraEnd: Sendable {
  static let shared = CassandraEnd()
  private let keyspaces = Mutex<[(name: String, server: CassandraServer)]>([])

  private init() { atexit { CassandraEnd.shared.drop() } }

  func add(_ name: String, _ server: CassandraServer) { self.keyspaces.withLock { $0.append((name, server)) } }

  private func drop() {
    let keyspaces = self.keyspaces.withLock { $0 }
    guard let server = keyspaces.first?.server else { return }
    let done = DispatchSemaphore(value: 0)
    Task {
      if let session = try? await CQLCluster.connect(server.settings) {
        for keyspace in keyspaces {
          var statement = CQLStatement("DROP KEYSPACE IF EXISTS \(keyspace.name)")
          statement.isPrepared = false
          _ = try? await session.execute(statement)
        }
        await session.close()
      }
      done.signal()
    }
    _ = done.wait(timeout: .now() + 120)
  }
}
