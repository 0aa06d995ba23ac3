// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRouting

/// The rare parts of a request that exists only on the command line.
final class ExplainedDetails: RouteRequestDetails {
  private let request: ExplainedRequest

  init(_ request: ExplainedRequest) { self.request = request }

  var scheme: RouteScheme { self.request.scheme == "https" ? .https : .http }
  var sni: String? { self.request.sni }
  var source: RouteEndpoint? { nil }
  var destination: RouteEndpoint? { nil }

  /// The Host header decides, as it would on the wire.
  func hostAndPort(fallback: ExplainedRequest) -> (name: String, port: UInt16) {
    guard let header = self.request.headers.first(where: { $0.name.lowercased() == "host" })?.value else {
      return (fallback.host, fallback.port)
    }
    guard let colon = header.lastIndex(of: ":"), !header.hasSuffix("]"),
      let port = UInt16(header[header.index(after: colon)...])
    else { return (header, fallback.port) }
    return (String(header[..<colon]), port)
  }

  var headerCount: Int { self.request.headers.count }
  var queryLength: Int { self.query.utf8.count }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    let wanted = name.utf8.span
    var isFound = false
    for dashed in [false, true] where !isFound {
      for header in self.request.headers where RouteHeaderName.isSame(header.name.utf8.span, wanted, dashed: dashed) {
        isFound = true
        if !visit(header.value.utf8.span) { return }
      }
    }
  }

  private var query: Substring {
    self.request.target.firstIndex(of: "?").map { self.request.target[self.request.target.index(after: $0)...] } ?? ""
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    let bytes = Array(self.query.utf8)
    RouteQuery.visit(bytes.span, name: name, visit)
  }
}
