// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// What every request that satisfies an expression must have: derived from the parts joined by `&&`.
struct ExpressionKeys {
  private var hosts: [TextPattern]?
  private var paths: [PathSkeleton]?
  private(set) var discriminators: [Discriminator] = []

  private static let alternativeLimit = 256

  init(_ root: ExpressionNode) {
    self.visit(root)
  }

  var anchors: [RuleAnchor] {
    let paths = self.paths ?? [PathSkeleton()]
    let hosts: [TextPattern?] = self.hosts ?? [nil]
    let chosen = hosts.count * paths.count > Self.alternativeLimit ? [nil] : hosts
    return Array(Set(chosen.flatMap { host in paths.map { RuleAnchor(host: host, path: $0) } }))
  }

  private mutating func visit(_ node: ExpressionNode) {
    switch node {
    case .all(let parts): for part in parts { self.visit(part) }
    case .predicate(let predicate): self.note([predicate])
    case .any(let parts):
      guard parts.count <= Self.alternativeLimit else { return }
      let predicates = parts.compactMap { part in
        if case .predicate(let predicate) = part { predicate } else { nil }
      }
      if predicates.count == parts.count { self.note(predicates) }
    case .not: break
    }
  }

  /// Uses alternatives if each of them says something of one and the same field.
  private mutating func note(_ alternatives: [ExpressionPredicate]) {
    guard let first = alternatives.first, alternatives.allSatisfy({ $0.field == first.field }) else { return }
    switch first.field {
    case .host where self.hosts == nil:
      let found = alternatives.compactMap(Self.host)
      if found.count == alternatives.count { self.hosts = found }
    case .path where self.paths == nil:
      let found = alternatives.compactMap(Self.path)
      if found.count == alternatives.count { self.paths = found }
    case .method:
      let found = alternatives.compactMap(Self.equalBytes)
      if found.count == alternatives.count { self.discriminators.append(.methods(Array(Set(found)))) }
    case .header(let name):
      let found = alternatives.compactMap { Self.loweredBytes($0) }
      if found.count == alternatives.count { self.discriminators.append(.header(name, Array(Set(found)))) }
    default: break
    }
  }

  private static func host(_ predicate: ExpressionPredicate) -> TextPattern? {
    switch predicate.test {
    case .equal(let bytes) where !bytes.isEmpty: return TextPattern(.exact, bytes)
    case .prefix(let bytes): return TextPattern(.prefix, bytes)
    case .suffix(let bytes): return TextPattern(.suffix, bytes)
    default: return nil
    }
  }

  private static func path(_ predicate: ExpressionPredicate) -> PathSkeleton? {
    guard !predicate.isLowered else { return nil }
    switch predicate.test {
    case .equal(let bytes), .prefix(let bytes): return PathSkeleton(literal: bytes)
    case .regex(let regex) where regex.pattern.hasPrefix("^"): return PathSkeleton(regex: regex.pattern)
    default: return nil
    }
  }

  private static func equalBytes(_ predicate: ExpressionPredicate) -> [UInt8]? {
    if case .equal(let bytes) = predicate.test, !predicate.isLowered { bytes } else { nil }
  }

  /// Whatever the case of letters, for the index compares headers without it.
  private static func loweredBytes(_ predicate: ExpressionPredicate) -> [UInt8]? {
    if case .equal(let bytes) = predicate.test { bytes.map(\.asciiLowercased) } else { nil }
  }
}
