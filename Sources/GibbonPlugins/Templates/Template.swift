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
  }

  private let parts: [Part]
  /// The text, where it has no expression.
  let constant: String?
  /// Everything the expressions name.
  let references: [TemplateReference]

  /// - Throws: for an expression that is not supported, with its text.
  init(_ text: String) throws(TemplateError) {
    let bytes = Array(text.utf8)
    var parts: [Part] = []
    var literal: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "$"), let end = try Self.closing(bytes, from: index + 1) else {
        literal.append(bytes[index])
        index += 1
        continue
      }
      if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
      literal = []
      parts.append(try Self.expression(bytes[(index + 2)..<end]))
      guard parts.count <= 2 * Self.expressionLimit else {
        throw TemplateError("more than \(Self.expressionLimit) expressions")
      }
      index = end + 1
    }
    self.constant = parts.isEmpty ? text : nil
    if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
    self.parts = parts
    self.references = parts.flatMap { part -> [TemplateReference] in
      if case .expression(let expression, _) = part { return expression.references }
      return []
    }
  }

  /// Where the parenthesis at `start` is closed. They are counted wherever they stand, also in strings; one that is
  /// never closed is text.
  private static func closing(_ bytes: [UInt8], from start: Int) throws(TemplateError) -> Int? {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "(") else { return nil }
    guard bytes.count <= Self.limitBytes else {
      throw TemplateError("a text with expressions may have \(Self.limitBytes) bytes")
    }
    var depth = 0
    for index in start..<bytes.count {
      if bytes[index] == UInt8(ascii: "(") { depth += 1 }
      if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }

  private static func expression(_ bytes: ArraySlice<UInt8>) throws(TemplateError) -> Part {
    let source = "$(\(String(decoding: bytes, as: UTF8.self)))"
    do {
      return .expression(try ExpressionParser.parse(Array(bytes)), source: source)
    } catch {
      throw TemplateError("unsupported expression \(source): \(error.message)")
    }
  }

  /// The text for a request.
  func render(_ scope: inout TemplateScope) throws(TemplateError) -> String {
    if let constant { return constant }
    var output = ""
    for part in self.parts {
      switch part {
      case .text(let text): output += text
      case .expression(let expression, let source):
        do {
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
