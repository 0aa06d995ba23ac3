// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The routes of one flavor, compiled into an index. Immutable: a change makes another router that
/// shares all it can, and the old one goes on working.
public final class Router: Sendable {
  public let flavor: RouterFlavor
  let index: RuleIndex

  init(flavor: RouterFlavor, index: RuleIndex) {
    self.flavor = flavor
    self.index = index
  }

  /// Routes in the table.
  public var routeCount: Int { self.index.routeCount }

  /// Parts with a priority of their own; at least one per route.
  public var ruleCount: Int { self.index.ruleCount }

  /// Finds the route of a request. Allocates nothing in the steady state.
  ///
  /// - Parameters:
  ///   - method: as received.
  ///   - host: the Host header without its port, as sent; empty without one.
  ///   - port: the port in the Host header, else the listener's or the mapped one.
  ///   - path: the normalised path without the query.
  ///   - details: asked only for attributes that a route in question uses.
  /// - Returns: the winner, unless no route matches or that could not be found out.
  public func match(
    method: Span<UInt8>, host: Span<UInt8>, port: UInt16, path: Span<UInt8>,
    details: any RouteRequestDetails, scratch: RouterScratch
  ) -> RouteDecision {
    let request = RequestView(method: method, host: host, port: port, path: path)
    let search = self.search(request, details: details, scratch: scratch)
    return self.outcome(of: search)
  }

  /// Finds the winner, in a second try without server names where the flavor has one.
  func search(
    _ request: borrowing RequestView, details: any RouteRequestDetails, scratch: RouterScratch
  ) -> RuleSearch {
    scratch.begin()
    var state = RuleSearch(
      details: details, scratch: scratch, isTraditional: self.flavor == .traditional,
      hasStreamRules: self.index.streamRuleCount > 0)
    self.index.search(request, &state)
    if state.winner.isEmpty, !state.isUndecided, state.isTraditional, self.index.sniRuleCount > 0,
      details.scheme == .http
    {
      state.ignoresSNI = true
      self.index.search(request, &state)
    }
    return state
  }

  @inline(__always)
  func outcome(of search: RuleSearch) -> RouteDecision {
    let handle = search.winner.rule.map { Int(self.index.heads[$0].handle) }
    if search.isUndecided { return .undecided(handle: handle) }
    guard let handle else { return .none }
    return .matched(
      RouteMatch(
        handle: handle, matchedPathLength: search.matchedPathLength, isRegexPath: search.isRegexPath))
  }
}
