// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting

/// The slow way: every part of every route gets a score, all are sorted, the first that matches wins.
/// Written from the facts of Kong's router over Strings, sharing nothing with the router under test.
final class ReferenceRouter {
  struct Part {
    let route: RouteDefinition
    let paths: [String]
    let score: [UInt64]
    let id: String
  }

  let flavor: RouterFlavor
  let parts: [Part]
  private var regexes: [String: Regex<AnyRegexOutput>] = [:]
  private var searches: [String: Int?] = [:]
  private var sets: [String: [UInt64]] = [:]

  init(_ routes: [RouteDefinition], flavor: RouterFlavor) {
    self.flavor = flavor
    let parts = routes.flatMap { flavor == .traditional ? Self.traditional($0) : Self.compatible($0) }
    self.parts = parts.sorted { left, right in
      if left.score != right.score { return right.score.lexicographicallyPrecedes(left.score) }
      return left.id > right.id
    }
  }

  func match(_ request: TestRequest) -> (handle: Int, length: Int?)? {
    if let found = self.first(request, ignoringSNI: false) { return found }
    guard self.flavor == .traditional, request.scheme == .http else { return nil }
    return self.first(request, ignoringSNI: true)
  }

  private func first(_ request: TestRequest, ignoringSNI: Bool) -> (handle: Int, length: Int?)? {
    var sets = [
      self.parts(with: "method", request.method) { $0.methods.isEmpty || $0.methods.contains(request.method) },
      self.parts(with: "host", "\(request.host):\(request.port)") { route in
        route.hosts.isEmpty || route.hosts.contains { self.host($0, request) }
      },
      self.parts(with: "sni", "\(request.scheme) \(request.sni ?? "-") \(ignoringSNI)") { route in
        route.snis.isEmpty || self.sni(route.snis, request, ignoringSNI)
      },
      self.parts(with: "source", "\(String(describing: request.source))") { route in
        route.sources.isEmpty || route.sources.contains { Self.network($0, request.source) }
      },
      self.parts(with: "destination", "\(String(describing: request.destination))") { route in
        route.destinations.isEmpty || route.destinations.contains { Self.network($0, request.destination) }
      },
      self.parts(with: "scheme", request.scheme.rawValue) { route in
        self.flavor != .expressions || route.protocols == ["https"] || route.protocols.contains(request.scheme.rawValue)
      },
    ]
    sets.append(self.partsWithPath(request.path))
    for name in RandomTable.headerNames {
      let values = self.values(of: name, request)
      sets.append(
        self.parts(with: "header \(name)", "\(values)") { route in
          route.headers[name].map { self.header($0, values) } ?? true
        })
    }
    for word in sets[0].indices {
      let all = sets.reduce(UInt64.max) { $0 & $1[word] }
      guard all != 0 else { continue }
      let part = self.parts[word * 64 + all.trailingZeroBitCount]
      let lengths = part.paths.lazy.compactMap { self.length(of: $0, in: request.path) }
      return (part.route.handle, lengths.first)
    }
    return nil
  }

  /// The parts that accept a value of one attribute, as bits; each question is worked out once.
  private func parts(with attribute: String, _ value: String, _ test: (RouteDefinition) -> Bool) -> [UInt64] {
    self.bits(attribute + " " + value) { test($0.route) }
  }

  private func partsWithPath(_ path: String) -> [UInt64] {
    self.bits("path " + path) { part in
      part.paths.isEmpty || part.paths.contains { self.length(of: $0, in: path) != nil }
    }
  }

  private func bits(_ key: String, _ test: (Part) -> Bool) -> [UInt64] {
    if let known = self.sets[key] { return known }
    var bits = [UInt64](repeating: 0, count: self.parts.count / 64 + 1)
    for (index, part) in self.parts.enumerated() where test(part) { bits[index / 64] |= 1 << UInt64(index % 64) }
    self.sets[key] = bits
    return bits
  }

  // MARK: Scores

  private static func compatible(_ route: RouteDefinition) -> [Part] {
    var kinds: [Int] = []
    for path in route.paths {
      let kind = path.hasPrefix("~") ? -1 : path.utf8.count
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    if kinds.isEmpty { kinds = [-2] }
    return kinds.enumerated().map { index, kind in
      let paths = route.paths.filter { ($0.hasPrefix("~") ? -1 : $0.utf8.count) == kind }
      var count = 0
      for isGiven in [
        !route.methods.isEmpty, !route.hosts.isEmpty, !route.headers.isEmpty, !paths.isEmpty, !route.snis.isEmpty,
        !route.sources.isEmpty, !route.destinations.isEmpty,
      ] where isGiven { count += 1 }
      let plainHosts = !route.hosts.isEmpty && route.hosts.allSatisfy { !$0.contains("*") }
      var bits = Self.signed(count, 29).union(Self.signed(min(255, route.headers.count), 20))
      if kind == -1 { bits = bits.union(Self.signed(route.regexPriority, 19)).union([51]) }
      if kind > 0 { bits = bits.union((0..<19).filter { kind & (1 << $0) != 0 }) }
      if plainHosts { bits.insert(60) }
      // Unsigned, and the most significant bit first.
      let score: [UInt64] = (0..<64).reversed().map { bits.contains($0) ? 1 : 0 }
      let space = EntityID("7f145bf9-0dce-4f91-98eb-debbce4b9f6b") ?? route.id
      let id = kinds.count == 1 ? route.id : EntityID.named("\(route.id)#\(index + 1)", in: space)
      return Part(route: route, paths: paths, score: score, id: id.description)
    }
  }

  /// The bits of a number shifted in 32 bits, whose sign is then extended to 64.
  private static func signed(_ value: Int, _ shift: Int) -> Set<Int> {
    var bits = Set((0..<(32 - shift)).filter { value & (1 << $0) != 0 }.map { $0 + shift })
    if bits.contains(31) { bits.formUnion(32..<64) }
    return bits
  }

  private static func traditional(_ route: RouteDefinition) -> [Part] {
    let paths: [String?] = route.paths.isEmpty ? [nil] : route.paths
    return paths.map { path in
      let attributes: [(Bool, UInt64)] = [
        (!route.hosts.isEmpty, 0x40), (!route.headers.isEmpty, 0x20), (path != nil, 0x10), (!route.methods.isEmpty, 8),
        (!route.snis.isEmpty, 4), (!route.sources.isEmpty, 2), (!route.destinations.isEmpty, 1),
      ]
      let given = attributes.filter(\.0).map(\.1)
      let isRegex = path?.hasPrefix("~") ?? false
      let hasPort = { (host: String) in host.contains(":") }
      let hasWildcard = { (host: String) in host.contains("*") }
      var weight: UInt64 = 0
      if route.hosts.contains(where: { hasWildcard($0) && hasPort($0) }) { weight += 4 }
      if !route.hosts.isEmpty, !route.hosts.contains(where: hasWildcard) { weight += 2 }
      if isRegex { weight += 1 }
      let plainPort = route.hosts.contains { !hasWildcard($0) && hasPort($0) }
      let score: [UInt64] = [
        UInt64(given.count), given.reduce(0, +), weight, plainPort ? 1 : 0, UInt64(route.headers.count),
        isRegex ? UInt64(Int(Int32(clamping: route.regexPriority)) + 1 << 31) : 0,
        isRegex ? 0 : UInt64(path?.utf8.count ?? 0),
        UInt64(1_000_000 - route.createdAt),
      ]
      return Part(route: route, paths: path.map { [$0] } ?? [], score: score, id: route.id.description)
    }
  }

  // MARK: Attributes

  /// Without case and the dot at the end.
  private static func plain(_ name: String) -> String {
    name.hasSuffix(".") ? String(name.lowercased().dropLast()) : name.lowercased()
  }

  private func host(_ pattern: String, _ request: TestRequest) -> Bool {
    let host = Self.plain(request.host)
    guard !host.isEmpty else { return false }
    var parts = pattern.split(separator: ":").map(String.init)
    parts[0] = Self.plain(parts[0])
    if parts.count == 2, parts[1] != String(request.port) { return false }
    let filled = self.flavor == .traditional ? 1 : 0
    if parts[0].hasPrefix("*") {
      let rest = String(parts[0].dropFirst())
      return host.hasSuffix(rest) && host.count >= rest.count + filled
    }
    if parts[0].hasSuffix("*") {
      let rest = String(parts[0].dropLast())
      return host.hasPrefix(rest) && host.count >= rest.count + filled
    }
    return parts[0] == host
  }

  /// Fields of the name as the flavor writes it, or else those with dashes for its underscores.
  private func values(of name: String, _ request: TestRequest) -> [String] {
    var wanted = name.lowercased()
    if self.flavor != .traditional { wanted = wanted.replacing("-", with: "_") }
    let exact = request.headers.filter { $0.name.lowercased() == wanted }
    let dashed = request.headers.filter { $0.name.lowercased() == wanted.replacing("_", with: "-") }
    return (exact.isEmpty ? dashed : exact).map(\.value)
  }

  /// The traditional flavor takes `~*` for a regular expression only where it is the only value.
  private func header(_ accepted: [String], _ values: [String]) -> Bool {
    let allowsRegex = self.flavor != .traditional || accepted.count == 1
    return values.contains { value in
      accepted.contains { accepted in
        if accepted.hasPrefix("~*"), allowsRegex {
          return value.firstMatch(of: self.regex("(?i)" + accepted.dropFirst(2))) != nil
        }
        return value.lowercased() == accepted.lowercased()
      }
    }
  }

  private func sni(_ patterns: [String], _ request: TestRequest, _ ignoring: Bool) -> Bool {
    if request.scheme == .http { return self.flavor != .traditional || ignoring }
    guard let sni = request.sni.map(Self.plain) else { return false }
    return patterns.map(Self.plain).contains { pattern in
      if pattern.hasPrefix("*") { return sni.hasSuffix(pattern.dropFirst()) }
      if pattern.hasSuffix("*") { return sni.hasPrefix(pattern.dropLast()) }
      return sni == pattern
    }
  }

  private static func network(_ network: RouteNetwork, _ end: RouteEndpoint?) -> Bool {
    guard let end else { return false }
    if let port = network.port, port != Int(end.port) { return false }
    switch network.ip {
    case nil: return true
    case "10.0.0.0/8": return !end.address.isV6 && end.address.low >> 24 == 10
    case let ip?: return IPAddress(ip) == end.address
    }
  }

  private func length(of pattern: String, in path: String) -> Int? {
    guard pattern.hasPrefix("~") else { return path.hasPrefix(pattern) ? pattern.utf8.count : nil }
    let key = pattern + " " + path
    if let known = self.searches[key] { return known }
    let found = path.prefixMatch(of: self.regex(String(pattern.dropFirst())))
    let length = found.map { $0.output[0].substring?.utf8.count ?? 0 }
    self.searches[key] = .some(length)
    return length
  }

  private func regex(_ pattern: String) -> Regex<AnyRegexOutput> {
    if let known = self.regexes[pattern] { return known }
    guard let regex = try? Regex(pattern) else { return Regex(verbatim: pattern) }
    self.regexes[pattern] = regex
    return regex
  }
}
