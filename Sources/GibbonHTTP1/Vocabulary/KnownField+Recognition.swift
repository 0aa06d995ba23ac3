// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension KnownField {
  /// Which known name this is, letters compared without case.
  ///
  /// The length and one or two letters leave a single candidate, which is then compared in full.
  public static func of(_ name: Span<UInt8>) -> KnownField {
    let candidate =
      switch name.count {
      case 2...7: Self.short(name)
      case 8...14: Self.middle(name)
      case 15...26: Self.long(name)
      default: KnownField.other
      }
    if candidate == .other { return .other }
    return name.equalsIgnoringCase(candidate.lowercasedName) ? candidate : .other
  }

  /// 2 to 7 bytes.
  private static func short(_ name: Span<UInt8>) -> KnownField {
    switch name.count {
    case 2: return .te
    case 3:
      switch name[0] | 0x20 {
      case 0x61: return .age  // a
      case 0x76: return .via  // v
      default: return .other
      }
    case 4:
      switch name[0] | 0x20 {
      case 0x64: return .date  // d
      case 0x65: return .etag  // e
      case 0x68: return .host  // h
      case 0x76: return .vary  // v
      default: return .other
      }
    case 5:
      switch name[0] | 0x20 {
      case 0x61: return .allow  // a
      case 0x70: return .proxy  // p
      case 0x72: return .range  // r
      default: return .other
      }
    case 6:
      switch name[0] | 0x20 {
      case 0x61: return name[1] | 0x20 == 0x63 ? .accept : .apikey  // a
      case 0x63: return .cookie  // c
      case 0x65: return .expect  // e
      case 0x6F: return .origin  // o
      case 0x70: return .pragma  // p
      case 0x73: return .server  // s
      default: return .other
      }
    case 7:
      switch name[0] | 0x20 {
      case 0x65: return .expires  // e
      case 0x72: return .referer  // r
      case 0x74: return .trailer  // t
      case 0x75: return .upgrade  // u
      case 0x77: return .warning  // w
      default: return .other
      }
    default: return .other
    }
  }

  /// 8 to 14 bytes.
  private static func middle(_ name: Span<UInt8>) -> KnownField {
    switch name.count {
    case 8: return .location
    case 9:
      switch name[0] | 0x20 {
      case 0x66: return .forwarded  // f
      case 0x78: return .xRealIP  // x
      default: return .other
      }
    case 10:
      switch name[3] | 0x20 {
      case 0x2D: return .setCookie  // -
      case 0x67: return .kongDebug  // g
      case 0x6E: return .connection  // n
      case 0x70: return .keepAlive  // p
      case 0x72: return .userAgent  // r
      default: return .other
      }
    case 11: return .retryAfter
    case 12:
      switch name[0] | 0x20 {
      case 0x63: return .contentType  // c
      case 0x6D: return .maxForwards  // m
      default: return .other
      }
    case 13:
      switch name[2] | 0x20 {
      case 0x2D: return .ifNoneMatch  // -
      case 0x63: return .cacheControl  // c
      case 0x6E: return .contentRange  // n
      case 0x73: return .lastModified  // s
      case 0x74: return .authorization  // t
      default: return .other
      }
    case 14: return .contentLength
    default: return .other
    }
  }

  /// 15 to 26 bytes.
  private static func long(_ name: Span<UInt8>) -> KnownField {
    switch name.count {
    case 15:
      switch name[0] | 0x20 {
      case 0x61: return .acceptEncoding  // a
      case 0x78: return .xForwardedFor  // x
      default: return .other
      }
    case 16:
      switch name[12] | 0x20 {
      case 0x63: return .wwwAuthenticate  // c
      case 0x64: return .contentEncoding  // d
      case 0x68: return .xForwardedHost  // h
      case 0x70: return name[13] | 0x20 == 0x6F ? .xForwardedPort : .xForwardedPath  // p
      case 0x74: return .proxyConnection  // t
      default: return .other
      }
    case 17:
      switch name[4] | 0x20 {
      case 0x63: return .xAccelBuffering  // c
      case 0x6E: return .xKongRequestID  // n
      case 0x6F: return .ifModifiedSince  // o
      case 0x72: return .xForwardedProto  // r
      case 0x73: return .transferEncoding  // s
      default: return .other
      }
    case 18:
      switch name[0] | 0x20 {
      case 0x70: return .proxyAuthenticate  // p
      case 0x78: return .xForwardedPrefix  // x
      default: return .other
      }
    case 19: return .proxyAuthorization
    case 20:
      switch name[7] | 0x20 {
      case 0x70: return .xKongProxyLatency  // p
      case 0x72: return .xKongRequestDebug  // r
      default: return .other
      }
    case 23: return .xKongUpstreamLatency
    case 24: return .xKongRequestDebugLog
    case 26: return .xKongRequestDebugToken
    default: return .other
    }
  }
}
