// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a route accepts and a service speaks.
public enum GatewayProtocol: String, Sendable, Hashable, CaseIterable {
  case grpc, grpcs, http, https, tcp, tls, udp
  case tlsPassthrough = "tls_passthrough"

  /// Whether requests are HTTP, not a stream of bytes.
  public var isHTTP: Bool {
    switch self {
    case .grpc, .grpcs, .http, .https: true
    case .tcp, .tls, .udp, .tlsPassthrough: false
    }
  }

  /// Whether the connection is encrypted.
  public var isEncrypted: Bool {
    switch self {
    case .grpcs, .https, .tls, .tlsPassthrough: true
    case .grpc, .http, .tcp, .udp: false
    }
  }
}

/// How requests are matched with routes: `router_flavor`.
public enum RouterFlavor: String, Sendable, Hashable, CaseIterable {
  case traditionalCompatible = "traditional_compatible"
  case expressions
  case traditional
}
