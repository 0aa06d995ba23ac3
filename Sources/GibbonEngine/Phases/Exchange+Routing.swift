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
    let bytes = self.headBytes
    let normalized = self.normalizedPath
    let decision = self.snapshot.router.match(
      method: bytes[self.head.methodName], host: bytes[self.head.hostName],
      port: self.head.port ?? self.publicPort,
      path: normalized.isEmpty ? bytes[self.head.path] : normalized.span,
      details: self, scratch: self.worker.routerScratch)
    let match: RouteMatch
    switch decision {
    case .matched(let found): match = found
    case .none: return .none
    case .undecided(let handle): return .undecided(handle.flatMap { self.snapshot.routes[$0] })
    }
    let pathCount = normalized.isEmpty ? Int(self.head.path.count) : normalized.count
    self.matchedPrefix = ByteRange(offset: 0, count: min(match.matchedPathLength ?? 0, pathCount))
    self.hasMatchedPath = match.matchedPathLength != nil
    if match.isRegexPath {
      self.hasTraces = true
      self.captures = self.worker.routerScratch.captures
      self.captureNames = self.worker.routerScratch.captureNames
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
    self.chain = self.snapshot.globalChain
    self.fail(.unexpected)
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
  var sni: String? { self.downstream?.security?.serverName }

  var source: RouteEndpoint? {
    self.clientAddress.map { RouteEndpoint(address: $0, port: self.clientPort) }
  }

  var destination: RouteEndpoint? { self.downstream?.localEndpoint }

  var headerCount: Int { self.head.fields.count }
  var queryLength: Int { self.head.query.map { Int($0.count) } ?? 0 }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    let wanted = name.utf8.span
    if self.visitFields(wanted, dashed: false, visit) || !RouteHeaderName.mayBeDashed(wanted) { return }
    _ = self.visitFields(wanted, dashed: true, visit)
  }

  /// - Returns: whether there was one of the name.
  private func visitFields(_ wanted: Span<UInt8>, dashed: Bool, _ visit: (Span<UInt8>) -> Bool) -> Bool {
    let bytes = self.headBytes
    var isFound = false
    for field in self.head.fields where Int(field.name.count) == wanted.count {
      guard RouteHeaderName.isSame(bytes[field.name], wanted, dashed: dashed) else { continue }
      isFound = true
      if !visit(bytes[field.value]) { break }
    }
    return isFound
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    guard let query = self.head.query else { return }
    let bytes = self.headBytes
    RouteQuery.visit(bytes[query], name: name, visit)
  }
}
