// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Parts of a request by which many services take it for another than its method, URL and host say.
enum RequestOverrides {
  /// Fields that stand for another method: `_` counts as `-`.
  private static let methods: Set<[UInt8]> = Set(
    ["x-http-method-override", "x-http-method", "x-method-override"].map { Array($0.utf8) })

  /// Parameters that do.
  private static let methodParameters: Set<[UInt8]> = Set(
    ["_method", "x-http-method-override", "x_http_method_override"].map { Array($0.utf8) })

  /// Fields that stand for another URL, scheme or host.
  private static let targets: Set<[UInt8]> = Set(
    [
      "front-end-https", "x-forwarded-base-url", "x-forwarded-context", "x-forwarded-protocol", "x-forwarded-scheme",
      "x-forwarded-server", "x-forwarded-ssl", "x-forwarded-uri", "x-forwarded-url", "x-host", "x-http-destinationurl",
      "x-http-host-override", "x-original-host", "x-original-uri", "x-original-url", "x-real-host", "x-rewrite-url",
      "x-script-name", "x-url-scheme",
    ].map { Array($0.utf8) })

  /// The gateway's own, that come from the client where its peer is trusted.
  private static let trusted: Set<[UInt8]> = Set(
    [
      "x-forwarded-host", "x-forwarded-path", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto",
    ].map { Array($0.utf8) })

  private static let forwarded = Array("forwarded".utf8)

  /// Whether the request has a body, or may have one.
  static func hasBody(_ request: RequestView) -> Bool { request.isChunked || request.contentLength ?? 0 > 0 }

  /// Whether the method may not be the one that counts.
  static func changesMethod(_ context: RequestContext) -> Bool {
    var isFound = false
    Self.visit(context.request) { name, _ in isFound = isFound || Self.methods.contains(name) }
    if isFound { return true }
    let query = context.serviceRequest.withRawQueryBytes { $0.array }
    return query.split { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }.contains { part in
      Self.methodParameters.contains(
        FormText.decoded(part.prefix { $0 != UInt8(ascii: "=") }).map(\.asciiLowercased))
    }
  }

  /// The fields that stand for another URL, scheme or host, in their order.
  static func keyed(of request: RequestView) -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = []
    let isTrusted = request.isFromTrustedPeer
    Self.visit(request) { name, value in
      if name == Self.forwarded {
        fields.append(("forwarded", Self.withoutAddresses(value.array)))
      } else if Self.targets.contains(name) || isTrusted && Self.trusted.contains(name) {
        fields.append((String(decoding: name, as: UTF8.self), value.array))
      }
    }
    return fields
  }

  /// The fields whose names may be one of these, with `-` for `_`.
  private static func visit(_ request: RequestView, _ body: ([UInt8], Span<UInt8>) -> Void) {
    request.visitHeaderBytes { name, value in
      guard name.count > 5 else { return }
      switch name[0].asciiLowercased {
      case UInt8(ascii: "x"), UInt8(ascii: "f"):
        body(name.array.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.asciiLowercased }, value)
      default: break
      }
    }
  }

  /// `Forwarded` (RFC 7239) without `for` and `by`, which every client has its own of.
  private static func withoutAddresses(_ value: [UInt8]) -> [UInt8] {
    var isQuoted = false
    let parts = value.split { byte in
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      return !isQuoted && (byte == UInt8(ascii: ";") || byte == UInt8(ascii: ","))
    }
    let kept = parts.map(\.trimmingBlanks).filter { part in
      let name = part.prefix { $0 != UInt8(ascii: "=") }.map(\.asciiLowercased)
      return name != Array("for".utf8) && name != Array("by".utf8)
    }
    return Array(kept.joined(separator: [UInt8(ascii: ";")]))
  }
}
