// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads messages from protobuf's wire format. Unknown fields are passed over, and so are those that are laid out as no
/// value of their type is: to protobuf they are fields of another version of the message.
package struct MessageDecoder {
  /// Messages inside one another: as many as protobuf's own libraries read.
  package static let depthLimit = 100

  private let pool: DescriptorPool
  private var budget: ConversionBudget

  private init(_ pool: DescriptorPool, _ budget: ConversionBudget) {
    self.pool = pool
    self.budget = budget
  }

  package static func decode(
    _ bytes: [UInt8], as type: Int, in pool: DescriptorPool, depth: Int = Self.depthLimit,
    budget: ConversionBudget = ConversionBudget()
  ) throws(WireError) -> DynamicMessage {
    var decoder = MessageDecoder(pool, budget)
    var reader = WireReader(bytes)
    var message = DynamicMessage(type: type)
    try decoder.merge(&reader, into: &message, depth: depth)
    return message
  }

  private mutating func take() throws(WireError) { if !self.budget.take() { throw .tooManyValues } }

  private mutating func merge(
    _ reader: inout WireReader, into message: inout DynamicMessage, depth: Int
  ) throws(WireError) {
    guard depth > 0 else { throw .tooDeep }
    let descriptor = self.pool.messages[message.type]
    while !reader.isAtEnd {
      let (number, type) = try reader.tag()
      guard let index = descriptor.index(of: number), descriptor.fields[index].accepts(type) else {
        try reader.skip(number, type, depth: depth)
        continue
      }
      try self.take()
      let field = descriptor.fields[index]
      switch field.kind {
      case .map(let key):
        var nested = try reader.nested()
        message.append(try self.entry(&nested, field, key, depth: depth - 1), at: index)
      case .repeated:
        if type == .lengthDelimited, field.type.isPackable {
          try self.unpack(try reader.nested(), field, into: &message, at: index)
        } else {
          message.append(try self.value(&reader, field, depth: depth), at: index)
        }
      case .single:
        try self.single(&reader, field, into: &message, at: index, of: descriptor, depth: depth)
      }
    }
  }

  /// A message that comes again is merged with what there is of it.
  private mutating func single(
    _ reader: inout WireReader, _ field: FieldDescriptor, into message: inout DynamicMessage, at index: Int,
    of descriptor: MessageDescriptor, depth: Int
  ) throws(WireError) {
    guard case .message(let inner) = field.type else {
      return message.set(try self.value(&reader, field, depth: depth), at: index, in: descriptor)
    }
    var nested = try reader.nested()
    var value = message.takeMessage(at: index) ?? DynamicMessage(type: inner)
    try self.merge(&nested, into: &value, depth: depth - 1)
    message.set(.message(value), at: index, in: descriptor)
  }

  private mutating func unpack(
    _ packed: WireReader, _ field: FieldDescriptor, into message: inout DynamicMessage, at index: Int
  ) throws(WireError) {
    var packed = packed
    while !packed.isAtEnd {
      try self.take()
      message.append(try Self.scalar(&packed, field), at: index)
    }
  }

  private mutating func value(
    _ reader: inout WireReader, _ field: FieldDescriptor, depth: Int
  ) throws(WireError) -> FieldValue {
    guard case .message(let inner) = field.type else { return try Self.scalar(&reader, field) }
    var nested = try reader.nested()
    var message = DynamicMessage(type: inner)
    try self.merge(&nested, into: &message, depth: depth - 1)
    return .message(message)
  }

  /// A message with the fields 1 and 2; one that is missing has its type's zero.
  private mutating func entry(
    _ reader: inout WireReader, _ field: FieldDescriptor, _ keyType: FieldType, depth: Int
  ) throws(WireError) -> FieldContent.Entry {
    guard depth > 0 else { throw .tooDeep }
    let keyField = FieldDescriptor(element: keyType, of: field)
    var key: FieldValue?
    var value: FieldValue?
    while !reader.isAtEnd {
      let (number, type) = try reader.tag()
      switch number {
      case 1 where type == keyType.wireType: key = try self.value(&reader, keyField, depth: depth)
      case 2 where type == field.type.wireType: value = try self.value(&reader, field, depth: depth)
      default: try reader.skip(number, type, depth: depth)
      }
    }
    return FieldContent.Entry(
      key: key ?? FieldValue(zeroOf: keyType, in: self.pool),
      value: value ?? FieldValue(zeroOf: field.type, in: self.pool))
  }

  private static func scalar(_ reader: inout WireReader, _ field: FieldDescriptor) throws(WireError) -> FieldValue {
    switch field.type {
    case .int64: return .signed(Int64(bitPattern: try reader.varint()))
    case .int32: return .signed(Int64(Int32(truncatingIfNeeded: try reader.varint())))
    case .uint64: return .unsigned(try reader.varint())
    case .uint32: return .unsigned(UInt64(UInt32(truncatingIfNeeded: try reader.varint())))
    case .sint64: return .signed(WireWriter.unzigzag(try reader.varint()))
    case .sint32:
      return .signed(WireWriter.unzigzag(UInt64(UInt32(truncatingIfNeeded: try reader.varint()))))
    case .bool: return .bool(try reader.varint() != 0)
    case .enumeration: return .enumeration(Int32(truncatingIfNeeded: try reader.varint()))
    case .fixed64: return .unsigned(try reader.fixed64())
    case .sfixed64: return .signed(Int64(bitPattern: try reader.fixed64()))
    case .double: return .double(Double(bitPattern: try reader.fixed64()))
    case .fixed32: return .unsigned(UInt64(try reader.fixed32()))
    case .sfixed32: return .signed(Int64(Int32(bitPattern: try reader.fixed32())))
    case .float: return .float(Float(bitPattern: try reader.fixed32()))
    case .bytes: return .bytes(try reader.data())
    case .string:
      guard let text = String(validating: try reader.data(), as: UTF8.self) else {
        throw .invalidUTF8(field: field.name)
      }
      return .string(text)
    case .message: return .bytes(try reader.data())
    }
  }
}

extension FieldType {
  /// How a single value of the type is laid out.
  var wireType: WireType {
    switch self {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: .varint
    case .fixed64, .sfixed64, .double: .fixed64
    case .fixed32, .sfixed32, .float: .fixed32
    case .string, .bytes, .message: .lengthDelimited
    }
  }
}

extension FieldDescriptor {
  /// Whether the field may come laid out like that: repeated numbers come packed or one by one.
  fileprivate func accepts(_ type: WireType) -> Bool {
    switch self.kind {
    case .single: type == self.type.wireType
    case .repeated: type == self.type.wireType || (type == .lengthDelimited && self.type.isPackable)
    case .map: type == .lengthDelimited
    }
  }

  /// A single value of another type in a field: the key of a map.
  init(element type: FieldType, of field: FieldDescriptor) {
    self.init(
      name: field.name, jsonName: field.jsonName, hasOwnJSONName: field.hasOwnJSONName, number: field.number,
      type: type,
      kind: .single, oneof: nil, hasPresence: false)
  }
}

extension FieldValue {
  init(zeroOf type: FieldType, in pool: DescriptorPool) {
    switch type {
    case .double: self = .double(0)
    case .float: self = .float(0)
    case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: self = .signed(0)
    case .uint32, .uint64, .fixed32, .fixed64: self = .unsigned(0)
    case .bool: self = .bool(false)
    case .string: self = .string("")
    case .bytes: self = .bytes([])
    case .message(let index): self = .message(DynamicMessage(type: index))
    case .enumeration(let index): self = .enumeration(pool.enums[index].zero)
    }
  }
}
