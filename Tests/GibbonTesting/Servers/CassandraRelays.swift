// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One port that leads to every node of the given Cassandra, at the node's own address: a gateway is told addresses
/// only, and finds the nodes it was not told of at its own port.
public final class CassandraRelays: Sendable {
  private let reservation: FreePort
  /// In the order of the server's hosts.
  public let nodes: [Relay]

  public var port: Int { self.reservation.number }

  /// Whether it is possible: the addresses of the nodes must be this machine's.
  public static let isPossible: Bool = CassandraServer.given?.hosts.allSatisfy { $0.hasPrefix("127.") } ?? false

  public init(to server: CassandraServer) throws {
    let reservation = try FreePort()
    self.reservation = reservation
    self.nodes = try server.hosts.map { host in
      try Relay(to: server.port, host: host, from: (host, reservation.number))
    }
  }

  public func cut() { for node in self.nodes { node.cut() } }

  public func mend() throws { for node in self.nodes { try node.mend() } }

  public func hold() { for node in self.nodes { node.hold() } }

  public func release() { for node in self.nodes { node.release() } }
}
