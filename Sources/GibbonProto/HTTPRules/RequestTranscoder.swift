// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

package import GibbonCore
internal import GibbonSchema

/// Makes the message of a call from the parts of a request: path, query and body.
package struct RequestTranscoder {
  /// What a body may not exceed.
  private static let limits = JSONParser.Limits(depth: 64, allowsRepeatedKeys: false)

  private let pool: DescriptorPool

  package init(_ pool: DescriptorPool) { self.pool = pool }

  /// - Parameters:
  ///   - values: of the variables of the rule's template.
  ///   - query: arguments that no field has are passed over, as Kong does.
  package func message(
    for rule: HTTPRule, values: [String], query: [FormText.Argument], body: [UInt8]
  ) throws(TranscodingError) -> [UInt8] {
    let type = rule.call.input
    var object = JSONObject()
    switch rule.body {
    case .none: try self.add(query, to: &object, type)
    case .field(let index):
      try self.add(query, to: &object, type)
      if !body.isEmpty { self.set(try Self.parse(body), at: [index], of: type, in: &object) }
    case .whole:
      if body.isEmpty { break }
      guard case .object(let whole) = try Self.parse(body) else {
        throw TranscodingError("expected an object as body")
      }
      object = whole
    }
    for (path, text) in zip(rule.variables, values) {
      let value = try self.value(text, ofFieldAt: path, of: type)
      self.set(value, at: path[...], of: type, in: &object)
    }
    return try self.encode(.object(object), as: type)
  }

  /// The message that a body alone has.
  package func message(of type: Int, body: [UInt8]) throws(TranscodingError) -> [UInt8] {
    try self.encode(body.isEmpty ? .object(JSONObject()) : try Self.parse(body), as: type)
  }

  private func encode(_ json: JSONValue, as type: Int) throws(TranscodingError) -> [UInt8] {
    MessageEncoder.encode(try JSONToMessage.convert(json, to: type, in: self.pool), in: self.pool)
  }

  private static func parse(_ body: [UInt8]) throws(TranscodingError) -> JSONValue {
    switch JSONParser.parse(body, limits: Self.limits) {
    case .success(let value): return value
    case .failure(let error): throw TranscodingError("the body is not valid JSON: \(error)")
    }
  }

  // MARK: Fields

  /// Sets a field inside of fields, under the name of the file, and takes away what its other name has.
  private func set(_ value: JSONValue, at path: ArraySlice<Int>, of type: Int, in object: inout JSONObject) {
    guard let index = path.first else { return }
    let field = self.pool.messages[type].fields[index]
    let existing = object[field.name] ?? object[field.jsonName]
    if field.jsonName != field.name, self.pool.messages[type].index(named: field.jsonName) == index {
      object[field.jsonName] = nil
    }
    guard path.count > 1, case .message(let inner) = field.type else {
      object[field.name] = value
      return
    }
    var child = existing?.objectValue ?? JSONObject()
    self.set(value, at: path.dropFirst(), of: inner, in: &child)
    object[field.name] = .object(child)
  }

  private func field(at path: [Int], of type: Int) -> FieldDescriptor? {
    var type = type
    for (position, index) in path.enumerated() {
      let field = self.pool.messages[type].fields[index]
      if position == path.count - 1 { return field }
      guard case .message(let inner) = field.type else { return nil }
      type = inner
    }
    return nil
  }

  /// Arguments of the query: `a.b=1`, several of one name for a repeated field.
  private func add(_ query: [FormText.Argument], to object: inout JSONObject, _ type: Int) throws(TranscodingError) {
    var values: [[Int]: [JSONValue]] = [:]
    var order: [[Int]] = []
    for argument in query {
      guard let name = String(validating: argument.name, as: UTF8.self),
        let text = String(validating: argument.value ?? [], as: UTF8.self)
      else { throw TranscodingError("expected UTF-8 in the query") }
      let names = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .map { String(decoding: Array($0), as: UTF8.self) }
      guard let path = FieldPath.resolve(names, from: type, in: self.pool.messages, allowsRepeated: true) else {
        continue
      }
      let isAlone = argument.value == nil
      if values[path] == nil { order.append(path) }
      values[path, default: []].append(try self.value(text, ofFieldAt: path, of: type, isAlone: isAlone))
    }
    for path in order {
      let found = values[path] ?? []
      guard let field = self.field(at: path, of: type), let first = found.first else { continue }
      guard !field.isSingle || found.count == 1 else {
        throw TranscodingError("\(field.name): expected the field once")
      }
      self.set(field.isSingle ? first : .array(found), at: path[...], of: type, in: &object)
    }
  }

  /// A text of the path or the query as the JSON of a field.
  ///
  /// - Parameter isAlone: an argument without `=`.
  private func value(
    _ text: String, ofFieldAt path: [Int], of type: Int, isAlone: Bool = false
  ) throws(TranscodingError) -> JSONValue {
    guard let field = self.field(at: path, of: type) else { return .null }
    var type = field.type
    if case .message(let inner) = type, self.pool.messages[inner].wellKnown == .wrapper,
      let wrapped = self.pool.messages[inner].fields.first
    {
      type = wrapped.type
    }
    switch type {
    case .bool:
      if isAlone || text.isSame(as: "1") { return .bool(true) }
      if text.isSame(as: "0") { return .bool(false) }
      guard let value = ScalarText.bool(text) else {
        throw TranscodingError("\(field.name): expected true or false")
      }
      return .bool(value)
    case .enumeration: return Int64(text).map { .int($0) } ?? .string(text)
    default: return .string(text)
    }
  }
}
