// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// What makes two requests the same to the cache.
///
/// The text that is hashed begins with Kong's, `scope|method|request line|query|headers`. Kong joins names and values as
/// they are, so that `?a=1%3Ab%3D2` and `?a=1&b=2` have one key there and a client can put a response of its choice under
/// another request's. Here what separates is escaped, values keep their order, and whatever else of a request usually
/// changes what a service answers follows: host and scheme, a body, fields that stand for another URL or host, and what
/// plugins set.
struct CacheKeyRules: Sendable {
  private let parameters: KeyedParameters
  private let headers: [VaryHeader]
  private let ignoresCase: Bool

  private struct VaryHeader: Sendable {
    let text: [UInt8]
    /// Kong looks for the name as it stands, then with `-` for `_`.
    let names: [FieldName]
  }

  init(parameters: [String]?, headers: [String]?, ignoresCase: Bool) {
    self.parameters = KeyedParameters(parameters)
    self.headers = (headers ?? []).map { name in
      let text = Array(name.utf8)
      let dashed = text.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
      let names = dashed == text ? [name] : [name, String(decoding: dashed, as: UTF8.self)]
      return VaryHeader(text: text, names: names.map { FieldName($0) })
    }
    self.ignoresCase = ignoresCase
  }

  /// Whether the values of a field are part of every key.
  func covers(_ name: FieldName) -> Bool {
    self.headers.contains { $0.names.contains { $0.lowercased == name.lowercased } }
  }

  func key(of context: RequestContext) -> CacheKey { CacheKey(hashing: self.text(of: context)) }

  /// What is hashed.
  func text(of context: RequestContext) -> [UInt8] {
    var text = KeyText()
    if let route = context.matchedNames?.routeID {
      if let consumer = context.client.consumer?.id { text.append(raw: "\(consumer):") }
      text.append(raw: "\(route)")
    } else {
      text.append(raw: "default")
    }
    text.append(raw: "|\(context.serviceRequest.method)|")
    self.appendRequestLine(of: context, to: &text)
    text.append(raw: "|")
    let query = context.serviceRequest.withRawQueryBytes { $0.array }
    let (arguments, rest) = self.parameters.arguments(of: query)
    text.append(arguments)
    text.append(raw: "|")
    self.appendHeaders(of: context, to: &text)
    text.append(raw: "|")
    Self.appendAuthority(of: context.request, to: &text)
    if !rest.isEmpty { text.append(section: "query", rest) }
    for field in RequestOverrides.keyed(of: context.request) { text.append(section: field.name, field.value) }
    Self.appendBody(of: context, to: &text)
    if let path = context.serviceRequest.path { text.append(section: "path", Array(path.utf8)) }
    if let target = context.serviceRequest.target {
      text.append(section: "target", Array("\(target.host):\(target.port)".utf8))
    }
    return text.bytes
  }

  /// The request line up to the question mark; without one, all of it.
  private func appendRequestLine(of context: RequestContext, to text: inout KeyText) {
    var line = Array("\(context.request.method) ".utf8)
    var hasQuery = false
    context.request.withTargetBytes { target in
      for index in target.indices {
        if target[index] == UInt8(ascii: "?") {
          hasQuery = true
          return
        }
        line.append(target[index])
      }
    }
    if !hasQuery { line += " HTTP/\(context.request.httpVersion)".utf8 }
    text.append(self.ignoresCase ? line.map(\.asciiLowercased) : line, escaping: KeyText.Separators.parts)
  }

  private func appendHeaders(of context: RequestContext, to text: inout KeyText) {
    text.append(
      self.headers.compactMap { header in
        header.names.lazy.compactMap { Self.values($0, context) }.first.map { (header.text, $0) }
      })
  }

  private static func values(_ name: FieldName, _ context: RequestContext) -> [[UInt8]?]? {
    context.request.withHeaderBytes(name) { bytes, count -> [[UInt8]?] in
      count == 1 ? [bytes.array] : context.request.headers(name.text).map { Array($0.utf8) }
    }
  }

  /// `http://example.com:8080:8000`: what services are told of host, scheme and port. The case of a host does not count,
  /// nor does a dot at its end (RFC 9110 section 4.2.3).
  private static func appendAuthority(of request: RequestView, to text: inout KeyText) {
    var host = Array(request.host.utf8)
    if host.count > 1, host.last == UInt8(ascii: ".") { host.removeLast() }
    text.append(raw: "\(request.scheme.rawValue)://")
    text.append(host, escaping: KeyText.Separators.parts)
    text.append(raw: ":\(request.hostPort.map { "\($0)" } ?? ""):\(request.port)")
  }

  /// What it is and how it is to be read. Only methods that have one come so far with one.
  private static func appendBody(of context: RequestContext, to text: inout KeyText) {
    guard RequestOverrides.hasBody(context.request), let body = context.request.body else { return }
    text.append(section: "body", Array(SHA256.hash(data: body.span.array)))
    for name in ["Content-Type", "Content-Encoding"] {
      for value in context.request.headers(name) { text.append(section: name, Array(value.utf8)) }
    }
  }
}
