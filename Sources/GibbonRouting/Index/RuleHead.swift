// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a match needs of most rules, kept together without references.
struct RuleHead: Sendable {
  var rank: RuleRank

  var checks: RuleChecks

  /// Bits of `MethodSet`; all ones when the rule takes every method.
  var methods: UInt32

  /// The length of the plain paths.
  var pathLength: UInt32
  var handle: Int

  init(_ rule: Rule) {
    self.rank = rule.rank
    self.checks = rule.checks
    let methods = rule.parts.methods.bits
    self.methods = methods == 0 ? .max : methods
    self.pathLength = UInt32(clamping: rule.plainPathLength ?? 0)
    self.handle = rule.parts.route.handle
  }
}
