// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// A route's expression, checked, with what the index can use of it.
struct ExpressionProgram: Sendable {
  let root: ExpressionNode
  let anchors: [RuleAnchor]
  let discriminators: [Discriminator]

  /// - Throws: the reason and the byte at which the expression is wrong.
  init(_ text: String, isStream: Bool) throws(RuleFault) {
    self.root = try ExpressionParser.parse(text, isStream: isStream)
    let keys = ExpressionKeys(self.root)
    self.anchors = keys.anchors
    self.discriminators = keys.discriminators
  }
}
