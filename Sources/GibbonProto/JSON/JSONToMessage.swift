// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
package import GibbonSchema

/// Messages from JSON: protobuf's JSON mapping. Members that the message has no field for are passed over, as in Kong.
package struct JSONToMessage {
  let pool: DescriptorPool

  private init(_ pool: DescriptorPool) { self.pool = pool }

  package static func convert(
    _ json: JSONValue, to type: Int, in pool: DescriptorPool
  ) throws(TranscodingError) -> DynamicMessage {
    try JSONToMessage(pool).message(json, type, at: "")
  }

  private func message(_ json: JSONValue, _ type: Int, at place: String) throws(TranscodingError) -> DynamicMessage {
    switch self.pool.messages[type].wellKnown {
    case nil, .empty:
      guard case .object(let object) = json else { throw TranscodingError(place, "expected an object") }
      return try self.message(object, type, at: place)
    case .any: return try self.any(json, type, at: place)
    case .timestamp: return self.moment(try Timestamp.parse(try Self.text(json, place), at: place), type)
    case .duration: return self.moment(try DurationText.parse(try Self.text(json, place), at: place), type)
    case .fieldMask:
      let paths = FieldMaskText.paths(try Self.text(json, place))
      return self.message(type, paths.isEmpty ? [:] : [0: .repeated(paths.map { .string($0) })])
    case .structure, .listValue: return try self.first(json, type, at: place)
    case .wrapper: return try self.first(json, type, at: place)
    case .value: return try self.kind(json, type, at: place)
    }
  }

  private func message(
    _ object: JSONObject, _ type: Int, at place: String
  ) throws(TranscodingError) -> DynamicMessage {
    let descriptor = self.pool.messages[type]
    var message = DynamicMessage(type: type)
    var oneofs: Set<Int> = []
    for member in object {
      guard let index = descriptor.index(named: member.key) else { continue }
      let field = descriptor.fields[index]
      let inner = place.isEmpty ? member.key : "\(place).\(member.key)"
      guard let content = try self.content(member.value, field, at: inner) else { continue }
      guard message[index] == nil else { throw TranscodingError(inner, "expected the field once") }
      if let oneof = field.oneof, !oneofs.insert(oneof).inserted {
        throw TranscodingError(inner, "expected only one field of its oneof")
      }
      message[index] = content
    }
    return message
  }

  /// nil for a null that means nothing.
  private func content(
    _ json: JSONValue, _ field: FieldDescriptor, at place: String
  ) throws(TranscodingError) -> FieldContent? {
    if json.isNull, !(field.isSingle && self.takesNull(field.type)) { return nil }
    switch field.kind {
    case .single: return .single(try self.element(json, field.type, at: place))
    case .repeated:
      guard case .array(let values) = json else { throw TranscodingError(place, "expected an array") }
      var elements: [FieldValue] = []
      for (index, value) in values.enumerated() {
        elements.append(try self.element(value, field.type, at: "\(place)[\(index)]"))
      }
      return elements.isEmpty ? nil : .repeated(elements)
    case .map(let key):
      guard case .object(let object) = json else { throw TranscodingError(place, "expected an object") }
      var entries: [FieldContent.Entry] = []
      for member in object {
        let inner = "\(place)[\"\(member.key)\"]"
        entries.append(
          FieldContent.Entry(
            key: try self.key(member.key, key, at: inner),
            value: try self.element(member.value, field.type, at: inner)))
      }
      return entries.isEmpty ? nil : .map(entries)
    }
  }

  /// Whether null is a value of the type.
  private func takesNull(_ type: FieldType) -> Bool {
    switch type {
    case .message(let index): self.pool.messages[index].wellKnown == .value
    case .enumeration(let index): self.pool.enums[index].isNullValue
    default: false
    }
  }

  private func key(_ text: String, _ type: FieldType, at place: String) throws(TranscodingError) -> FieldValue {
    guard type == .bool else { return try self.element(.string(text), type, at: place) }
    guard let value = ScalarText.bool(text) else { throw TranscodingError(place, "expected true or false") }
    return .bool(value)
  }

  private func element(
    _ json: JSONValue, _ type: FieldType, at place: String
  ) throws(TranscodingError) -> FieldValue {
    switch type {
    case .message(let index): return .message(try self.message(json, index, at: place))
    case .enumeration(let index): return .enumeration(try self.enumeration(json, self.pool.enums[index], at: place))
    default: return try ScalarJSON.value(json, type, at: place)
    }
  }

  private func enumeration(
    _ json: JSONValue, _ descriptor: EnumDescriptor, at place: String
  ) throws(TranscodingError) -> Int32 {
    if json.isNull, descriptor.isNullValue { return 0 }
    if case .string(let name) = json, let number = descriptor.number(of: name) { return number }
    if let number = json.intValue.flatMap({ Int32(exactly: $0) }) { return number }
    throw TranscodingError(place, "expected a name or number of \(descriptor.fullName)")
  }

  private static func text(_ json: JSONValue, _ place: String) throws(TranscodingError) -> String {
    guard case .string(let text) = json else { throw TranscodingError(place, "expected a string") }
    return text
  }
}

// MARK: Types with a form of their own

extension JSONToMessage {
  private func message(_ type: Int, _ contents: [Int: FieldContent]) -> DynamicMessage {
    var message = DynamicMessage(type: type)
    for (index, content) in contents { message[index] = content }
    return message
  }

  private func moment(_ moment: (seconds: Int64, nanos: Int64), _ type: Int) -> DynamicMessage {
    self.message(type, [0: .single(.signed(moment.seconds)), 1: .single(.signed(moment.nanos))])
  }

  /// The JSON is that of the first field.
  private func first(_ json: JSONValue, _ type: Int, at place: String) throws(TranscodingError) -> DynamicMessage {
    guard let field = self.pool.messages[type].fields.first else { return DynamicMessage(type: type) }
    return self.message(type, try self.content(json, field, at: place).map { [0: $0] } ?? [:])
  }

  /// `google.protobuf.Value`: null, number, string, bool, object or array, by the numbers of its fields.
  private func kind(_ json: JSONValue, _ type: Int, at place: String) throws(TranscodingError) -> DynamicMessage {
    let number: UInt32 =
      switch json {
      case .null: 1
      case .int, .double: 2
      case .string: 3
      case .bool: 4
      case .object: 5
      case .array: 6
      }
    let descriptor = self.pool.messages[type]
    guard let index = descriptor.index(of: number) else { return DynamicMessage(type: type) }
    return self.message(type, [index: .single(try self.element(json, descriptor.fields[index].type, at: place))])
  }

  /// `{"@type": …}` with the members of the message, or its `value`.
  private func any(_ json: JSONValue, _ type: Int, at place: String) throws(TranscodingError) -> DynamicMessage {
    guard case .object(var object) = json else { throw TranscodingError(place, "expected an object") }
    if object.isEmpty { return DynamicMessage(type: type) }
    guard case .string(let url)? = object["@type"] else { throw TranscodingError(place, "expected a member \"@type\"") }
    guard let inner = self.pool.message(typeURL: url) else {
      throw TranscodingError(place, "expected a type of the .proto file, not \(url.prefix(60))")
    }
    object["@type"] = nil
    let hasOwnForm = self.pool.messages[inner].wellKnown.map { $0 != .empty } ?? false
    let content = hasOwnForm ? object["value"] ?? .null : .object(object)
    let message = try self.message(content, inner, at: place)
    let data = MessageEncoder.encode(message, in: self.pool)
    return self.message(type, [0: .single(.string(url)), 1: .single(.bytes(data))])
  }
}
