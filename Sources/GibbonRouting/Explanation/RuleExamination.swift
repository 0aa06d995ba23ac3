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

  func meets(_ header: HeaderCondition) -> Bool {
    header.isMet(by: self.search.details, scratch: self.search.scratch)
  }

  func meetsPath(_ rule: Rule) -> Bool {
    rule.parts.paths.isEmpty || rule.parts.paths.contains { self.meets($0) }
  }

  private func meets(_ path: PathPattern) -> Bool {
    switch path {
    case .regex(let regex): self.search.scratch.matches(regex, self.request.path)
    case .prefix(let bytes): self.agreement(with: bytes) == bytes.count
    }
  }

  func agreement(with bytes: [UInt8]) -> Int {
    let limit = min(bytes.count, self.request.path.count)
    var count = 0
    while count < limit, bytes[count] == self.request.path[count] { count += 1 }
    return count
  }

  /// The parts of an expression joined by `&&` that do not hold.
  func failedParts(_ rule: Rule) -> [ExpressionNode] {
    guard let root = rule.parts.expression?.root else { return [] }
    let parts = if case .all(let parts) = root { parts } else { [root] }
    var failed: [ExpressionNode] = []
    for part in parts {
      var evaluation = ExpressionEvaluation(details: self.search.details, scratch: self.search.scratch)
      if !evaluation.holds(part, self.request) { failed.append(part) }
    }
    return failed
  }

  func verdict(on rule: Rule, number: UInt32) -> RuleVerdict {
    let answers = [
      self.meetsMethod(rule), self.meetsHost(rule), self.meetsSNI(rule), self.meetsSource(rule),
      self.meetsDestination(rule), self.meetsScheme(rule), self.meetsPath(rule),
    ]
    var failures = answers.count { !$0 }
    for header in rule.parts.headers where !self.meets(header) { failures += 1 }
    failures += self.failedParts(rule).count
    var agreement = 0
    for case .prefix(let bytes) in rule.parts.paths { agreement = max(agreement, self.agreement(with: bytes)) }
    return RuleVerdict(rule: number, failures: failures, agreement: agreement, rank: rule.rank)
  }
}
