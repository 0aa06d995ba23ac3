// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCQL
import GibbonCore
import Glibc

/// The real Cassandra that `GIBBON_TEST_CASSANDRA=host:port[,host:port…]` names, all nodes with one port.
/// `GIBBON_TEST_CASSANDRA_PASSWORD=user:password` logs in; `GIBBON_TEST_CASSANDRA_TLS=ca.pem` verifies it by that
/// authority.
enum LiveCluster {
  static let settings: CQLSettings? = Self.read()

  /// For the trait of a suite: says so, once, when it does not run.
  static let isThere: Bool = {
    if LiveCluster.settings != nil { return true }
    print("GIBBON_TEST_CASSANDRA=host:port is not given: the tests on a real Cassandra did NOT run")
    return false
  }()

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  private static func read() -> CQLSettings? {
    let nodes = (Self.variable("GIBBON_TEST_CASSANDRA") ?? "").split(separator: ",").map { $0.split(separator: ":") }
    guard let first = nodes.first, nodes.allSatisfy({ $0.count == 2 && $0[1] == first[1] }), let port = Int(first[1])
    else { return nil }
    var settings = CQLSettings()
    settings.contactPoints = nodes.map { String($0[0]) }
    settings.port = port
    settings.timeoutMilliseconds = 10_000
    if let login = Self.variable("GIBBON_TEST_CASSANDRA_PASSWORD")?.split(separator: ":"), login.count == 2 {
      settings.username = String(login[0])
      settings.password = String(login[1])
    }
    if let authority = Self.variable("GIBBON_TEST_CASSANDRA_TLS") {
      settings.tls = .verified(authorities: [authority])
    }
    return settings
  }

  /// Runs on a keyspace of its own, gone afterwards.
  static func withKeyspace(
    _ settings: CQLSettings, _ body: (CQLCluster, CQLSettings) async throws -> Void
  ) async throws {
    let name = "gibbon_\(EntityID.random().description.prefix(8))"
    var admin = settings
    admin.highestVersion = .v5
    let making = try await CQLCluster.connect(admin)
    _ = try await making.execute(
      Self.ddl("CREATE KEYSPACE \(name) WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"))
    try await making.awaitSchemaAgreement()
    var inside = settings
    inside.keyspace = name
    do {
      let session = try await CQLCluster.connect(inside)
      try await body(session, inside)
      await session.close()
    } catch {
      _ = try await making.execute(Self.ddl("DROP KEYSPACE \(name)"))
      await making.close()
      throw error
    }
    _ = try await making.execute(Self.ddl("DROP KEYSPACE \(name)"))
    await making.close()
  }

  static func ddl(_ text: String) -> CQLStatement {
    var statement = CQLStatement(text)
    statement.isPrepared = false
    return statement
  }
}
