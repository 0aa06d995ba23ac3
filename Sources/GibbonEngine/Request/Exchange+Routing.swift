// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonRouting
internal import GibbonTLS

extension Exchange {
  /// What the router says, in the engine's terms.
  enum RouteChoice {
    case route(RouteRuntime)
    case none
    /// Nobody can say within the limit whether the request is this route's.
    case undecided(RouteRuntime?)
  }

  /// Asks the router, and remembers which part of the path matched.
  func chooseRoute() -> RouteChoice {
    let bytes = self.received.bytes
    let normalized = self.received.normalizedPath
    let decision = self.snapshot.router.match(
      method: bytes[self.received.head.methodName], host: bytes[self.received.head.hostName],
      port: self.received.head.port ?? self.received.publicPort,
      path: normalized.isEmpty ? bytes[self.received.head.path] : normalized.span,
      details: self, scratch: self.worker.routerScratch)
    let match: RouteMatch
    switch decision {
    case .matched(let found): match = found
    case .none: return .none
    case .undecided(let handle): return .undecided(handle.flatMap { self.snapshot.routes[$0] })
    }
    let pathCount = normalized.isEmpty ? Int(self.received.head.path.count) : normalized.count
    self.sending.matchedPrefix = ByteRange(offset: 0, count: min(match.matchedPathLength ?? 0, pathCount))
    self.sending.hasMatchedPath = match.matchedPathLength != nil
    if match.isRegexPath {
      self.hasTraces = true
      self.sending.captures = self.worker.routerScratch.captures
      self.sending.captureNames = self.worker.routerScratch.captureNames
    }
    return self.snapshot.routes[match.handle].map { .route($0) } ?? .none
  }

  /// Answers a request of which it is not known whose it is: it goes nowhere, so that it does not pass by the plugins
  /// of the route that may be its own.
  func refuseUndecided(_ route: RouteRuntime?) {
    let name = route.map { "route '\($0.entity.name ?? "\($0.entity.id)")' (\($0.entity.id))" } ?? "the routes"
    self.log(
      .error,
      "\(name) could not be matched: a regular expression, or all conditions together, exceed the limit of work for "
        + "one request")
    self.plugins.chain = self.snapshot.globalChain
    self.fail(.unexpected)
  }

  /// What is left when the matched part is taken off may be a segment that the path did not have: `/api..%2fadmin`
  /// without `/api`.
  func refusalOfStrippedPath() -> GatewayError? {
    let start = Int(self.sending.matchedPrefix.count)
    guard start > 0, self.route?.stripPath == true else { return nil }
    if self.received.normalizedPath.isEmpty {
      let bytes = self.received.bytes
      return self.refusal(ofRest: bytes[self.received.head.path], from: start)
    }
    let normal = self.received.normalizedPath
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
  var scheme: RouteScheme { self.received.scheme == .https ? .https : .http }
  var sni: String? { self.client.connection?.security?.serverName }

  var source: RouteEndpoint? {
    self.received.clientAddress.map { RouteEndpoint(address: $0, port: self.received.clientPort) }
  }

  var destination: RouteEndpoint? { self.client.connection?.localEndpoint }

  var headerCount: Int { self.received.head.fields.count }
  var queryLength: Int { self.received.head.query.map { Int($0.count) } ?? 0 }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    let wanted = name.utf8.span
    if self.visitFields(wanted, dashed: false, visit) || !RouteHeaderName.mayBeDashed(wanted) { return }
    _ = self.visitFields(wanted, dashed: true, visit)
  }

  /// - Returns: whether there was one of the name.
  private func visitFields(_ wanted: Span<UInt8>, dashed: Bool, _ visit: (Span<UInt8>) -> Bool) -> Bool {
    let bytes = self.received.bytes
    var isFound = false
    for field in self.received.head.fields where Int(field.name.count) == wanted.count {
      guard RouteHeaderName.isSame(bytes[field.name], wanted, dashed: dashed) else { continue }
      isFound = true
      if !visit(bytes[field.value]) { break }
    }
    return isFound
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    guard let query = self.received.head.query else { return }
    let bytes = self.received.bytes
    RouteQuery.visit(bytes[query], name: name, visit)
  }
}
