// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A route, or the part of one that has a priority of its own, ready to be matched.
final class Rule: Sendable {
  let parts: RuleParts

  /// What the index does not decide.
  let checks: RuleChecks

  init(_ parts: RuleParts) {
    self.parts = parts
    self.checks = RuleChecks(parts)
  }

  var rank: RuleRank { self.parts.rank }

  /// The length that all plain paths share; nil without a path or with regular expressions.
  var plainPathLength: Int? {
    guard case .prefix(let bytes)? = self.parts.paths.first else { return nil }
    return bytes.count
  }
}
