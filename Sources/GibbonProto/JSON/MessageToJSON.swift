// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
package import GibbonSchema

/// Messages as JSON: protobuf's JSON mapping, with Kong's names. Fields have the names of the file (or what `json_name`
/// says), and those without presence are written with their type's zero.
package struct MessageToJSON {
  let pool: DescriptorPool
  private var budget: ConversionBudget

  private init(_ pool: DescriptorPool, _ budget: ConversionBudget) {
    self.pool = pool
    self.budget = budget
  }

  package static func convert(
    _ message: DynamicMessage, in pool: DescriptorPool, budget: ConversionBudget = ConversionBudget()
  ) throws(TranscodingError) -> JSONValue {
    var converter = MessageToJSON(pool, budget)
    return try converter.value(message, depth: MessageDecoder.depthLimit)
  }

  /// One field of a message, as JSON.
  package static func convert(
    field index: Int, of message: DynamicMessage, in pool: DescriptorPool
  ) throws(TranscodingError) -> JSONValue {
    var converter = MessageToJSON(pool, ConversionBudget())
    let field = pool.messages[message.type].fields[index]
    return try converter.content(message[index], field, depth: MessageDecoder.depthLimit) ?? .null
  }

  private mutating func take() throws(TranscodingError) {
    if !self.budget.take() { throw TranscodingError(.tooManyValues) }
  }

  private mutating func value(_ message: DynamicMessage, depth: Int) throws(TranscodingError) -> JSONValue {
    guard depth > 0 else { throw TranscodingError(.tooDeep) }
    switch self.pool.messages[message.type].wellKnown {
    case nil, .empty: return .object(try self.object(message, depth: depth))
    case .any: return try self.any(message, depth: depth)
    case .timestamp: return .string(try Timestamp.text(self.seconds(of: message), self.nanos(of: message)))
    case .duration: return .string(try DurationText.text(self.seconds(of: message), self.nanos(of: message)))
    case .fieldMask: return .string(FieldMaskText.text(self.strings(of: message)))
    case .structure: return try self.content(of: message, depth: depth) ?? .object(JSONObject())
    case .listValue: return try self.content(of: message, depth: depth) ?? .array([])
    case .wrapper: return try self.content(of: message, depth: depth) ?? .null
    case .value: return try self.kind(of: message, depth: depth)
    }
  }

  private mutating func object(_ message: DynamicMessage, depth: Int) throws(TranscodingError) -> JSONObject {
    var members: [JSONObject.Member] = []
    for (index, field) in self.pool.messages[message.type].fields.enumerated() {
      guard let value = try self.content(message[index], field, depth: depth) else { continue }
      members.append(JSONObject.Member(field.writtenName, value))
    }
    return JSONObject(distinct: members)
  }

  /// What a field has; nil for one that is not there and need not be.
  private mutating func content(
    _ content: FieldContent?, _ field: FieldDescriptor, depth: Int
  ) throws(TranscodingError) -> JSONValue? {
    switch content {
    case .single(let value)?:
      try self.take()
      return try self.element(value, field.type, depth: depth)
    case .repeated(let values)?:
      return .array(
        try values.map { value throws(TranscodingError) in
          try self.take()
          return try self.element(value, field.type, depth: depth)
        })
    case .map(let entries)?:
      var object = JSONObject()
      for entry in entries {
        try self.take()
        object[Self.key(entry.key)] = try self.element(entry.value, field.type, depth: depth)
      }
      return .object(object)
    case nil:
      try self.take()
      switch field.kind {
      case .repeated: return .array([])
      case .map: return .object(JSONObject())
      case .single where field.hasPresence: return nil
      case .single: return try self.element(FieldValue(zeroOf: field.type, in: self.pool), field.type, depth: depth)
      }
    }
  }

  private mutating func element(
    _ value: FieldValue, _ type: FieldType, depth: Int
  ) throws(TranscodingError) -> JSONValue {
    switch value {
    case .bool(let value): return .bool(value)
    case .string(let value): return .string(value)
    case .bytes(let value): return .string(Base64.standard.encoded(value))
    case .float(let value): return Self.number(Double(value.description) ?? Double(value))
    case .double(let value): return Self.number(value)
    case .message(let message): return try self.value(message, depth: depth - 1)
    // Beyond 53 bits many readers of JSON would round.
    case .signed(let value): return type.isWide ? .string("\(value)") : .int(value)
    case .unsigned(let value): return type.isWide ? .string("\(value)") : .int(Int64(clamping: value))
    case .enumeration(let number):
      guard case .enumeration(let index) = type else { return .int(Int64(number)) }
      let descriptor = self.pool.enums[index]
      if descriptor.isNullValue { return .null }
      return descriptor.name(of: number).map { .string($0) } ?? .int(Int64(number))
    }
  }

  private static func number(_ value: Double) -> JSONValue {
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-Infinity" : "Infinity") }
    return .double(value)
  }

  private static func key(_ value: FieldValue) -> String {
    switch value {
    case .bool(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .string(let value): value
    default: ""
    }
  }
}

// MARK: Types with a form of their own

extension MessageToJSON {
  /// Levels that one `Any` counts for: each holds a copy of what is in it.
  private static let depthOfAny = 25

  /// The first field's content, where there is some or the field is no message.
  private mutating func content(of message: DynamicMessage, depth: Int) throws(TranscodingError) -> JSONValue? {
    guard let field = self.pool.messages[message.type].fields.first else { return nil }
    return try self.content(message[0], field, depth: depth)
  }

  private func seconds(of message: DynamicMessage) -> Int64 {
    if case .signed(let value)? = message.single(0) { value } else { 0 }
  }

  private func nanos(of message: DynamicMessage) -> Int64 {
    if case .signed(let value)? = message.single(1) { value } else { 0 }
  }

  private func strings(of message: DynamicMessage) -> [String] {
    guard case .repeated(let values)? = message[0] else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  /// The one field of `google.protobuf.Value` that is set.
  private mutating func kind(of message: DynamicMessage, depth: Int) throws(TranscodingError) -> JSONValue {
    guard let (index, content) = message.contents.first, case .single(let value) = content else { return .null }
    let field = self.pool.messages[message.type].fields[index]
    try self.take()
    let json = try self.element(value, field.type, depth: depth)
    if case .double(let number) = value, !number.isFinite {
      throw TranscodingError("a google.protobuf.Value has a number that JSON has not")
    }
    return json
  }

  /// `{"@type": …}` with the members of the message in it. One of a type that no file has is left in base64.
  private mutating func any(_ message: DynamicMessage, depth: Int) throws(TranscodingError) -> JSONValue {
    guard case .string(let url)? = message.single(0) else { return .object(JSONObject()) }
    var data: [UInt8] = []
    if case .bytes(let bytes)? = message.single(1) { data = bytes }
    guard let type = self.pool.message(typeURL: url) else {
      return ["@type": .string(url), "value": .string(Base64.standard.encoded(data))]
    }
    let inner: DynamicMessage
    do {
      inner = try MessageDecoder.decode(
        data, as: type, in: self.pool, depth: depth - Self.depthOfAny, budget: self.budget)
    } catch {
      throw TranscodingError(error)
    }
    let json = try self.value(inner, depth: depth - Self.depthOfAny)
    var object: JSONObject = ["@type": .string(url)]
    let hasOwnForm = self.pool.messages[type].wellKnown.map { $0 != .empty } ?? false
    if hasOwnForm {
      object["value"] = json
    } else if let members = json.objectValue {
      for member in members { object[member.key] = member.value }
    }
    return .object(object)
  }
}

extension FieldType {
  /// Whether JSON has its values in quotes.
  fileprivate var isWide: Bool {
    switch self {
    case .int64, .uint64, .sint64, .fixed64, .sfixed64: true
    default: false
    }
  }
}

extension EnumDescriptor {
  /// Whether its one value is JSON's null.
  var isNullValue: Bool { self.fullName == "google.protobuf.NullValue" }
}

extension DescriptorPool {
  /// The message that `type.googleapis.com/a.b.C` names.
  func message(typeURL url: String) -> Int? {
    let name = url.utf8.lastIndex(of: UInt8(ascii: "/")).map { url[url.utf8.index(after: $0)...] } ?? url[...]
    return self.message(named: String(name))
  }
}
