// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Limits and times towards clients.
public struct DownstreamSettings: Sendable, Hashable {
  /// The largest request body; nil is unlimited.
  public let maxBodyBytes: Int?
  /// How much of a body that must be buffered stays in memory.
  public let bodyBufferBytes: Int
  /// How much of a body is held back before the service is contacted; 0 is nothing.
  public let requestBufferBytes: Int
  /// The first buffer for a request head.
  public let headerBufferBytes: Int
  /// More buffers for a head that outgrows it; a line longer than one is refused.
  public let largeHeaderBuffers: HeaderBuffers
  /// Header fields of a request that plugins see at most.
  public let maxRequestHeaders: Int
  public let maxURIArguments: Int
  public let maxPostArguments: Int
  /// Paths that a service may resolve to others than the router does are passed on.
  public let allowsAmbiguousPaths: Bool
  /// Requests on one connection before it is closed.
  public let keepaliveRequests: Int
  public let keepalive: KeepaliveTimeout
  /// Streams of HTTP/2 that one client has open at most.
  public let http2Streams: Int
  /// The window that each of them begins with.
  public let http2WindowBytes: Int
  /// For the whole head of a request.
  public let headerTimeout: Duration
  /// Between two reads of a request body.
  public let bodyTimeout: Duration
  /// Between two writes of a response.
  public let sendTimeout: Duration

  init(_ reader: SettingReader) {
    let maxBody = reader.size("nginx_http_client_max_body_size").bytes
    self.maxBodyBytes = maxBody == 0 ? nil : maxBody
    self.bodyBufferBytes = reader.size("nginx_http_client_body_buffer_size").bytes
    self.requestBufferBytes = reader.size("request_buffer_size").bytes
    self.headerBufferBytes = reader.size("nginx_http_client_header_buffer_size").bytes
    self.largeHeaderBuffers =
      reader.parsed("nginx_http_large_client_header_buffers") { (text) throws(ValueFault) in
        try HeaderBuffers(parsing: text)
      } ?? HeaderBuffers(count: 4, size: ByteSize(bytes: 8192))
    self.maxRequestHeaders = reader.integer("lua_max_req_headers")
    self.maxURIArguments = reader.integer("lua_max_uri_args")
    self.maxPostArguments = reader.integer("lua_max_post_args")
    self.allowsAmbiguousPaths = reader.flag("allow_ambiguous_paths")
    self.keepaliveRequests = reader.integer("nginx_http_keepalive_requests")
    self.http2Streams = reader.integer("nginx_http_http2_max_concurrent_streams")
    self.http2WindowBytes = max(16 * 1024, reader.size("nginx_http_http2_body_preread_size").bytes)
    self.keepalive =
      reader.parsed("nginx_http_keepalive_timeout") { (text) throws(ValueFault) in
        try KeepaliveTimeout(parsing: text)
      } ?? KeepaliveTimeout(idle: .seconds(75), announced: nil)
    self.headerTimeout = reader.duration("nginx_http_client_header_timeout")
    self.bodyTimeout = reader.duration("nginx_http_client_body_timeout")
    self.sendTimeout = reader.duration("nginx_http_send_timeout")
  }
}

/// The keep-alive pools towards upstream services, and limits on their responses.
public struct UpstreamSettings: Sendable, Hashable {
  /// Idle connections kept per event loop and pool; 0 keeps none.
  public let poolSize: Int
  /// Requests on one connection before it is closed; 0 is unlimited.
  public let maxRequests: Int
  /// nil keeps an idle connection as long as the upstream does.
  public let idleTimeout: Duration?
  /// Header fields of a response that plugins see at most.
  public let maxResponseHeaders: Int

  init(_ reader: SettingReader) {
    self.poolSize = reader.integer("upstream_keepalive_pool_size")
    self.maxRequests = reader.integer("upstream_keepalive_max_requests")
    let idle = reader.seconds("upstream_keepalive_idle_timeout")
    self.idleTimeout = idle == .zero ? nil : idle
    self.maxResponseHeaders = reader.integer("lua_max_resp_headers")
  }
}
