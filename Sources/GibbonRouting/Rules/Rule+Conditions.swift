// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Evaluating what the index does not decide, cheap conditions first.
extension Rule {
  /// Whether every condition holds; if so the state tells what matched of the path.
  func answer(to request: borrowing RequestView, _ state: inout RuleSearch) -> RuleAnswer {
    let checks = self.checks
    if state.hasStreamRules, state.details.scheme.isStream != checks.contains(.stream) { return .unmet }
    if request.methodBit == MethodSet.other, self.parts.methods.bits != 0 {
      guard self.parts.methods.containsOther(request.method) else { return .unmet }
    }
    if checks.contains(.schemes) {
      guard self.parts.schemes?.contains(state.details.scheme) ?? true else { return .unmet }
    }
    if checks.contains(.host) {
      state.scratch.charge(reading: self.parts.hosts.count)
      guard self.meetsHost(request) else { return .unmet }
    }
    if checks.contains(.snis) {
      state.scratch.charge(reading: self.parts.snis.count)
      guard self.meetsSNI(state) else { return .unmet }
    }
    if checks.contains(.networks) {
      guard self.meetsNetworks(state.details) else { return .unmet }
    }
    var answer = RuleAnswer.met
    for header in self.parts.headers {
      answer = answer.and(header.answer(state.details, state.scratch))
      if answer == .unmet { return .unmet }
    }
    if checks.contains(.expression) { return answer.and(self.expressionAnswer(request, &state)) }
    return answer.and(self.pathAnswer(request, &state))
  }

  func meetsHost(_ request: borrowing RequestView) -> Bool {
    for host in self.parts.hosts where host.matches(request.host, port: request.port) { return true }
    return false
  }

  func meetsSNI(_ state: RuleSearch) -> Bool {
    let scheme = state.details.scheme
    if state.isTraditional {
      if scheme == .http, state.ignoresSNI { return true }
    } else if scheme != (self.checks.contains(.stream) ? .tls : .https) {
      return true
    }
    guard let sni = state.details.sni else { return false }
    for pattern in self.parts.snis where pattern.matches(sni) { return true }
    return false
  }

  func meetsNetworks(_ details: any RouteRequestDetails) -> Bool {
    let (sources, destinations) = (self.parts.sources, self.parts.destinations)
    if !sources.isEmpty {
      guard let source = details.source, sources.contains(where: { $0.matches(source) }) else { return false }
    }
    if !destinations.isEmpty {
      guard let end = details.destination, destinations.contains(where: { $0.matches(end) }) else { return false }
    }
    return true
  }

  private func pathAnswer(_ request: borrowing RequestView, _ state: inout RuleSearch) -> RuleAnswer {
    guard self.checks.contains(.regexPath) else {
      if state.isRegexPath { state.scratch.clearCaptures() }
      state.isRegexPath = false
      state.matchedPathLength = self.plainPathLength
      return .met
    }
    var answer = RuleAnswer.unmet
    for path in self.parts.paths {
      switch path {
      case .prefix(let bytes):
        state.scratch.charge(reading: bytes.count)
        guard request.path.count >= bytes.count else { continue }
        guard request.path.extracting(0..<bytes.count).equals(bytes.span) else { continue }
        if state.isRegexPath { state.scratch.clearCaptures() }
        state.isRegexPath = false
        state.matchedPathLength = bytes.count
        return .met
      case .regex(let regex):
        answer = answer.or(state.scratch.search(regex, request.path))
        guard answer == .met else { continue }
        state.scratch.suspendCaptures(of: regex)
        state.scratch.commitCaptures()
        state.isRegexPath = true
        let whole = state.scratch.captures.first.flatMap { $0 } ?? .empty
        // Kong's engines differ where an alternative of the pattern is not anchored.
        state.matchedPathLength = state.isTraditional ? whole.upperBound : Int(whole.count)
        return .met
      }
    }
    return answer
  }

  private func expressionAnswer(_ request: borrowing RequestView, _ state: inout RuleSearch) -> RuleAnswer {
    guard let expression = self.parts.expression else { return .unmet }
    var evaluation = ExpressionEvaluation(details: state.details, scratch: state.scratch)
    state.scratch.clearPending()
    let answer = evaluation.answer(expression.root, request)
    guard answer == .met else { return answer }
    state.scratch.commitCaptures()
    state.isRegexPath = !state.scratch.captures.isEmpty
    state.matchedPathLength = evaluation.matchedPathLength
    return .met
  }
}
