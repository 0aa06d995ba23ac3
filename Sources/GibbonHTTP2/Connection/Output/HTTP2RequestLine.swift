// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// What the pseudo-header fields of a request say (RFC 9113, section 8.3.1). Lends the bytes of its maker.
public struct HTTP2RequestLine: ~Escapable {
  public var method: Span<UInt8>
  public var scheme: Span<UInt8>
  public var authority: Span<UInt8>
  /// With the query.
  public var path: Span<UInt8>
  /// The request is an extended CONNECT for `websocket` (RFC 8441), whatever `method` says.
  public var opensWebSocket = false

  @_lifetime(copy method, copy scheme, copy authority, copy path)
  public init(method: Span<UInt8>, scheme: Span<UInt8>, authority: Span<UInt8>, path: Span<UInt8>) {
    self.method = method
    self.scheme = scheme
    self.authority = authority
    self.path = path
  }
}
