// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a match needs of most rules, kept together without references: 16 bytes, so that among many rules it is one
/// cache line, and many of them stay in the cache. The rank, which only rules that compete need, is elsewhere.
struct RuleHead: Sendable {
  /// Bits of `MethodSet`; all ones when the rule takes every method.
  var methods: UInt32

  /// The length of the plain paths.
  var pathLength: UInt32

  /// The route's.
  var handle: UInt32

  var checks: RuleChecks

  init(_ rule: Rule) {
    self.checks = rule.checks
    let methods = rule.parts.methods.bits
    self.methods = methods == 0 ? .max : methods
    self.pathLength = UInt32(clamping: rule.plainPathLength ?? 0)
    self.handle = UInt32(clamping: rule.parts.route.handle)
  }
}
