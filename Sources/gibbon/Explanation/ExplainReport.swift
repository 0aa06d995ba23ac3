// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonRouting

/// What the gateway would do with a request: its route, what the service gets, which plugins run, and what is answered
/// where the service is not asked.
struct ExplainReport {
  let request: ExplainedRequest

  /// The request's path in normal form.
  let path: String
  let explanation: RouteExplanation

  /// The route that takes the request; nil when none does, or when that cannot be found out.
  let route: RouteRuntime?

  /// A route that would match, were its service not disabled.
  let disabled: RouteExplanation.Candidate?

  /// The path that the service gets, with the query.
  let serviceTarget: String?

  /// The upstream that the service's requests are balanced over.
  let upstream: UpstreamRuntime?

  /// Without a plugin that answers before: what the gateway answers by itself; nil where the service is asked.
  let answer: (status: UInt16, reason: String)?

  init(_ request: ExplainedRequest, in snapshot: Snapshot) {
    self.request = request
    let details = ExplainedDetails(request)
    let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path = ByteBuffer()
    PathNormalizer.normalize(Array(parts[0].utf8).span, into: &path)
    let host = details.hostAndPort(fallback: request)
    let (method, hostName) = (Array(request.method.utf8), Array(host.name.utf8))
    func explain(by router: Router, limit: Int) -> RouteExplanation {
      router.explain(
        method: method.span, host: hostName.span, port: host.port, path: path.span, details: details, limit: limit)
    }
    let explanation = explain(by: snapshot.router, limit: 5)
    let match = explanation.match
    let route = match.flatMap { snapshot.routes[$0.handle] }
    let target = route?.servicePath(of: path.span, matchedCount: match?.matchedPathLength)
    self.disabled = snapshot.disabled.flatMap { explain(by: $0, limit: 0).matched }
    self.path = path.string
    self.explanation = explanation
    self.route = route
    self.serviceTarget = route?.service == nil ? nil : target.map { $0 + (parts.count > 1 ? "?\(parts[1])" : "") }
    self.upstream = route?.service?.upstream.flatMap { snapshot.upstreams.first($0) }
    self.answer = Self.answer(request, explanation, route)
  }

  private static func answer(
    _ request: ExplainedRequest, _ explanation: RouteExplanation, _ route: RouteRuntime?
  ) -> (status: UInt16, reason: String)? {
    if request.method == "TRACE" || request.method == "CONNECT" { return (405, "Method not allowed") }
    if case .undecided = explanation.decision {
      return (500, "An unexpected error occurred")
    }
    guard let route else { return (404, "no Route matched with those values") }
    let type = request.headers.first { Array($0.name.utf8).span.equalsIgnoringCase("content-type") }?.value
    let isGRPC = type?.utf8.starts(with: "application/grpc".utf8) ?? false
    if let gate = route.gateAnswer(isEncrypted: request.scheme == "https", isGRPC: isGRPC) { return gate }
    return route.service == nil ? (503, "no Service found with those values") : nil
  }

  /// The endpoints that the service's requests go to, as `host:port`.
  var endpoints: [String] {
    if let upstream = self.upstream { return upstream.targets.map(\.text) }
    return (self.route?.service?.endpoints ?? []).map { endpoint in
      let isV6 = endpoint.host.utf8.contains(UInt8(ascii: ":"))
      return (isV6 ? "[\(endpoint.host)]" : endpoint.host) + ":\(endpoint.port)"
    }
  }

  /// The `Host` that the service gets; nil where it is the endpoint's.
  var hostField: String? {
    let client = self.request.headers.first { Array($0.name.utf8).span.equalsIgnoringCase("host") }?.value ?? ""
    return self.route?.hostField(client: client) ?? self.upstream?.entity.hostHeader
  }
}
