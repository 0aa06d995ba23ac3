// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Headers that the gateway adds by itself.
public struct GatewayHeaders: OptionSet, Sendable, Hashable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  public static let via = GatewayHeaders(rawValue: 1)
  public static let server = GatewayHeaders(rawValue: 2)
  public static let proxyLatency = GatewayHeaders(rawValue: 4)
  public static let responseLatency = GatewayHeaders(rawValue: 8)
  public static let adminLatency = GatewayHeaders(rawValue: 16)
  public static let upstreamLatency = GatewayHeaders(rawValue: 32)
  public static let upstreamStatus = GatewayHeaders(rawValue: 64)
  public static let requestID = GatewayHeaders(rawValue: 128)

  public static let serverTokens: GatewayHeaders = [.via, .server]
  public static let latencyTokens: GatewayHeaders = [
    .proxyLatency, .responseLatency, .adminLatency, .upstreamLatency,
  ]

  /// The words of the property `headers`.
  static let words: [(word: String, headers: GatewayHeaders)] = [
    ("off", []), ("server_tokens", .serverTokens), ("latency_tokens", .latencyTokens), ("Via", .via),
    ("Server", .server), ("X-Kong-Proxy-Latency", .proxyLatency), ("X-Kong-Response-Latency", .responseLatency),
    ("X-Kong-Admin-Latency", .adminLatency), ("X-Kong-Upstream-Latency", .upstreamLatency),
    ("X-Kong-Upstream-Status", .upstreamStatus), ("X-Kong-Request-Id", .requestID),
  ]

  init(items: [String]) {
    self = ListText.enabled(items).reduce(into: []) { result, item in
      let match = Self.words.first { $0.word.lowercased() == item.lowercased() }
      result.formUnion(match?.headers ?? [])
    }
  }
}

/// The texts of error responses: the first `%s` is the message, a second one the request id; nil is Gibbon's own.
public struct ErrorTemplates: Sendable, Hashable {
  public let html: String?
  public let json: String?
  public let xml: String?
  public let plain: String?
}

/// What the gateway adds to traffic and says itself.
public struct ResponseSettings: Sendable, Hashable {
  /// On responses.
  public let headers: GatewayHeaders
  /// On requests to upstream services.
  public let upstreamHeaders: GatewayHeaders
  public let errorTemplates: ErrorTemplates
  /// The media type of errors when the request names none.
  public let errorDefaultType: String
  /// Clients may ask for details with `Kong-Debug: 1`.
  public let allowsDebugHeader: Bool
  /// The value of nginx's `charset`, added to text responses without one; nil adds none.
  public let charset: String?

  init(_ reader: SettingReader, templates: [String: String]) {
    self.headers = GatewayHeaders(items: reader.list("headers"))
    self.upstreamHeaders = GatewayHeaders(items: reader.list("headers_upstream"))
    self.errorTemplates = ErrorTemplates(
      html: templates["error_template_html"], json: templates["error_template_json"],
      xml: templates["error_template_xml"], plain: templates["error_template_plain"])
    self.errorDefaultType = reader.text("error_default_type") ?? "text/plain"
    self.allowsDebugHeader = reader.flag("allow_debug_header")
    let charset = reader.text("nginx_http_charset") ?? "UTF-8"
    self.charset = charset == "off" ? nil : charset
  }
}
