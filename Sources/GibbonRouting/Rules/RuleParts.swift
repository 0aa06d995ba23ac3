// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a rule is made of.
struct RuleParts: Sendable {
  var route: RouteDefinition
  var rank: RuleRank
  var methods = MethodSet([])
  var hosts: [HostPattern] = []
  var paths: [PathPattern] = []
  var headers: [HeaderCondition] = []
  var snis: [TextPattern] = []
  var sources: [NetworkCondition] = []
  var destinations: [NetworkCondition] = []

  /// Schemes that the route's protocols allow, where the flavor asks; nil for any.
  var schemes: [RouteScheme]?
  var expression: ExpressionProgram?
}
