// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// A parsed expression. Chains of one operator are one node, so depth is the depth of parentheses.
indirect enum ExpressionNode: Sendable {
  case all([ExpressionNode])
  case any([ExpressionNode])
  case not(ExpressionNode)
  case predicate(ExpressionPredicate)
}

/// One comparison of a field.
struct ExpressionPredicate: Sendable {
  let field: ExpressionField

  /// Whether letters of the field are lowered first.
  let isLowered: Bool

  /// Whether one of several values suffices; otherwise all must satisfy.
  let isAny: Bool
  let test: Test

  enum Test: Sendable {
    case equal([UInt8]), notEqual([UInt8]), prefix([UInt8]), suffix([UInt8]), contains([UInt8])
    case regex(Regex)
    case number(Comparison, Int64)
    case address(IPAddress, isEqual: Bool)
    case block(AddressBlock, isInside: Bool)
  }

  enum Comparison: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }
}

/// How an operator is written.
enum ExpressionOperator: String, CaseIterable {
  case equal = "=="
  case notEqual = "!="
  case prefix = "^="
  case suffix = "=^"
  case greaterOrEqual = ">="
  case greater = ">"
  case lessOrEqual = "<="
  case less = "<"
  case regex = "~"
  case contains = "contains"
  case inside = "in"
  case outside = "not in"
}

/// What stands on the right of an operator.
enum ExpressionLiteral {
  case text(String)
  case number(Int64)
  case address(IPAddress)
  case block(AddressBlock)
}
