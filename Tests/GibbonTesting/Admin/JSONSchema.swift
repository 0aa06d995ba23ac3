// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// As much of JSON Schema as the OpenAPI document of the Admin API uses.
public struct JSONSchema: Sendable {
  private let document: JSON
  private let schema: JSON

  /// - Parameter document: where references point into.
  public init(_ schema: JSON, in document: JSON) {
    self.schema = schema
    self.document = document
  }

  /// A named schema of an OpenAPI document.
  public init(component name: String, of document: JSON) {
    self.init(document["components"]["schemas"][name], in: document)
  }

  /// What is wrong with a value; none when it fits.
  public func violations(_ value: JSON, at path: String = "") -> [String] {
    if case .missing = self.schema { return ["\(path): there is no schema"] }
    if let reference = self.schema["$ref"].string {
      return self.resolved(reference).violations(value, at: path)
    }
    var found: [String] = []
    if !self.fits(value) { return ["\(path): \(value) is not of type \(self.schema["type"])"] }
    let allowed = self.schema["enum"].array
    if !allowed.isEmpty, !allowed.contains(value) { found.append("\(path): \(value) is not one of \(allowed)") }
    if let number = value.double { found += self.rangeViolations(number, path) }
    switch value {
    case .object(let members): found += self.memberViolations(members, path)
    case .array(let elements):
      if case .object = self.schema["items"] {
        let items = JSONSchema(self.schema["items"], in: self.document)
        for (index, element) in elements.enumerated() { found += items.violations(element, at: "\(path)[\(index)]") }
      }
    default: break
    }
    return found
  }

  private func resolved(_ reference: String) -> JSONSchema {
    let steps = reference.split(separator: "/").dropFirst()
    return JSONSchema(steps.reduce(self.document) { $0[String($1)] }, in: self.document)
  }

  private func fits(_ value: JSON) -> Bool {
    let types = self.schema["type"].string.map { [$0] } ?? self.schema["type"].array.compactMap(\.string)
    return types.isEmpty || types.contains { JSONSchema.isOf(value, type: $0) }
  }

  private static func isOf(_ value: JSON, type: String) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
      ("integer", .integer), ("number", .integer), ("number", .number):
      true
    default: false
    }
  }

  private func rangeViolations(_ number: Double, _ path: String) -> [String] {
    var found: [String] = []
    if let least = self.schema["minimum"].double, number < least { found.append("\(path): \(number) < \(least)") }
    if let most = self.schema["maximum"].double, number > most { found.append("\(path): \(number) > \(most)") }
    if let limit = self.schema["exclusiveMinimum"].double, number <= limit {
      found.append("\(path): \(number) <= \(limit)")
    }
    return found
  }

  private func memberViolations(_ members: [String: JSON], _ path: String) -> [String] {
    var found = self.schema["required"].array.compactMap(\.string).filter { members[$0] == nil }
      .map { "\(path): \($0) is missing" }
    for (name, schema) in self.schema["properties"].object {
      if let member = members[name] {
        found += JSONSchema(schema, in: self.document).violations(member, at: "\(path).\(name)")
      }
    }
    return found
  }
}
