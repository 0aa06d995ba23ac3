// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Tells texts that are expressions of Lua 5.1 from others, by their syntax alone. Nothing is run.
struct LuaSyntax {
  /// Parentheses, brackets, calls and functions within one another, at most.
  private static let depthLimit = 64

  private var tokens: LuaTokens
  private var depth = 0

  static func isExpression(_ text: [UInt8]) -> Bool {
    var syntax = LuaSyntax(tokens: LuaTokens(text))
    return syntax.expression() && syntax.tokens.current == .end
  }

  // MARK: Expressions

  private mutating func expression() -> Bool {
    guard self.descend() else { return false }
    defer { self.depth -= 1 }
    repeat {
      while self.take(anyOf: ["-", "not", "#"]) {}
      guard self.operand() else { return false }
    } while self.take(anyOf: Self.operators)
    return true
  }

  private static let operators: Set<String> = [
    "and", "or", "<", ">", "<=", ">=", "~=", "==", "..", "+", "-", "*", "/", "%", "^",
  ]

  private mutating func operand() -> Bool {
    switch self.tokens.current {
    case .number, .string:
      self.tokens.advance()
      return true
    case .word("nil"), .word("true"), .word("false"), .sign("..."):
      self.tokens.advance()
      return true
    case .sign("{"): return self.table()
    case .word("function"): return self.function()
    case .name, .sign("("): return self.suffixed()
    default: return false
    }
  }

  /// A name or parentheses, with what follows: indexes, methods and calls.
  private mutating func suffixed() -> Bool {
    if self.take("(") {
      guard self.expression(), self.take(")") else { return false }
    } else {
      guard self.takeName() else { return false }
    }
    while true {
      switch self.tokens.current {
      case .sign("."):
        self.tokens.advance()
        guard self.takeName() else { return false }
      case .sign("["):
        self.tokens.advance()
        guard self.expression(), self.take("]") else { return false }
      case .sign(":"):
        self.tokens.advance()
        guard self.takeName(), self.arguments() else { return false }
      case .sign("("), .sign("{"), .string:
        guard self.arguments() else { return false }
      default: return true
      }
    }
  }

  private mutating func arguments() -> Bool {
    switch self.tokens.current {
    case .string:
      self.tokens.advance()
      return true
    case .sign("{"): return self.table()
    case .sign("("):
      self.tokens.advance()
      if self.take(")") { return true }
      repeat { guard self.expression() else { return false } } while self.take(",")
      return self.take(")")
    default: return false
    }
  }

  private mutating func table() -> Bool {
    guard self.descend(), self.take("{") else { return false }
    defer { self.depth -= 1 }
    while !self.take("}") {
      if self.take("[") {
        guard self.expression(), self.take("]"), self.take("=") else { return false }
      } else if case .name = self.tokens.current, self.tokens.following == .sign("=") {
        self.tokens.advance()
        self.tokens.advance()
      }
      guard self.expression() else { return false }
      if !self.take(anyOf: [",", ";"]) { return self.take("}") }
    }
    return true
  }

  /// Up to the `end` that belongs to it; the statements inside are not looked at.
  private mutating func function() -> Bool {
    guard self.take("function"), self.tokens.current == .sign("(") else { return false }
    var open = 1
    while open > 0 {
      switch self.tokens.current {
      case .end, .invalid: return false
      case .word("function"), .word("do"), .word("if"), .word("repeat"): open += 1
      // `until` ends `repeat`; `for` and `while` have a `do`.
      case .word("end"), .word("until"): open -= 1
      default: break
      }
      self.tokens.advance()
    }
    return true
  }

  // MARK: Tokens

  private mutating func descend() -> Bool {
    self.depth += 1
    return self.depth <= Self.depthLimit
  }

  private mutating func take(_ text: String) -> Bool { self.take(anyOf: [text]) }

  private mutating func take(anyOf texts: Set<String>) -> Bool {
    switch self.tokens.current {
    case .sign(let text) where texts.contains(text), .word(let text) where texts.contains(text):
      self.tokens.advance()
      return true
    default: return false
    }
  }

  private mutating func takeName() -> Bool {
    guard case .name = self.tokens.current else { return false }
    self.tokens.advance()
    return true
  }
}
