// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// Gateways on one database of the test process' server.
struct PostgresNodes {
  let cluster: PostgresCluster
  let database: String
  let origin: Origin

  /// - Parameter isOwn: a server that no other test uses, so that it may be stopped.
  init(isOwn: Bool = false) throws {
    self.cluster = try isOwn ? PostgresCluster() : PostgresCluster.shared()
    self.database = try self.cluster.makeDatabase()
    self.origin = try Origin { try $0.respond(body: $0.head["X-Consumer-Username"] ?? "origin") }
  }

  func start(_ more: [String: String] = [:]) throws -> GatewayProcess {
    let settings = self.cluster.settings(database: self.database).merging(more) { _, new in new }
    return try GatewayProcess(administered: nil, settings: settings)
  }

  func remove() { self.cluster.drop(database: self.database) }

  /// A service with a route at a path.
  func makeRoute(_ name: String, at gateway: GatewayProcess) throws {
    try gateway.create(
      "/services", ["name": .string(name), "host": "127.0.0.1", "port": .integer(self.origin.port)])
    try gateway.create("/services/\(name)/routes", ["name": .string(name), "paths": [.string("/\(name)")]])
  }
}

extension GatewayProcess {
  /// Waits until every worker answers requests for `target` with this status.
  func await(_ target: String, _ status: Int, headers: [(String, String)] = []) throws {
    let connections = try ProxyConnections(self)
    try Deadline.wait(for: "\(status) for \(target); the log is\n\(self.log.suffix(3000))") {
      try connections.statuses(target, headers: headers) == [status]
    }
  }
}
