// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Router {
  /// Tells the route of a request, the nearest misses and why each failed. Looks at every route: for
  /// people, not for traffic. The parameters are those of `match`.
  public func explain(
    method: Span<UInt8>, host: Span<UInt8>, port: UInt16, path: Span<UInt8>,
    details: any RouteRequestDetails, limit: Int = 5
  ) -> RouteExplanation {
    let scratch = RouterScratch()
    let request = RequestView(method: method, host: host, port: port, path: path)
    let search = self.search(request, details: details, scratch: scratch)
    let decision = self.outcome(of: search)
    let winner = search.winner.rule.flatMap { self.index.rules[$0] }
    let examination = RuleExamination(request: request, search: search)

    var nearest: [RuleVerdict] = []
    for number in 0..<UInt32(clamping: self.index.rules.count) {
      guard let rule = self.index.rules[number], rule.parts.route.id != winner?.parts.route.id else { continue }
      let verdict = examination.verdict(on: rule, number: number)
      // A route is as near as its nearest part.
      if let known = nearest.firstIndex(where: { self.index.rules[$0.rule]?.parts.route.id == rule.parts.route.id }) {
        guard verdict.isNearer(than: nearest[known]) else { continue }
        nearest.remove(at: known)
      }
      guard let place = nearest.firstIndex(where: { verdict.isNearer(than: $0) }) else {
        if nearest.count < limit { nearest.append(verdict) }
        continue
      }
      nearest.insert(verdict, at: place)
      if nearest.count > limit { nearest.removeLast() }
    }
    let misses = nearest.compactMap { verdict -> RouteExplanation.Candidate? in
      guard let rule = self.index.rules[verdict.rule] else { return nil }
      var reasons = examination.reasons(rule)
      if reasons.isEmpty { reasons = [self.shadowReason(rule, behind: winner)] }
      return Self.candidate(rule, reasons: reasons)
    }
    return RouteExplanation(
      matched: winner.map { Self.candidate($0, reasons: []) }, decision: decision, misses: misses)
  }

  private static func candidate(_ rule: Rule, reasons: [String]) -> RouteExplanation.Candidate {
    RouteExplanation.Candidate(
      id: rule.parts.route.id, name: rule.parts.route.name, handle: rule.parts.route.handle,
      priority: rule.rank.primary,
      fieldCount: RuleRank.fieldCount(rule.parts.route, hasPaths: !rule.parts.paths.isEmpty), reasons: reasons)
  }

  private func shadowReason(_ rule: Rule, behind winner: Rule?) -> String {
    guard let winner else { return "its host or path as a whole does not match" }
    let name = winner.parts.route.name ?? "\(winner.parts.route.id)"
    return "matches too, but \(name) \(RulePrecedence(winner: winner, other: rule, flavor: self.flavor).words)"
  }
}
