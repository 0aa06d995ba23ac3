// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// The attributes of a request, one by one, as a rule sees them.
struct RuleExamination: ~Escapable {
  let request: RequestView
  var search: RuleSearch

  @_lifetime(copy request)
  init(request: consuming RequestView, search: RuleSearch) {
    self.request = request
    self.search = search
  }

  func meetsMethod(_ rule: Rule) -> Bool {
    let methods = rule.parts.methods
    guard methods.bits != 0 else { return true }
    guard methods.bits & self.request.methodBit != 0 else { return false }
    return self.request.methodBit != MethodSet.other || methods.containsOther(self.request.method)
  }

  func meetsHost(_ rule: Rule) -> Bool { rule.parts.hosts.isEmpty || rule.meetsHost(self.request) }

  func meetsSNI(_ rule: Rule) -> Bool { rule.parts.snis.isEmpty || rule.meetsSNI(self.search) }

  func meetsSource(_ rule: Rule) -> Bool {
    guard !rule.parts.sources.isEmpty else { return true }
    guard let end = self.search.details.source else { return false }
    return rule.parts.sources.contains { $0.matches(end) }
  }

  func meetsDestination(_ rule: Rule) -> Bool {
    guard !rule.parts.destinations.isEmpty else { return true }
    guard let end = self.search.details.destination else { return false }
    return rule.parts.destinations.contains { $0.matches(end) }
  }

  func meetsScheme(_ rule: Rule) -> Bool {
    let scheme = self.search.details.scheme
    return (rule.parts.schemes?.contains(scheme) ?? true) && scheme.isStream == rule.checks.contains(.stream)
  }

  func answer(_ header: HeaderCondition) -> RuleAnswer {
    header.answer(self.search.details, self.search.scratch)
  }

  func pathAnswer(_ rule: Rule) -> RuleAnswer {
    if rule.parts.paths.isEmpty { return .met }
    return rule.parts.paths.reduce(.unmet) { answer, path in answer.or(self.answer(path)) }
  }

  private func answer(_ path: PathPattern) -> RuleAnswer {
    switch path {
    case .regex(let regex): self.search.scratch.search(regex, self.request.path)
    case .prefix(let bytes): RuleAnswer(self.agreement(with: bytes) == bytes.count)
    }
  }

  func agreement(with bytes: [UInt8]) -> Int {
    let limit = min(bytes.count, self.request.path.count)
    var count = 0
    while count < limit, bytes[count] == self.request.path[count] { count += 1 }
    return count
  }

  /// The parts of an expression joined by `&&` that do not hold, or of which that is not known.
  func failedParts(_ rule: Rule) -> [(part: ExpressionNode, answer: RuleAnswer)] {
    guard let root = rule.parts.expression?.root else { return [] }
    let parts = if case .all(let parts) = root { parts } else { [root] }
    var failed: [(part: ExpressionNode, answer: RuleAnswer)] = []
    for part in parts {
      var evaluation = ExpressionEvaluation(details: self.search.details, scratch: self.search.scratch)
      let answer = evaluation.answer(part, self.request)
      if answer != .met { failed.append((part, answer)) }
    }
    return failed
  }

  func verdict(on rule: Rule, number: UInt32) -> RuleVerdict {
    self.search.scratch.begin()
    let answers = [
      self.meetsMethod(rule), self.meetsHost(rule), self.meetsSNI(rule), self.meetsSource(rule),
      self.meetsDestination(rule), self.meetsScheme(rule), self.pathAnswer(rule) == .met,
    ]
    var failures = answers.count { !$0 }
    for header in rule.parts.headers where self.answer(header) != .met { failures += 1 }
    failures += self.failedParts(rule).count
    return RuleVerdict(rule: number, failures: failures, likeness: self.likeness(of: rule), rank: rule.rank)
  }
}
