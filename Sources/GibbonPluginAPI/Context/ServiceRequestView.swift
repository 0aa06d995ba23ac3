// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonHTTP1

/// What goes to the service (`kong.service.request`, `kong.service`). Changes are recorded and applied when
/// the request is sent. Names that are no field names are ignored with no effect on the request.
public struct ServiceRequestView {
  private let backend: any RequestBackend

  init(_ context: RequestContext) { self.backend = context.backend }

  /// Replaces every field of that name. What the gateway says itself (`X-Forwarded-…`, `X-Real-IP`, `Via`) stays as it
  /// is, as in Kong; so it is with the other changes of fields.
  public func setHeader(_ name: String, _ value: String) { self.setHeader(name, values: [value]) }

  /// Replaces every field of that name by these; none removes it.
  public func setHeader(_ name: String, values: [String]) {
    guard !Self.isTheGateways(name) else { return }
    self.backend.editUpstreamHeaders { $0.set(name, to: values) }
  }

  /// One more field of that name.
  public func addHeader(_ name: String, _ value: String) {
    guard !Self.isTheGateways(name) else { return }
    self.backend.editUpstreamHeaders { $0.add(name, value) }
  }

  public func clearHeader(_ name: String) { self.setHeader(name, values: []) }

  /// Another field of these names beside the gateway's own would let a service believe the wrong one.
  package static func isTheGateways(_ name: String) -> Bool {
    switch name.asciiLowercased.dashed {
    case "via", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-path",
      "x-forwarded-prefix", "x-real-ip":
      true
    default: false
    }
  }

  /// The path sent instead of the one the route gives; must start with `/`.
  public func setPath(_ path: String) {
    guard path.utf8.first == UInt8(ascii: "/") else { return }
    self.backend.setUpstreamPath(path)
  }

  /// The path that route and service give: what `strip_path` leaves, behind the service's own. Services of gRPC get the
  /// request's path as it is, unless a plugin sets this one.
  public var routedPath: String { self.backend.routedPath }

  /// The path that a plugin set; nil for the one the route gives.
  package var path: String? { self.backend.upstreamPath }

  /// Where a plugin sends the request; nil for the service.
  package var target: (host: String, port: UInt16)? { self.backend.upstreamTarget }

  /// The query as it stands, without `?`; empty without one.
  public var rawQuery: String {
    self.backend.upstreamQuery ?? self.backend.head.query.map { self.backend.headBytes.string($0) } ?? ""
  }

  /// Lends the bytes of `rawQuery`.
  public func withRawQueryBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
    if self.backend.upstreamQuery == nil, let query = self.backend.head.query {
      let bytes = self.backend.headBytes
      return body(bytes[query])
    }
    let bytes = Array((self.backend.upstreamQuery ?? "").utf8)
    return body(bytes.span)
  }

  /// The query sent, without `?`; empty removes it.
  public func setRawQuery(_ query: String) { self.backend.setUpstreamQuery(query) }

  /// Removes every argument of that name. The others keep their order and are written anew, as Kong does it: escaped
  /// where they must be, each with its `=`.
  public func clearQueryArgument(_ name: String) {
    let query = self.withRawQueryBytes { $0.array }
    guard !query.isEmpty else { return }
    let kept = FormText.removing(name, from: query)
    if kept != query { self.backend.setUpstreamQuery(String(decoding: kept, as: UTF8.self)) }
  }

  /// The method the service gets.
  public var method: String {
    self.backend.upstreamMethod ?? self.backend.headBytes.string(self.backend.head.methodName)
  }

  /// Upper-case letters only.
  public func setMethod(_ method: String) {
    guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else { return }
    self.backend.setUpstreamMethod(method)
  }

  /// Replaces the buffered body, or gives one to a request that has none; only where `wantsRequestBody` was asked for
  /// and the body fitted.
  public func setBody(_ body: ByteBuffer) {
    guard self.backend.bufferedBody != nil else { return }
    self.backend.setBufferedBody(body)
  }

  /// Sends the request to this host and port instead of the service's.
  public func setTarget(host: String, port: UInt16) { self.backend.setUpstreamTarget(host: host, port: port) }
}
