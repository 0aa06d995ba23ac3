// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Connections to the proxy that stay open, enough of them that every worker has some: what they all see, the whole
/// gateway does.
public final class ProxyConnections: Sendable {
  private let clients: [RawClient]

  /// Opens them and sends a request on each, so that a worker has taken it.
  public init(_ gateway: GatewayProcess, count: Int = 12) throws {
    self.clients = try (0..<count).map { _ in try RawClient(port: gateway.port) }
    _ = try self.responses("/open")
  }

  /// The responses to one request on each connection.
  public func responses(_ target: String, headers: [(String, String)] = []) throws -> [Response] {
    for client in self.clients { try client.request("GET", target, headers: headers) }
    return try self.clients.map { try $0.response() }
  }

  /// The statuses that came, each once.
  public func statuses(_ target: String, headers: [(String, String)] = []) throws -> Set<Int> {
    Set(try self.responses(target, headers: headers).map(\.status))
  }

  /// The bodies that came, each once.
  public func bodies(_ target: String, headers: [(String, String)] = []) throws -> Set<String> {
    Set(try self.responses(target, headers: headers).map(\.text))
  }
}
