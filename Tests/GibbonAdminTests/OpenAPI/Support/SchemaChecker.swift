// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema

@testable import GibbonAdmin

/// As much of JSON Schema as the OpenAPI document uses. A keyword that it does not know is a violation, so that the
/// document cannot say what is not checked.
struct SchemaChecker {
  private let document: JSONObject

  init(_ document: JSONObject) {
    self.document = document
  }

  private static let annotations: Set<String> = [
    "default", "description", "deprecated", "readOnly", "writeOnly",
  ]
  private static let knownFormats: Set<String> = ["uuid", "password", "regex"]

  /// What is wrong with a value as the named component; none when it fits.
  func violations(_ value: JSONObject, component name: String) -> [String] {
    self.violations(.object(value), as: OpenAPIComponents.reference(name), at: name)
  }

  func violations(_ value: JSONValue, as schema: JSONObject, at path: String = "") -> [String] {
    schema.flatMap { keyword in
      self.violation(of: keyword.key, keyword.value, value, in: schema, path)
    }
  }

  /// The value that a reference into the document names.
  func resolved(_ reference: String) -> JSONValue? {
    guard reference.hasPrefix("#/") else { return nil }
    return reference.split(separator: "/").dropFirst().reduce(JSONValue.object(self.document) as JSONValue?) {
      $0?[String($1)]
    }
  }

  private func violation(
    of keyword: String, _ argument: JSONValue, _ value: JSONValue, in schema: JSONObject, _ path: String
  ) -> [String] {
    switch keyword {
    case "$ref":
      guard let target = argument.stringValue.flatMap(self.resolved)?.objectValue else {
        return ["\(path): \(argument) leads nowhere"]
      }
      return self.violations(value, as: target, at: path)
    case "type": return Self.fits(value, argument) ? [] : ["\(path): \(value) is not of type \(argument)"]
    case "enum": return argument.arrayValue?.contains(value) == true ? [] : ["\(path): \(value) is not in \(argument)"]
    case "const": return argument == value ? [] : ["\(path): \(value) is not \(argument)"]
    case "not":
      let isRefused = argument.objectValue.map { self.violations(value, as: $0).isEmpty } ?? false
      return isRefused ? ["\(path): \(value) must not be \(argument)"] : []
    case "anyOf":
      let all = (argument.arrayValue ?? []).map { self.violations(value, as: $0.objectValue ?? [:], at: path) }
      return all.contains { $0.isEmpty } ? [] : ["\(path): none of \(argument) fits"]
    case "minimum", "maximum", "exclusiveMinimum": return Self.range(keyword, argument, value, path)
    case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
      return Self.size(keyword, argument, value, path)
    case "format", "pattern": return Self.text(keyword, argument, value, path)
    case "required":
      guard case .object(let members) = value else { return [] }
      return (argument.arrayValue ?? []).compactMap(\.stringValue).filter { members[$0] == nil }
        .map { "\(path): \($0) is missing" }
    case "properties", "additionalProperties": return self.members(keyword, argument, value, in: schema, path)
    case "items", "uniqueItems", "contains": return self.elements(keyword, argument, value, path)
    default: return Self.annotations.contains(keyword) ? [] : ["\(path): \(keyword) is not a known keyword"]
    }
  }

  private func members(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue, in schema: JSONObject, _ path: String
  ) -> [String] {
    guard case .object(let members) = value, let argument = argument.objectValue else { return [] }
    let declared = schema["properties"]?.objectValue ?? [:]
    return members.flatMap { member -> [String] in
      let inner = keyword == "properties" ? argument[member.key]?.objectValue : argument
      guard let inner, (declared[member.key] != nil) == (keyword == "properties") else { return [] }
      return self.violations(member.value, as: inner, at: "\(path).\(member.key)")
    }
  }

  private func elements(_ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ path: String) -> [String] {
    guard case .array(let elements) = value else { return [] }
    if keyword == "uniqueItems" {
      return Set(elements).count == elements.count ? [] : ["\(path): an element is there twice"]
    }
    let all = elements.map { self.violations($0, as: argument.objectValue ?? [:], at: "\(path)[]") }
    if keyword == "contains" { return all.contains { $0.isEmpty } ? [] : ["\(path): \(argument) is not among them"] }
    return all.flatMap { $0 }
  }
}

extension SchemaChecker {
  private static func fits(_ value: JSONValue, _ types: JSONValue) -> Bool {
    (types.arrayValue ?? [types]).contains { type in
      switch (type, value) {
      case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object): true
      case ("integer", .int), ("number", .int), ("number", .double): true
      case ("integer", .double(let number)): Int64(exactly: number) != nil
      default: false
      }
    }
  }

  private static func range(_ keyword: String, _ limit: JSONValue, _ value: JSONValue, _ path: String) -> [String] {
    guard let limit = limit.doubleValue else { return ["\(path): \(keyword) is no number"] }
    guard let number = value.doubleValue else { return [] }
    let fits =
      switch keyword {
      case "minimum": number >= limit
      case "maximum": number <= limit
      default: number > limit
      }
    return fits ? [] : ["\(path): \(number) is beyond \(keyword) \(limit)"]
  }

  private static func size(_ keyword: String, _ limit: JSONValue, _ value: JSONValue, _ path: String) -> [String] {
    guard let limit = limit.intValue else { return ["\(path): \(keyword) is no integer"] }
    let count: Int
    switch value {
    case .string(let text) where keyword.hasSuffix("Length"): count = text.unicodeScalars.count
    case .array(let elements) where keyword.hasSuffix("Items"): count = elements.count
    case .object(let members) where keyword.hasSuffix("Properties"): count = members.count
    default: return []
    }
    let fits = keyword.hasPrefix("min") ? count >= limit : count <= limit
    return fits ? [] : ["\(path): a size of \(count) is beyond \(keyword) \(limit)"]
  }

  private static func text(_ keyword: String, _ rule: JSONValue, _ value: JSONValue, _ path: String) -> [String] {
    guard let rule = rule.stringValue else { return ["\(path): \(keyword) is no text"] }
    guard let text = value.stringValue else { return [] }
    if keyword == "pattern" {
      guard let pattern = try? Regex(rule) else { return ["\(path): \(rule) is no regular expression"] }
      return text.contains(pattern) ? [] : ["\(path): \(text) does not match \(rule)"]
    }
    guard Self.knownFormats.contains(rule) else { return ["\(path): \(rule) is not a known format"] }
    return rule != "uuid" || text.isUUID ? [] : ["\(path): \(text) is no uuid"]
  }
}
