// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Conditions that are evaluated when the index offers a rule.
struct RuleChecks: OptionSet, Sendable {
  let rawValue: UInt16

  static let host = RuleChecks(rawValue: 1)
  static let regexPath = RuleChecks(rawValue: 2)
  static let headers = RuleChecks(rawValue: 4)
  static let snis = RuleChecks(rawValue: 8)
  static let networks = RuleChecks(rawValue: 16)
  static let schemes = RuleChecks(rawValue: 32)
  static let expression = RuleChecks(rawValue: 64)
  static let stream = RuleChecks(rawValue: 128)

  /// Not a condition: the plain path's length is what matched.
  static let plainPath = RuleChecks(rawValue: 256)

  /// Not a condition: `headers` is one header with plain values, and so met where a branch by headers led to the rule.
  static let oneHeader = RuleChecks(rawValue: 512)

  /// All that need the whole rule.
  static let detailed: RuleChecks = [.host, .regexPath, .headers, .snis, .networks, .schemes, .expression]

  init(rawValue: UInt16) { self.rawValue = rawValue }

  init(_ parts: RuleParts) {
    self = []
    if parts.schemes != nil { self.insert(.schemes) }
    if parts.route.isStream { self.insert(.stream) }
    if parts.expression != nil {
      self.insert(.expression)
      return
    }
    let placement = parts.placement
    if !placement.isDecidedByHost { self.insert(.host) }
    if !placement.isDecidedByPath { self.insert(.regexPath) }
    if parts.paths.first.map({ !$0.isRegex }) ?? false { self.insert(.plainPath) }
    if !parts.headers.isEmpty { self.insert(.headers) }
    if parts.headers.count == 1, parts.headers[0].regexes.isEmpty { self.insert(.oneHeader) }
    if !parts.snis.isEmpty { self.insert(.snis) }
    if !parts.sources.isEmpty || !parts.destinations.isEmpty { self.insert(.networks) }
  }
}
