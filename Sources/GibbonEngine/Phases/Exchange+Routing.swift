// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI
internal import GibbonRouting

extension Exchange {
  /// Asks the router, and remembers which part of the path matched.
  func matchRoute() -> RouteRuntime? {
    let bytes = self.headBytes
    let normalized = self.normalizedPath
    let match = self.snapshot.router.match(
      method: bytes[self.head.methodName], host: bytes[self.head.hostName],
      port: self.head.port ?? self.publicPort,
      path: normalized.isEmpty ? bytes[self.head.path] : normalized.span,
      details: self, scratch: self.worker.routerScratch)
    guard let match else { return nil }
    let pathCount = normalized.isEmpty ? Int(self.head.path.count) : normalized.count
    self.matchedPrefix = ByteRange(offset: 0, count: min(match.matchedPathLength ?? 0, pathCount))
    if match.isRegexPath {
      self.hasTraces = true
      self.captures = self.worker.routerScratch.captures
      self.captureNames = self.worker.routerScratch.captureNames
    }
    return self.snapshot.routes[match.handle]
  }

  /// What is left when the matched part is taken off may be a segment that the path did not have: `/api..%2fadmin`
  /// without `/api`.
  func refusalOfStrippedPath() -> GatewayError? {
    let start = Int(self.matchedPrefix.count)
    guard start > 0, self.route?.stripPath == true else { return nil }
    if self.normalizedPath.isEmpty {
      let bytes = self.headBytes
      return self.refusal(ofRest: bytes[self.head.path], from: start)
    }
    let normal = self.normalizedPath
    return self.refusal(ofRest: normal.span, from: start)
  }

  private func refusal(ofRest path: Span<UInt8>, from start: Int) -> GatewayError? {
    guard start < path.count else { return nil }
    switch path[start] {
    case UInt8(ascii: "."), UInt8(ascii: "%"), UInt8(ascii: "\\"): break
    default: return nil
    }
    return self.refusal(of: PathNormalizer.flaws(ofUnnormalized: path.extracting(droppingFirst: start)))
  }
}

extension Exchange: RouteRequestDetails {
  var scheme: RouteScheme { self.requestScheme == .https ? .https : .http }
  var sni: String? { nil }

  var source: RouteEndpoint? {
    self.clientAddress.map { RouteEndpoint(address: $0, port: self.clientPort) }
  }

  var destination: RouteEndpoint? { self.downstream?.localEndpoint }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    let wanted = name.utf8.span
    let bytes = self.headBytes
    for field in self.head.fields where Int(field.name.count) == wanted.count {
      guard Exchange.isSame(bytes[field.name], wanted) else { continue }
      if !visit(bytes[field.value]) { return }
    }
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    for pair in QueryString.pairs(self.context.request.rawQuery) where pair.name.utf8.elementsEqual(name.utf8) {
      if !visit(Array(pair.value.utf8).span) { return }
    }
  }

  /// Equal in the router's spelling of names: lower case, `_` for `-`.
  private static func isSame(_ name: Span<UInt8>, _ wanted: Span<UInt8>) -> Bool {
    for index in name.indices {
      let byte = name[index] == UInt8(ascii: "-") ? UInt8(ascii: "_") : name[index].asciiLowercased
      if byte != wanted[index] { return false }
    }
    return true
  }
}
