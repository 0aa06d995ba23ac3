// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// Gateways on one keyspace of the given Cassandra.
struct CassandraNodes {
  let server: CassandraServer
  let keyspace: String
  let origin: Origin

  init() throws {
    self.server = try CassandraServer.shared()
    self.keyspace = self.server.makeKeyspaceName()
    self.origin = try Origin { try $0.respond(body: $0.head["X-Consumer-Username"] ?? "origin") }
  }

  func start(_ more: [String: String] = [:], in folder: TemporaryFolder? = nil) throws -> GatewayProcess {
    let settings = self.server.properties(keyspace: self.keyspace).merging(more) { _, new in new }
    return try GatewayProcess(administered: folder, settings: settings)
  }

  /// A service with a route at a path.
  func makeRoute(_ name: String, at gateway: GatewayProcess) throws {
    try gateway.create(
      "/services", ["name": .string(name), "host": "127.0.0.1", "port": .integer(self.origin.port)])
    try gateway.create("/services/\(name)/routes", ["name": .string(name), "paths": [.string("/\(name)")]])
  }
}
