// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Gateways on one empty datastore of a server that they share.
protocol DatastoreNodes: Sendable {
  /// What the routes lead to: it answers with the consumer's name, or `origin`.
  var origin: Origin { get }
  /// The properties of a gateway on it.
  var settings: [String: String] { get }
  /// As the gateway calls the server, such as `PostgreSQL at 127.0.0.1:5432`.
  var server: String { get }
  /// Properties of a gateway that is not touched when the server is away, where that is possible.
  var aside: [String: String]? { get }
  /// Properties by which what one gateway counted is seen by the next one at once.
  var exact: [String: String] { get }

  /// The server is gone for the gateways. Only where the nodes were made for it.
  func stopServer()
  func startServer() throws
  /// The server takes what it is sent, and says nothing.
  func holdServer()
  func releaseServer()
  /// That what was written in one go is there whole, as far as the server can be asked for it.
  func expectWhole() throws
  /// Waits until no gateway holds it, as far as the server can be asked for it.
  func expectNobody() throws
  /// Drops what was made.
  func remove()
}

extension DatastoreNodes {
  func start(_ more: [String: String] = [:], in folder: TemporaryFolder? = nil) throws -> GatewayProcess {
    try GatewayProcess(administered: folder, settings: self.settings.merging(more) { $1 })
  }

  /// A service with a route at a path.
  func makeRoute(_ name: String, at gateway: GatewayProcess) throws {
    try gateway.create(
      "/services", ["name": .string(name), "host": "127.0.0.1", "port": .integer(self.origin.port)])
    try gateway.create("/services/\(name)/routes", ["name": .string(name), "paths": [.string("/\(name)")]])
  }

  /// That a reload with each of these changes is refused in words, and that what was used goes on being used.
  func expectRefused(_ mistakes: [(change: [String: String], words: [String])], at gateway: GatewayProcess) throws {
    try self.makeRoute("r", at: gateway)
    for (number, mistake) in mistakes.enumerated() {
      try gateway.change(self.settings.merging(mistake.change) { $1 })
      let result = try gateway.reload()
      #expect(result.exitCode == 1, "\(mistake.change): \(result.allOutput)")
      for word in mistake.words { #expect(result.errorOutput.contains(word), "\(result.allOutput)") }
      try gateway.await("/r", 200)
      try self.makeRoute("r-\(number)", at: gateway)
      try gateway.await("/r-\(number)", 200)
    }
  }

  /// A route that wants a key, and a consumer who has one.
  func makeClosedRoute(_ name: String, key: String, at gateway: GatewayProcess) throws {
    try self.makeRoute(name, at: gateway)
    try gateway.create("/services/\(name)/plugins", ["name": "key-auth"])
    try gateway.create("/consumers", ["username": "ada"])
    try gateway.create("/consumers/ada/key-auth", ["key": .string(key)])
  }

  static func makeOrigin() throws -> Origin {
    try Origin { try $0.respond(body: $0.head["X-Consumer-Username"] ?? "origin") }
  }
}

/// The datastores that gateways can share, for tests of what all of them do.
enum SharedDatastore: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case postgres, cassandra

  /// What a test may do to the server.
  enum Disturbance: Sendable {
    case none, stop, hold
  }

  /// Those that there is a server of.
  static var there: [Self] { CassandraServer.given == nil ? [.postgres] : Self.allCases }
  /// Those whose server can be away.
  static var disturbed: [Self] { CassandraRelays.isPossible ? Self.allCases : [.postgres] }

  var testDescription: String { self.rawValue }

  func nodes(_ disturbance: Disturbance = .none) throws -> any DatastoreNodes {
    switch self {
    case .postgres: try PostgresNodes(disturbance)
    case .cassandra: try CassandraNodes(isRelayed: disturbance != .none)
    }
  }

  /// Properties of a gateway whose server is at a port of this machine.
  func settings(port: Int) -> [String: String] {
    switch self {
    case .postgres: ["database": "postgres", "pg_host": "127.0.0.1", "pg_port": "\(port)"]
    case .cassandra: ["database": "cassandra", "cassandra_port": "\(port)"]
    }
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

  func reload() throws -> GatewayCommand { try self.command("reload", "-c", self.configurationFile.path) }

  /// The revision it says that it serves.
  var revision: Int { (try? self.admin("GET", "/status").json["configuration"]["revision"].integer) ?? -1 }

  var isDatabaseReachable: Bool {
    get throws { try self.admin("GET", "/status").json["database"]["reachable"] == true }
  }
}
