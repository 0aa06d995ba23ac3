// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonHTTP1
public import GibbonIO

/// Everything about the data plane that comes from the configuration file rather than from entities.
///
/// Names in the comments are those of `gibbon.conf`. Times are milliseconds, sizes bytes.
public struct EngineSettings: Sendable {
  /// `nginx_worker_processes`: event loops.
  public var workers = 1
  /// `proxy_listen`
  public var listeners: [ListenerSettings] = []
  public var downstream = DownstreamSettings()
  public var upstream = UpstreamSettings()
  public var headers = HeaderSettings()
  public var realIP = RealIPSettings()
  public var errorPages = ErrorPages()
  /// `nginx_http_charset`: named in the type of text responses that name none; nil when off.
  public var textCharset: String? = "UTF-8"
  /// `proxy_access_log`; nil when off.
  public var accessLog: LogFile?
  /// `port_maps`: the port clients use, by the port listened on.
  public var portMap: [UInt16: UInt16] = [:]
  /// For listeners with `isTLS`, and needed by them.
  public var tls: ServerTLS?
  public var serviceTLS = ServiceTLSSettings()

  public init() {}
}

/// One address of `proxy_listen`.
public struct ListenerSettings: Sendable, Hashable {
  public var address: SocketAddress
  public var options: ListenerOptions
  /// Every connection begins with a PROXY protocol header (version 1 or 2).
  public var usesProxyProtocol: Bool
  /// Then, or at once, comes a handshake of TLS.
  public var isTLS: Bool
  /// Clients may speak HTTP/2: as TLS agrees upon (ALPN), or by beginning with it in plain text.
  public var speaksHTTP2: Bool

  public init(
    address: SocketAddress, options: ListenerOptions = ListenerOptions(), usesProxyProtocol: Bool = false,
    isTLS: Bool = false, speaksHTTP2: Bool = false
  ) {
    self.address = address
    self.options = options
    self.usesProxyProtocol = usesProxyProtocol
    self.isTLS = isTLS
    self.speaksHTTP2 = speaksHTTP2
  }
}

/// Limits and patience towards clients; nginx's defaults.
public struct DownstreamSettings: Sendable {
  /// `nginx_http_large_client_header_buffers`
  public var headLimits = HeadLimits.nginx
  /// `nginx_http_client_max_body_size`; 0 is unlimited.
  public var maxBodyBytes: UInt64 = 0
  /// `nginx_http_client_body_buffer_size`: what a plugin that reads bodies can see.
  public var bodyBufferBytes = 8 * 1024
  /// `allow_ambiguous_paths`: paths that a service may resolve to others than the router does are passed on.
  public var allowsAmbiguousPaths = false
  /// Clients of one loop at most: by `nginx_events_worker_connections`, and so that services have descriptors too.
  public var connectionLimit = Int.max
  /// `request_buffer_size`: how much of a body is held back before the service is contacted, on routes with
  /// `request_buffering`; 0 holds nothing back.
  public var requestBufferBytes = 64 * 1024
  /// `nginx_http_keepalive_timeout`
  public var keepAliveTimeout = 75_000
  /// `nginx_http_keepalive_requests`
  public var keepAliveRequests = 10_000
  /// `nginx_http_http2_max_concurrent_streams`
  public var http2Streams = 128
  /// `nginx_http_http2_body_preread_size`: the window that a stream of a client begins with.
  public var http2WindowBytes = 64 * 1024
  /// `nginx_http_client_header_timeout`
  public var headerTimeout = 60_000
  /// `nginx_http_client_body_timeout`: between two reads.
  public var bodyTimeout = 60_000
  /// `nginx_http_send_timeout`: between two writes.
  public var sendTimeout = 60_000
  /// How long the rest of a body nobody wants is read and dropped, so that the answer is not lost to a
  /// reset (nginx's `lingering_timeout`).
  public var lingeringTimeout = 5_000
  /// How long a plugin may keep a request suspended. Longer than what its own calls may take by default: 60 s to
  /// connect, 60 s to read.
  public var suspensionTimeout = 150_000

  public init() {}
}

/// Connections towards services.
public struct UpstreamSettings: Sendable {
  /// `upstream_keepalive_pool_size`: idle connections kept per address and loop; 0 keeps none.
  public var poolSize = 512
  /// `upstream_keepalive_max_requests`
  public var maxRequests = 10_000
  /// `upstream_keepalive_idle_timeout`
  public var idleTimeout = 60_000
  /// What a response's head may cost. `proxy_buffer_size` bounds it in nginx.
  public var headLimits = HeadLimits(requestLineBytes: 8192, fieldLineBytes: 32768, headBytes: 65536)
  /// Bytes of a request's body kept to send it again at the next try.
  public var replayBytes = 64 * 1024

  public init() {}
}

/// Headers the gateway adds.
public struct HeaderSettings: Sendable {
  /// `headers`: `Server` on answers the gateway makes, `Via` on those it passes on.
  public var server = true
  public var via = true
  public var proxyLatency = true
  public var upstreamLatency = true
  public var responseLatency = true
  public var upstreamStatus = false
  public var requestID = true
  /// `headers_upstream`
  public var upstreamRequestID = true
  /// `allow_debug_header`
  public var allowsDebug = false

  public init() {}
}

/// Whom to believe about the client's address.
public struct RealIPSettings: Sendable {
  public enum Source: Sendable {
    /// `X-Real-IP`, the default: a field that holds one address. Lower case.
    case field(String)
    case xForwardedFor
    case proxyProtocol
  }

  /// `trusted_ips`
  public var trusted: [AddressBlock] = []
  /// `trusted_ips` has `unix:`.
  public var trustsUnix = false
  /// `real_ip_header`
  public var source = Source.field("x-real-ip")
  /// `real_ip_recursive`
  public var isRecursive = false

  public init() {}

  /// Whether any peer may say who the client is.
  var believesAnyone: Bool { self.trustsUnix || !self.trusted.isEmpty }

  var usesProxyProtocol: Bool {
    if case .proxyProtocol = self.source { true } else { false }
  }

  func trusts(_ peer: IPAddress?) -> Bool {
    guard let peer else { return self.trustsUnix }
    return self.trusted.contains { $0.contains(peer) }
  }
}

/// How this product names itself on the wire. Clients, dashboards and tests of Kong users compare these
/// bytes, so they are Kong's: see docs/decisions/0002-names-on-the-wire.md.
enum WireName {
  static let server: StaticString = "kong/3.9.3"
  static let viaHTTP11: StaticString = "1.1 kong/3.9.3"
  static let viaHTTP10: StaticString = "1.0 kong/3.9.3"
  static let viaHTTP2: StaticString = "2 kong/3.9.3"

  /// What is added to `Via` of a message that came in that version.
  static func via(_ version: HTTPVersion) -> StaticString {
    switch version {
    case .http10: self.viaHTTP10
    case .http11: self.viaHTTP11
    case .http2: self.viaHTTP2
    }
  }
}
