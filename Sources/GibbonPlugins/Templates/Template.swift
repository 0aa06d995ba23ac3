// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A text with expressions in it, such as `/users/$(uri_captures.id or "me")`: read once, rendered for each request.
struct Template: Sendable {
  /// Of a text with expressions.
  static let limitBytes = 8192
  /// Expressions of one text.
  static let expressionLimit = 64
  /// Of the text made for a request.
  static let renderedLimitBytes = 64 * 1024

  private enum Part: Sendable {
    case text(String)
    case expression(TemplateExpression, source: String)
    case lua(source: String)
  }

  private let parts: [Part]
  /// The text, where it has no expression.
  let constant: String?
  /// An expression that is Lua and that nothing here can run: the template then makes no text.
  let unsupported: String?
  /// Everything the expressions name.
  let references: [TemplateReference]

  /// - Throws: for an expression that is no Lua, with its text.
  init(_ text: String) throws(TemplateError) {
    let bytes = Array(text.utf8)
    var parts: [Part] = []
    var literal: [UInt8] = []
    var unsupported: String?
    var index = 0
    let closings = try Self.closings(bytes)
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "$"), let end = closings[index + 1] else {
        literal.append(bytes[index])
        index += 1
        continue
      }
      if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
      literal = []
      let expression = try Self.expression(bytes[(index + 2)..<end])
      if case .lua(let source) = expression { unsupported = unsupported ?? source }
      parts.append(expression)
      guard parts.count <= 2 * Self.expressionLimit else {
        throw TemplateError("more than \(Self.expressionLimit) expressions")
      }
      index = end + 1
    }
    self.unsupported = unsupported
    self.constant = parts.isEmpty ? text : nil
    if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
    self.parts = parts
    self.references = parts.flatMap { part -> [TemplateReference] in
      if case .expression(let expression, _) = part { return expression.references }
      return []
    }
  }

  /// Where each parenthesis that follows a `$` is closed. They are counted wherever they stand, also in strings; one
  /// that is never closed is text.
  private static func closings(_ bytes: [UInt8]) throws(TemplateError) -> [Int: Int] {
    var closings: [Int: Int] = [:]
    var open: [Int] = []
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "(") { open.append(index) }
      guard bytes[index] == UInt8(ascii: ")"), let start = open.popLast(), start > 0,
        bytes[start - 1] == UInt8(ascii: "$")
      else { continue }
      closings[start] = index
    }
    guard closings.isEmpty || bytes.count <= Self.limitBytes else {
      throw TemplateError("a text with expressions may have \(Self.limitBytes) bytes")
    }
    return closings
  }

  private static func expression(_ bytes: ArraySlice<UInt8>) throws(TemplateError) -> Part {
    let source = "$(\(String(decoding: bytes, as: UTF8.self)))"
    do {
      return .expression(try ExpressionParser.parse(Array(bytes)), source: source)
    } catch {
      if LuaSyntax.isExpression(Array(bytes)) { return .lua(source: source) }
      throw TemplateError("unsupported expression \(source): \(error.message)")
    }
  }

  /// The text for a request.
  func render(_ scope: inout TemplateScope) throws(TemplateError) -> String {
    if let constant { return constant }
    if self.unsupported != nil { return "" }
    var output = ""
    for part in self.parts {
      switch part {
      case .text(let text): output += text
      case .lua: break
      case .expression(let expression, let source):
        do {
          scope.isFirst = output.isEmpty
          output += try expression.value(in: &scope).rendered()
        } catch {
          throw TemplateError("failed to render the template \(source): \(error)")
        }
      }
      guard output.utf8.count <= Self.renderedLimitBytes else {
        throw TemplateError("the text made of a template is longer than \(Self.renderedLimitBytes) bytes")
      }
    }
    return output
  }
}

/// Why a text is no template, or has no text for a request.
struct TemplateError: Error, Hashable, CustomStringConvertible {
  let message: String

  init(_ message: String) { self.message = message }

  var description: String { self.message }
}
