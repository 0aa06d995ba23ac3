// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonRouting
public import GibbonSchema

/// Whether the router will be able to match a route that somebody wants to store.
public enum RouteCheck {
  /// What the router says of a route's conditions, for whoever accepts it; nil when it can match.
  ///
  /// Names, addresses and the regular expressions of paths are checked by the schema. This is about what only the router
  /// reads: expressions, and regular expressions of headers.
  public static func violation(in route: JSONObject, flavor: RouterFlavor) -> String? {
    let expression = route["expression"]?.stringValue
    let patterns = Self.patterns(in: route)
    guard expression != nil || !patterns.isEmpty else { return nil }
    var definition = RouteDefinition(id: EntityID(high: 0, low: 0), handle: 0)
    if let protocols = route["protocols"]?.arrayValue?.compactMap(\.stringValue), !protocols.isEmpty {
      definition.protocols = protocols
    }
    definition.expression = expression
    definition.headers = patterns
    guard let problem = Router.compile([definition], flavor: flavor).problems.first else { return nil }
    guard problem.field != "expression" else {
      return problem.reason + (problem.position.map { " at byte \($0)" } ?? "")
    }
    let pattern = String(problem.value.dropFirst(2))
    let offset = problem.position.map { " at offset \($0 - 2)" } ?? ""
    return "\(problem.field): invalid regex: '\(pattern)' (PCRE returned: \(problem.reason)\(offset))"
  }

  /// The headers of which a regular expression is asked.
  private static func patterns(in route: JSONObject) -> [String: [String]] {
    var patterns: [String: [String]] = [:]
    for header in route["headers"]?.objectValue ?? [:] {
      let texts = header.value.arrayValue?.compactMap(\.stringValue) ?? []
      if texts.contains(where: { $0.utf8.starts(with: "~*".utf8) }) { patterns[header.key] = texts }
    }
    return patterns
  }
}
