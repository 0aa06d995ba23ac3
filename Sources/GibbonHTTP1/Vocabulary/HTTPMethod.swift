// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The methods nginx has a number for. Every other well-formed name is `other` and is proxied as it
/// came; its bytes are in the head.
@frozen
public enum HTTPMethod: UInt8, Sendable, CaseIterable {
  case get, head, post, put, patch, delete, options, trace, connect
  case mkcol, copy, move, propfind, proppatch, lock, unlock
  case other

  /// The method with exactly these bytes; method names are case-sensitive (RFC 9110, 9.1).
  public static func of(_ name: Span<UInt8>) -> HTTPMethod {
    guard name.count >= 3, name.count <= 9 else { return .other }
    let candidate: HTTPMethod =
      switch (name.count, name[0]) {
      case (3, 0x47): .get
      case (3, 0x50): .put
      case (4, 0x50): .post
      case (4, 0x48): .head
      case (4, 0x43): .copy
      case (4, 0x4D): .move
      case (4, 0x4C): .lock
      case (5, 0x50): .patch
      case (5, 0x54): .trace
      case (5, 0x4D): .mkcol
      case (6, 0x44): .delete
      case (6, 0x55): .unlock
      case (7, 0x4F): .options
      case (7, 0x43): .connect
      case (8, 0x50): .propfind
      case (9, 0x50): .proppatch
      default: .other
      }
    if candidate == .other { return .other }
    return name.equals(candidate.name) ? candidate : .other
  }

  /// The name as sent; empty for `other`.
  public var name: StaticString {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .patch: "PATCH"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .trace: "TRACE"
    case .connect: "CONNECT"
    case .mkcol: "MKCOL"
    case .copy: "COPY"
    case .move: "MOVE"
    case .propfind: "PROPFIND"
    case .proppatch: "PROPPATCH"
    case .lock: "LOCK"
    case .unlock: "UNLOCK"
    case .other: ""
    }
  }

  /// Whether a request that was already sent may be tried at another upstream: nginx's rule is every
  /// method but POST, LOCK and PATCH.
  @inlinable public var isIdempotentForRetry: Bool {
    switch self {
    case .post, .lock, .patch: false
    default: true
    }
  }
}
