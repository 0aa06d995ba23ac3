// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Failures in words.
extension RuleExamination {
  /// One sentence per attribute that failed.
  func reasons(_ rule: Rule) -> [String] {
    var reasons: [String] = []
    let parts = rule.parts
    let details = self.search.details
    if !self.meetsScheme(rule) {
      let allowed = parts.schemes.map { $0.map(\.rawValue) } ?? parts.route.protocols
      reasons.append("protocol \(details.scheme.rawValue) not in \(Self.list(allowed))")
    }
    if !self.meetsMethod(rule) {
      reasons.append("method \(self.request.method.text) not in \(Self.list(parts.route.methods))")
    }
    if !self.meetsHost(rule) {
      let host = self.request.host.isEmpty ? "(none)" : self.request.host.text
      let port = parts.hosts.contains { $0.port != nil } ? ":\(self.request.port)" : ""
      reasons.append("host \(host)\(port) not in \(Self.list(parts.route.hosts))")
    }
    self.search.scratch.begin()
    switch self.pathAnswer(rule) {
    case .met: break
    case .unmet: reasons.append(self.pathReason(rule))
    case .unknown: reasons.append("its path's regular expression meets the limit of work")
    }
    for header in parts.headers {
      let answer = self.answer(header)
      if answer != .met { reasons.append(self.headerReason(header, rule, isUnknown: answer == .unknown)) }
    }
    if !self.meetsSNI(rule) {
      reasons.append("server name \(details.sni ?? "(none)") not in \(Self.list(parts.route.snis))")
    }
    if !self.meetsSource(rule) {
      reasons.append("source \(Self.text(details.source)) not in \(Self.list(parts.route.sources.map(Self.text)))")
    }
    if !self.meetsDestination(rule) {
      let allowed = Self.list(parts.route.destinations.map(Self.text))
      reasons.append("destination \(Self.text(details.destination)) not in \(allowed)")
    }
    for (part, answer) in self.failedParts(rule) {
      reasons.append("expression part \(part) \(answer == .unknown ? "meets the limit of work" : "does not hold")")
    }
    return reasons
  }

  private func pathReason(_ rule: Rule) -> String {
    let path = self.request.path.text
    let patterns = rule.parts.paths.map { pattern in
      switch pattern {
      case .prefix(let bytes): return String(decoding: bytes, as: UTF8.self)
      case .regex(let regex):
        let isCompatible = !self.search.isTraditional && regex.pattern.utf8.first == UInt8(ascii: "^")
        return "~" + (isCompatible ? regex.pattern.dropFirst() : regex.pattern[...])
      }
    }
    let isRegex = rule.parts.paths.first?.isRegex ?? false
    if patterns.count > 1 {
      return "path \(path) \(isRegex ? "matches" : "starts with") none of \(Self.list(patterns))"
    }
    return "path \(path) does not \(isRegex ? "match" : "start with") \(patterns.first ?? "")"
  }

  private func headerReason(_ header: HeaderCondition, _ rule: Rule, isUnknown: Bool) -> String {
    var values: [String] = []
    self.search.details.visitHeaderValues(header.name) { value in
      values.append(value.text)
      return true
    }
    let flavor: RouterFlavor = self.search.isTraditional ? .traditional : .traditionalCompatible
    let entry = rule.parts.route.headers.first { HeaderCondition.normalised($0.key, flavor: flavor) == header.name }
    let name = entry?.key ?? header.name
    if isUnknown { return "header \(name)'s regular expression meets the limit of work" }
    guard !values.isEmpty else { return "header \(name) is missing" }
    return "header \(name) is \(Self.list(values)), not in \(Self.list(entry?.value ?? []))"
  }

  /// Long lists are cut.
  private static func list(_ items: [String]) -> String {
    items.count > 8 ? items.prefix(8).joined(separator: ",") + ",… (\(items.count))" : items.joined(separator: ",")
  }

  private static func text(_ endpoint: RouteEndpoint?) -> String {
    endpoint.map { "\($0.address):\($0.port)" } ?? "(none)"
  }

  private static func text(_ network: RouteNetwork) -> String {
    (network.ip ?? "*") + (network.port.map { ":\($0)" } ?? "")
  }
}
