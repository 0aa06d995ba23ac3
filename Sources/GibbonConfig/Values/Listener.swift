// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One address that the gateway listens on, with its flags.
public struct Listener: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case http
    case stream
  }

  public enum Address: Sendable, Hashable {
    /// Four numbers; `*` is read as `0.0.0.0`.
    case ipv4(String)
    /// Without brackets.
    case ipv6(String)
    /// Resolved when the listener opens.
    case hostname(String)
    /// The path of a Unix domain socket.
    case unix(String)
  }

  public let address: Address
  /// 0 for a Unix domain socket, or to let the system choose.
  public let port: UInt16
  public internal(set) var isTLS = false
  public internal(set) var isHTTP2 = false
  public internal(set) var isUDP = false
  public internal(set) var acceptsProxyProtocol = false
  /// The kernel reports a connection only when its first bytes arrived.
  public internal(set) var isDeferred = false
  /// An own `bind` even when a wildcard on the same port would do.
  public internal(set) var bindsSeparately = false
  public internal(set) var reusesPort = false
  /// Connections the kernel queues; nil is the system's own length.
  public internal(set) var backlog: Int?
  /// nil leaves the system's setting.
  public internal(set) var isIPv6Only: Bool?
  public internal(set) var socketKeepalive: SocketKeepalive?

  /// TCP keep-alive probes; a nil member leaves the system's setting.
  public enum SocketKeepalive: Sendable, Hashable {
    case off
    case on
    case tuned(idle: Duration?, interval: Duration?, count: Int?)
  }

  init(address: Address, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Listener: CustomStringConvertible {
  /// The address as it is written in the file, without flags.
  public var description: String {
    switch self.address {
    case .ipv4(let text), .hostname(let text): "\(text):\(self.port)"
    case .ipv6(let text): "[\(text)]:\(self.port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

extension Listener.Kind {
  var flagNames: String {
    switch self {
    case .http: "ssl, http2, proxy_protocol, deferred, bind, reuseport, backlog=N, ipv6only=on|off, so_keepalive="
    case .stream: "udp, ssl, proxy_protocol, bind, reuseport, backlog=N, ipv6only=on|off, so_keepalive="
    }
  }
}
