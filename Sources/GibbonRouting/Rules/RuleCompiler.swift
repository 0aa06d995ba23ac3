// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Turns routes into rules of one flavor. A fault in a route leaves out the part it stands in.
struct RuleCompiler {
  let flavor: RouterFlavor
  private(set) var problems: [RouteProblem] = []

  /// Equal patterns are compiled once.
  private var regexes: [RegexKey: Regex] = [:]

  private struct RegexKey: Hashable {
    let pattern: String
    let options: Regex.Options
  }

  /// Kong's namespace for the ids of a route's parts.
  private static let partNamespace = EntityID(high: 0x7f14_5bf9_0dce_4f91, low: 0x98eb_debb_ce4b_9f6b)

  init(flavor: RouterFlavor) {
    self.flavor = flavor
  }

  mutating func rules(for route: RouteDefinition) -> [Rule] {
    if route.expression != nil, self.flavor != .traditional {
      return self.collect(route) { compiler throws(FieldFault) in try compiler.expressionRule(route) }
    }
    if self.flavor == .traditional { return self.traditionalRules(route) }
    if route.isStream {
      let rank = RuleRank(compatibleStream: route)
      return self.collect(route) { compiler throws(FieldFault) in
        try compiler.rule(route, paths: [], rank: rank)
      }
    }
    let groups = Self.groups(of: route.paths)
    return groups.enumerated().flatMap { index, paths in
      let id = groups.count > 1 ? EntityID.named("\(route.id)#\(index + 1)", in: Self.partNamespace) : route.id
      let rank = RuleRank(compatible: route, paths: paths, id: id)
      return self.collect(route) { compiler throws(FieldFault) in
        try compiler.rule(route, paths: paths, rank: rank)
      }
    }
  }

  private mutating func traditionalRules(_ route: RouteDefinition) -> [Rule] {
    let paths: [String?] = route.paths.isEmpty ? [nil] : route.paths
    return paths.enumerated().flatMap { position, path in
      let rank = RuleRank(traditional: route, path: path, position: position)
      return self.collect(route) { compiler throws(FieldFault) in
        try compiler.rule(route, paths: path.map { [$0] } ?? [], rank: rank)
      }
    }
  }

  /// Paths by kind: all regular expressions together, plain ones by length; in order of appearance.
  static func groups(of paths: [String]) -> [[String]] {
    guard paths.count > 1 else { return [paths] }
    var places: [Int: Int] = [:]
    var groups: [[String]] = []
    for path in paths {
      let kind = path.utf8.first == UInt8(ascii: "~") ? 0 : path.utf8.count
      if let place = places[kind] {
        groups[place].append(path)
      } else {
        places[kind] = groups.count
        groups.append([path])
      }
    }
    return groups
  }

  /// A fault, and the field it is in.
  private struct FieldFault: Error {
    let field: String
    let fault: RuleFault
  }

  private mutating func collect(
    _ route: RouteDefinition, _ make: (inout RuleCompiler) throws(FieldFault) -> Rule
  ) -> [Rule] {
    do {
      return [try make(&self)]
    } catch {
      self.problems.append(RouteProblem(route, field: error.field, fault: error.fault))
      return []
    }
  }

  private mutating func rule(_ route: RouteDefinition, paths: [String], rank: RuleRank) throws(FieldFault) -> Rule {
    var parts = RuleParts(route: route, rank: rank)
    let isTraditional = self.flavor == .traditional
    parts.snis = route.snis.map { Self.sni($0, allowsWildcard: !isTraditional) }
    parts.sources = try Self.networks(route.sources, field: "sources")
    parts.destinations = try Self.networks(route.destinations, field: "destinations")
    if isTraditional || !route.isStream {
      parts.methods = MethodSet(route.methods)
      parts.hosts = route.hosts.map { HostPattern($0, wildcardIsFilled: isTraditional) }
      parts.headers = try self.headers(of: route)
      for path in paths { parts.paths.append(try self.path(path)) }
    }
    let isEmpty =
      parts.snis.isEmpty && parts.sources.isEmpty && parts.destinations.isEmpty && parts.hosts.isEmpty
      && parts.methods.bits == 0 && parts.headers.isEmpty && parts.paths.isEmpty
    if isEmpty { throw FieldFault(field: "paths", fault: RuleFault("", "the route has nothing to match requests by")) }
    if self.flavor == .expressions { parts.schemes = Self.schemes(of: route) }
    return Rule(parts)
  }

  private mutating func expressionRule(_ route: RouteDefinition) throws(FieldFault) -> Rule {
    var parts = RuleParts(route: route, rank: RuleRank(expression: route))
    do {
      parts.expression = try ExpressionProgram(route.expression ?? "", isStream: route.isStream)
    } catch {
      throw FieldFault(field: "expression", fault: error)
    }
    if self.flavor == .expressions { parts.schemes = Self.schemes(of: route) }
    return Rule(parts)
  }
}

// MARK: - Attributes

extension RuleCompiler {
  private mutating func path(_ path: String) throws(FieldFault) -> PathPattern {
    guard path.utf8.first == UInt8(ascii: "~") else { return .prefix(Array(path.utf8)) }
    let pattern = String(path.dropFirst())
    do {
      if self.flavor == .traditional { return .regex(try self.regex(pattern, options: .anchored)) }
      return .regex(try self.regex("^" + pattern, options: .dollarEndOnly))
    } catch {
      let shift = self.flavor == .traditional ? 1 : 0
      let fault = RuleFault(path, error.message, position: error.offset + shift)
      throw FieldFault(field: "paths", fault: fault)
    }
  }

  private mutating func headers(of route: RouteDefinition) throws(FieldFault) -> [HeaderCondition] {
    var conditions: [HeaderCondition] = []
    for (name, values) in route.headers.sorted(by: { $0.key < $1.key }) {
      let normalised = HeaderCondition.normalised(name, flavor: self.flavor)
      if self.flavor == .traditional, normalised == "host" { continue }
      var plain: [[UInt8]] = []
      var regexes: [Regex] = []
      for value in values {
        let isRegex = value.hasPrefix("~*") && (self.flavor != .traditional || values.count == 1)
        if !isRegex || self.flavor == .traditional { plain.append(value.utf8.map(\.asciiLowercased)) }
        guard isRegex else { continue }
        do {
          regexes.append(try self.regex(String(value.dropFirst(2)), options: [.caseInsensitive, .dollarEndOnly]))
        } catch {
          let fault = RuleFault(value, error.message, position: error.offset + 2)
          throw FieldFault(field: "headers.\(name)", fault: fault)
        }
      }
      conditions.append(HeaderCondition(name: normalised, values: plain, regexes: regexes))
    }
    return conditions
  }

  private static func networks(_ networks: [RouteNetwork], field: String) throws(FieldFault) -> [NetworkCondition] {
    var conditions: [NetworkCondition] = []
    for network in networks {
      do {
        conditions.append(try NetworkCondition(network))
      } catch {
        throw FieldFault(field: field, fault: error)
      }
    }
    return conditions
  }

  private static func sni(_ text: String, allowsWildcard: Bool) -> TextPattern {
    allowsWildcard ? TextPattern(text) : TextPattern(exact: text)
  }

  /// What `net.protocol` may be in the expressions flavor; nil where the gate behind the router decides.
  private static func schemes(of route: RouteDefinition) -> [RouteScheme]? {
    let protocols = route.protocols
    if protocols.isEmpty || [["https"], ["tls"], ["tls_passthrough"]].contains(protocols) { return nil }
    return protocols.compactMap { name in
      switch name {
      case "grpc": .http
      case "grpcs": .https
      case "tls_passthrough": .tcp
      default: RouteScheme(rawValue: name)
      }
    }
  }

  private mutating func regex(_ pattern: String, options: Regex.Options) throws(RegexError) -> Regex {
    let key = RegexKey(pattern: pattern, options: options)
    if let known = self.regexes[key] { return known }
    let regex = try Regex.compile(pattern, options: options)
    self.regexes[key] = regex
    return regex
  }
}
