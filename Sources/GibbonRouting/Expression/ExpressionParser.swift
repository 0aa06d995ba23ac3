// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Recursive descent over the grammar of Kong's expressions. `||` binds tighter than `&&`.
struct ExpressionParser {
  private var scanner: ExpressionScanner
  private let isStream: Bool
  private var depth = 0

  /// Parentheses (and transformations) within each other.
  static let depthLimit = 64

  static func parse(_ source: String, isStream: Bool) throws(RuleFault) -> ExpressionNode {
    var parser = ExpressionParser(scanner: ExpressionScanner(source), isStream: isStream)
    let node = try parser.expression()
    parser.scanner.skipSpace()
    guard parser.scanner.isAtEnd else { throw parser.scanner.fault("expected '&&', '||' or the end") }
    return node
  }

  private init(scanner: ExpressionScanner, isStream: Bool) {
    self.scanner = scanner
    self.isStream = isStream
  }

  private mutating func expression() throws(RuleFault) -> ExpressionNode {
    var parts = [try self.alternatives()]
    while self.scanner.take("&&") { parts.append(try self.alternatives()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func alternatives() throws(RuleFault) -> ExpressionNode {
    var parts = [try self.term()]
    while self.scanner.take("||") { parts.append(try self.term()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func term() throws(RuleFault) -> ExpressionNode {
    self.scanner.skipSpace()
    let start = self.scanner.position
    let isNegated = self.scanner.take("!")
    guard self.scanner.take("(") else {
      if isNegated { throw self.scanner.fault("'!' must be followed by a parenthesis", at: start) }
      return .predicate(try self.predicate())
    }
    try self.descend()
    let inner = try self.expression()
    guard self.scanner.take(")") else { throw self.scanner.fault("expected ')'") }
    self.depth -= 1
    return isNegated ? .not(inner) : inner
  }

  private mutating func descend() throws(RuleFault) {
    self.depth += 1
    guard self.depth <= Self.depthLimit else {
      throw self.scanner.fault("more than \(Self.depthLimit) parentheses deep")
    }
  }

  private struct Left {
    var field: ExpressionField
    var isLowered = false
    var isAny = false
  }

  private mutating func left() throws(RuleFault) -> Left {
    self.scanner.skipSpace()
    let start = self.scanner.position
    guard let name = self.scanner.takeIdentifier() else { throw self.scanner.fault("expected a field or '('") }
    guard self.scanner.take("(") else {
      do {
        return Left(field: try ExpressionField(name, isStream: self.isStream))
      } catch {
        throw self.scanner.fault(error.reason, at: start)
      }
    }
    guard name == "lower" || name == "any" else {
      throw self.scanner.fault("unknown function '\(name)'; there are lower and any", at: start)
    }
    try self.descend()
    var left = try self.left()
    guard self.scanner.take(")") else { throw self.scanner.fault("expected ')'") }
    self.depth -= 1
    if name == "any" { left.isAny = true } else { left.isLowered = true }
    guard !left.isLowered || left.field.kind == .text else {
      throw self.scanner.fault("lower() is for text only", at: start)
    }
    return left
  }

  private mutating func predicate() throws(RuleFault) -> ExpressionPredicate {
    let left = try self.left()
    self.scanner.skipSpace()
    let operatorStart = self.scanner.position
    guard let sign = self.scanner.takeOperator() else { throw self.scanner.fault("expected an operator") }
    self.scanner.skipSpace()
    let literalStart = self.scanner.position
    let literal = try self.scanner.takeLiteral()
    let test: ExpressionPredicate.Test
    switch (left.field.kind, literal) {
    case (.text, .text(let text)):
      test = try self.textTest(sign, text, of: left.field, operatorStart, literalStart)
    case (.number, .number(let number)):
      guard let comparison = Self.comparison(sign) else {
        throw self.scanner.fault("'\(sign.rawValue)' cannot compare numbers", at: operatorStart)
      }
      test = .number(comparison, number)
    case (.address, .address(let address)) where sign == .equal || sign == .notEqual:
      test = .address(address, isEqual: sign == .equal)
    case (.address, .block(let block)) where sign == .inside || sign == .outside:
      test = .block(block, isInside: sign == .inside)
    case (.address, .address), (.address, .block):
      throw self.scanner.fault("addresses take == and !=, CIDR blocks take in and not in", at: operatorStart)
    case (.text, _): throw self.scanner.fault("the field is text; expected a string", at: literalStart)
    case (.number, _): throw self.scanner.fault("the field is a number; expected a number", at: literalStart)
    case (.address, _): throw self.scanner.fault("the field is an IP address; expected an address", at: literalStart)
    }
    return ExpressionPredicate(field: left.field, isLowered: left.isLowered, isAny: left.isAny, test: test)
  }

  private func textTest(
    _ sign: ExpressionOperator, _ text: String, of field: ExpressionField, _ operatorStart: Int, _ literalStart: Int
  ) throws(RuleFault) -> ExpressionPredicate.Test {
    var bytes = Array(text.utf8)
    if field.isHostName { bytes = TextPattern.folded(bytes, keepsDot: sign == .prefix || sign == .contains) }
    switch sign {
    case .equal: return .equal(bytes)
    case .notEqual: return .notEqual(bytes)
    case .prefix: return .prefix(bytes)
    case .suffix: return .suffix(bytes)
    case .contains: return .contains(bytes)
    case .regex:
      do {
        let options: Regex.Options = field.isHostName ? [.dollarEndOnly, .caseInsensitive] : .dollarEndOnly
        return .regex(try Regex.compile(text, options: options))
      } catch {
        throw self.scanner.fault("bad regular expression: \(error)", at: literalStart)
      }
    default: throw self.scanner.fault("'\(sign.rawValue)' cannot compare text", at: operatorStart)
    }
  }

  private static func comparison(_ sign: ExpressionOperator) -> ExpressionPredicate.Comparison? {
    switch sign {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: nil
    }
  }
}
