// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonEngine
internal import GibbonModel
internal import GibbonRouting

/// For the terminal.
extension ExplainReport {
  var text: String {
    var lines: [String] = []
    switch self.explanation.decision {
    case .matched: lines += self.matchLines
    case .none: lines.append("no route matches; the gateway would answer 404")
    case .undecided:
      let name = self.explanation.matched.map(Self.name) ?? "the routes"
      lines.append("undecided: matching \(name) exceeds the limit of work; the gateway would answer 500 and log it")
    }
    if let answer, self.route != nil || answer.status == 405 {
      lines.append("answer:  \(answer.status), \(answer.reason)\(self.hint(for: answer.status))")
    }
    if let disabled { lines.append("left out: route \(Self.name(disabled)) would match, but its service is disabled") }
    let misses = self.explanation.misses
    if !misses.isEmpty { lines.append("nearest misses:") }
    for miss in misses { lines.append("  \(Self.name(miss)): \(miss.reasons.joined(separator: "; "))") }
    return lines.joined(separator: "\n")
  }

  private var matchLines: [String] {
    guard let matched = self.explanation.matched, let route else { return [] }
    var lines = ["matched: route \(Self.name(matched)), priority \(matched.priority)"]
    if let length = self.explanation.match?.matchedPathLength {
      lines.append("path:    \(String(decoding: self.path.utf8.prefix(length), as: UTF8.self)) matched of \(self.path)")
    }
    if let service = route.service?.entity {
      let url = "\(service.protocol)://\(service.host):\(service.port)\(service.path ?? "")"
      lines.append("service: \(service.name ?? "\(service.id)") (\(url))")
      lines.append("gets:    \(self.request.method) \(self.serviceTarget ?? "/") at \(self.endpointText)")
    } else {
      lines.append("service: none: answers 503 unless a plugin answers")
    }
    lines.append("plugins: " + (route.chain.places.isEmpty ? "none" : self.pluginText(route.chain.places)))
    return lines
  }

  private var endpointText: String {
    let shown = self.endpoints.prefix(3).joined(separator: " or ")
    let more = self.endpoints.count > 3 ? " or \(self.endpoints.count - 3) more" : ""
    return shown + more + (self.hostField.map { ", with Host: \($0)" } ?? "")
  }

  private func pluginText(_ places: [PluginChain.Place]) -> String {
    places.map { place in
      if place.consumerCount == 0 { return place.name }
      let own = "\(place.consumerCount) consumer\(place.consumerCount == 1 ? "" : "s")"
      return place.id == nil ? "\(place.name) (for \(own))" : "\(place.name) (\(own) with one of their own)"
    }
    .joined(separator: ", then ")
  }

  private func hint(for status: UInt16) -> String {
    switch status {
    case 301, 302, 307, 308, 426: self.route?.requiresHTTPS == true ? ": the route is not for plain HTTP" : ""
    case 405: ": the gateway does not proxy \(self.request.method)"
    default: ""
    }
  }

  static func name(_ candidate: RouteExplanation.Candidate) -> String {
    candidate.name.map { "'\($0)' (\(candidate.id))" } ?? "\(candidate.id)"
  }
}
