// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// What an encoder knows of a field name beforehand.
struct HPACKName: Sendable {
  /// How fields of a name are represented (RFC 7541, sections 6.2 and 7.1).
  enum Policy: UInt8, Sendable {
    /// Enters the table when a value comes for the second time, of a few dozen: most values of other names never do.
    case usual
    /// Enters the table at once: few values, each in many messages.
    case repeated
    /// Differs in each message: only the name is of use in the table.
    case varying
    /// A secret, perhaps short enough to be guessed: in no table here, nor at any hop that follows (section 7.1.3).
    case secret
    /// About a connection of HTTP/1: not in HTTP/2 (RFC 9113, section 8.2.2).
    case ofConnection
    /// `te`, of which only `trailers` may stay (same section).
    case transferCodings
  }

  var policy: Policy
  /// The first entry of the static table with this name; 0 if it has none.
  var staticIndex: Int
  /// How many entries from there on have a value.
  var staticValues: Int

  static let unknown = HPACKName(policy: .usual, staticIndex: 0, staticValues: 0)
}

extension HPACKName {
  static let repeated: [StaticString] = [
    ":authority", ":scheme", ":method", ":status", "accept", "accept-encoding", "accept-language", "accept-ranges",
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age", "alt-svc",
    "cache-control", "content-encoding", "content-language", "content-security-policy", "content-type",
    "grpc-accept-encoding", "grpc-encoding", "referrer-policy", "server", "strict-transport-security", "user-agent",
    "vary", "via", "x-content-type-options", "x-frame-options", "x-powered-by", "x-xss-protection",
  ]

  static let varying: [StaticString] = [
    "content-range", "ratelimit-remaining", "ratelimit-reset", "traceparent", "x-b3-spanid", "x-b3-traceid",
    "x-correlation-id", "x-kong-proxy-latency", "x-kong-request-id", "x-kong-response-latency",
    "x-kong-upstream-latency", "x-request-id", "x-response-time",
  ]

  static let secret: [StaticString] = [
    "api-key", "apikey", "authentication-info", "authorization", "cookie", "kong-admin-token",
    "proxy-authentication-info", "proxy-authorization", "set-cookie", "x-access-token", "x-amz-security-token",
    "x-api-key", "x-auth-token", "x-csrf-token", "x-kong-request-debug-token", "x-xsrf-token",
  ]

  static let ofConnection: [StaticString] = [
    "connection", "http2-settings", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
  ]
}
