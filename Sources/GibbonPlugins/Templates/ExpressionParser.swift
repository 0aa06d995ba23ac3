// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Reads the inside of `$(…)`: names, literals, parentheses, `or` and `..`. Anything else of Lua is refused.
///
/// `..` binds closer than `or`, as in Lua.
struct ExpressionParser {
  /// Operands of one expression, at most.
  private static let operandLimit = 64
  /// Parentheses within one another, at most.
  private static let depthLimit = 16
  /// Steps after a root, at most.
  private static let stepLimit = 8

  private var tokens: ExpressionTokens
  private var operands = 0
  private var depth = 0

  private init(_ text: [UInt8]) throws(TemplateError) { self.tokens = try ExpressionTokens(text) }

  static func parse(_ text: [UInt8]) throws(TemplateError) -> TemplateExpression {
    var parser = try ExpressionParser(text)
    let expression = try parser.alternatives()
    guard case .end = parser.tokens.current else { throw parser.unexpected() }
    return expression
  }

  private mutating func alternatives() throws(TemplateError) -> TemplateExpression {
    var expression = try self.joins()
    while case .word("or") = self.tokens.current {
      try self.tokens.advance()
      expression = .either(expression, try self.joins())
    }
    return expression
  }

  /// To the right: `a .. (b .. c)`.
  private mutating func joins() throws(TemplateError) -> TemplateExpression {
    var parts = [try self.operand()]
    while case .symbol("..") = self.tokens.current {
      try self.tokens.advance()
      parts.append(try self.operand())
    }
    let last = parts.removeLast()
    return parts.reversed().reduce(last) { .joined($1, $0) }
  }

  private mutating func operand() throws(TemplateError) -> TemplateExpression {
    self.operands += 1
    guard self.operands <= Self.operandLimit else {
      throw TemplateError("more than \(Self.operandLimit) values in one expression")
    }
    switch self.tokens.current {
    case .literal(let value):
      try self.tokens.advance()
      return .literal(value)
    case .symbol("("): return try self.parenthesised()
    case .word(let word):
      guard let root = TemplateReference.Root(rawValue: word) else {
        throw TemplateError("'\(word)' is none of headers, query_params, uri_captures, shared")
      }
      try self.tokens.advance()
      return try self.reference(root)
    default: throw self.unexpected()
    }
  }

  private mutating func parenthesised() throws(TemplateError) -> TemplateExpression {
    self.depth += 1
    guard self.depth <= Self.depthLimit else {
      throw TemplateError("more than \(Self.depthLimit) parentheses within one another")
    }
    try self.tokens.advance()
    let expression = try self.alternatives()
    guard case .symbol(")") = self.tokens.current else { throw self.unexpected() }
    try self.tokens.advance()
    self.depth -= 1
    return expression
  }

  private mutating func reference(_ root: TemplateReference.Root) throws(TemplateError) -> TemplateExpression {
    var steps: [TemplateReference.Step] = []
    while let step = try self.step() {
      steps.append(step)
      guard steps.count <= Self.stepLimit else {
        throw TemplateError("more than \(Self.stepLimit) steps after '\(root.rawValue)'")
      }
    }
    guard let first = steps.first else { throw TemplateError("'\(root.rawValue)' is a table, name one of its values") }
    return .reference(TemplateReference(root: root, first: first, rest: Array(steps.dropFirst())))
  }

  /// `.name`, `["name"]` or `[1]`.
  private mutating func step() throws(TemplateError) -> TemplateReference.Step? {
    switch self.tokens.current {
    case .symbol("."):
      try self.tokens.advance()
      guard case .word(let word) = self.tokens.current else { throw self.unexpected() }
      try self.tokens.advance()
      return .name(word)
    case .symbol("["):
      try self.tokens.advance()
      let step: TemplateReference.Step
      switch self.tokens.current {
      case .literal(.string(let name)): step = .name(name)
      case .literal(.int(let index)): step = .index(Int(clamping: index))
      default: throw self.unexpected()
      }
      try self.tokens.advance()
      guard case .symbol("]") = self.tokens.current else { throw self.unexpected() }
      try self.tokens.advance()
      return step
    default: return nil
    }
  }

  private func unexpected() -> TemplateError {
    switch self.tokens.current {
    case .end: TemplateError("unexpected end")
    case .word(let word): TemplateError("unexpected '\(word)'")
    case .symbol(let symbol): TemplateError("unexpected '\(symbol)'")
    case .literal(let value): TemplateError("unexpected \(value)")
    }
  }
}
