// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// What stands inside `$(…)`: the part of Lua that reads values, gives alternatives and joins texts.
///
/// Values are JSON values; null stands for Lua's nil.
indirect enum TemplateExpression: Sendable, Hashable {
  case literal(JSONValue)
  /// `headers.host`, `uri_captures[1]`, `shared["a"].b`.
  case reference(TemplateReference)
  /// `a or b`
  case either(TemplateExpression, TemplateExpression)
  /// `a .. b`
  case joined(TemplateExpression, TemplateExpression)

  /// Everything it names.
  var references: [TemplateReference] {
    switch self {
    case .literal: []
    case .reference(let reference): [reference]
    case .either(let left, let right), .joined(let left, let right): left.references + right.references
    }
  }

  func value(in scope: inout TemplateScope) throws(TemplateFault) -> JSONValue {
    switch self {
    case .literal(let value): return value
    case .reference(let reference): return try scope.value(of: reference)
    case .either(let left, let right):
      let value = try left.value(in: &scope)
      return value.isFalsy ? try right.value(in: &scope) : value
    case .joined(let left, let right):
      var text = try left.value(in: &scope).joinable()
      if !text.isEmpty { scope.isFirst = false }
      text += try right.value(in: &scope).joinable()
      guard text.utf8.count <= Template.renderedLimitBytes else { throw TemplateFault(.tooLong) }
      return .string(text)
    }
  }
}

/// A value that a template names: where it is from, and the way to it.
struct TemplateReference: Sendable, Hashable {
  enum Root: String, Sendable, CaseIterable {
    case headers
    case queryParams = "query_params"
    case uriCaptures = "uri_captures"
    case shared
  }

  enum Step: Sendable, Hashable {
    case name(String)
    /// Counts from 1, except that `uri_captures[0]` is the whole match.
    case index(Int)
  }

  let root: Root
  /// What of the root.
  let first: Step
  let rest: [Step]
}

extension JSONValue {
  /// What Lua takes for false.
  fileprivate var isFalsy: Bool { self.isNull || self == .bool(false) }

  /// As an operand of `..`.
  fileprivate func joinable() throws(TemplateFault) -> String {
    switch self {
    case .string(let text): return text
    case .int(let value): return String(value)
    case .double(let value): return JSONWriter.text(of: value)
    default: throw TemplateFault(.notText(self.luaType))
    }
  }

  /// As Lua's `tostring(value or '')` gives it. Several values of one name are joined by commas, where Lua would give
  /// the address of a table.
  func rendered() throws(TemplateFault) -> String {
    switch self {
    case .null, .bool(false): return ""
    case .bool(true): return "true"
    case .array(let values):
      var texts: [String] = []
      for value in values {
        guard value.arrayValue == nil else { throw TemplateFault(.notText("table")) }
        texts.append(try value.rendered())
      }
      return texts.joined(separator: ", ")
    default: return try self.joinable()
    }
  }

  var luaType: String {
    switch self {
    case .null: "nil"
    case .bool: "boolean"
    case .int, .double: "number"
    case .string: "string"
    case .array, .object: "table"
    }
  }
}

/// Why a template has no text for a request.
struct TemplateFault: Error, CustomStringConvertible {
  enum Reason: Sendable, Hashable {
    /// An operand, or the whole, is of a type that has no text.
    case notText(String)
    /// A step into something that has no parts.
    case notIndexable(String)
    case tooLong
  }

  let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  var description: String {
    switch self.reason {
    case .notText(let type): "a \(type) value is no text"
    case .notIndexable(let type): "attempt to index a \(type) value"
    case .tooLong: "the text is longer than \(Template.renderedLimitBytes) bytes"
    }
  }
}
