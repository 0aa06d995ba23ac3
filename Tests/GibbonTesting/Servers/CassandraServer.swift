// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Foundation
public import GibbonCQL
internal import Synchronization

/// The Cassandra that `GIBBON_TEST_CASSANDRA=host:port` names: of any size, without a password. What tests make there
/// is dropped when the test process ends.
public struct CassandraServer: Sendable {
  public let host: String
  public let port: Int

  /// nil: there is none, and what needs it does not run.
  public static let given: CassandraServer? = {
    let parts = (ProcessInfo.processInfo.environment["GIBBON_TEST_CASSANDRA"] ?? "").split(separator: ":")
    guard parts.count == 2, let port = Int(parts[1]) else { return nil }
    return CassandraServer(host: String(parts[0]), port: port)
  }()

  /// What skipped tests say.
  public static let absence: String =
    "the live tests on Cassandra did not run: GIBBON_TEST_CASSANDRA=host:port names no server"

  /// - Throws: where none is given.
  public static func shared() throws -> CassandraServer {
    guard let given = self.given else { throw HarnessError(.failed, self.absence) }
    return given
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
    settings.contactPoints = [self.host]
    settings.port = self.port
    // The machine of the tests may be busy, and changes of the schema take their time.
    settings.timeoutMilliseconds = 20_000
    return settings
  }

  /// The properties of a gateway on a keyspace.
  public func properties(keyspace: String) -> [String: String] {
    [
      "database": "cassandra", "cassandra_contact_points": self.host, "cassandra_port": "\(self.port)",
      "cassandra_keyspace": keyspace, "cassandra_timeout": "20000",
    ]
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
