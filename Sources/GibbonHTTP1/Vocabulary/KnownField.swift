// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The field names that the gateway itself acts upon, found once while a head is parsed.
///
/// At most 63 names beside `other`, so that a head can tell with one bit test which are present.
@frozen
public enum KnownField: UInt8, Sendable, CaseIterable {
  case other, host, connection, contentLength, contentType, contentEncoding, contentRange, transferEncoding,
    expect, upgrade, te, trailer, keepAlive, proxyConnection, proxyAuthenticate, proxyAuthorization, via,
    date, server, accept, acceptEncoding, authorization, apikey, cookie, setCookie, location, userAgent,
    referer, origin, range, pragma, cacheControl, maxForwards, ifNoneMatch, ifModifiedSince, etag,
    lastModified, age, expires, vary, retryAfter, warning, allow, wwwAuthenticate, forwarded, xForwardedFor,
    xForwardedProto, xForwardedHost, xForwardedPort, xForwardedPath, xForwardedPrefix, xRealIP,
    xKongRequestID, kongDebug, xKongRequestDebug, xKongRequestDebugToken, xKongRequestDebugLog, proxy,
    xKongUpstreamLatency, xKongProxyLatency, xAccelBuffering

  /// This name's bit in a set of names; `other` has none.
  @inlinable public var bit: UInt64 {
    self == .other ? 0 : 1 &<< UInt64(self.rawValue)
  }

  /// Fields that say where a message ends, how the connection goes on or which host is meant: the
  /// only ones a parser looks into.
  static var framingBits: UInt64 {
    Self.host.bit | Self.connection.bit | Self.contentLength.bit | Self.transferEncoding.bit
      | Self.expect.bit | Self.upgrade.bit | Self.te.bit
  }

  /// Whether a trailer section may not carry this field (RFC 9110, 6.5.1: framing, routing, request
  /// modifiers, authentication, response control data, how to read the content), nor who the client
  /// is said to be (the `X-Forwarded-` family). Such trailers are dropped.
  public var isForbiddenInTrailers: Bool {
    switch self {
    case .other, .via, .server, .etag, .lastModified, .allow, .accept, .acceptEncoding, .userAgent, .referer,
      .xKongRequestID, .xKongUpstreamLatency, .xKongProxyLatency:
      false
    default: true
    }
  }
}
