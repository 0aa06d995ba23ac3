// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Writes messages in protobuf's wire format, fields in the order of their declaration.
package enum MessageEncoder {
  package static func encode(_ message: DynamicMessage, in pool: DescriptorPool) -> [UInt8] {
    var writer = WireWriter()
    let descriptor = pool.messages[message.type]
    for index in message.contents.keys.sorted() {
      let field = descriptor.fields[index]
      switch message.contents[index] {
      case nil: break
      case .single(let value)?:
        if !field.hasPresence, value.isZero { break }
        Self.write(value, number: field.number, field.type, to: &writer, pool)
      case .repeated(let values)?: Self.write(values, field, to: &writer, pool)
      case .map(let entries)?:
        guard case .map(let key) = field.kind else { break }
        for entry in entries {
          var inner = WireWriter()
          Self.write(entry.key, number: 1, key, to: &inner, pool)
          Self.write(entry.value, number: 2, field.type, to: &inner, pool)
          writer.tag(field.number, .lengthDelimited)
          writer.delimited(inner.bytes)
        }
      }
    }
    return writer.bytes
  }

  private static func write(
    _ values: [FieldValue], _ field: FieldDescriptor, to writer: inout WireWriter, _ pool: DescriptorPool
  ) {
    guard field.kind == .repeated(isPacked: true) else {
      for value in values { Self.write(value, number: field.number, field.type, to: &writer, pool) }
      return
    }
    guard !values.isEmpty else { return }
    var packed = WireWriter()
    for value in values { Self.write(value, field.type, to: &packed, pool) }
    writer.tag(field.number, .lengthDelimited)
    writer.delimited(packed.bytes)
  }

  private static func write(
    _ value: FieldValue, number: UInt32, _ type: FieldType, to writer: inout WireWriter, _ pool: DescriptorPool
  ) {
    writer.tag(number, type.wireType)
    Self.write(value, type, to: &writer, pool)
  }

  private static func write(
    _ value: FieldValue, _ type: FieldType, to writer: inout WireWriter, _ pool: DescriptorPool
  ) {
    switch value {
    case .bool(let value): writer.varint(value ? 1 : 0)
    case .enumeration(let value): writer.varint(UInt64(bitPattern: Int64(value)))
    case .float(let value): writer.fixed32(value.bitPattern)
    case .double(let value): writer.fixed64(value.bitPattern)
    case .string(let value): writer.delimited(Array(value.utf8))
    case .bytes(let value): writer.delimited(value)
    case .message(let value): writer.delimited(Self.encode(value, in: pool))
    case .signed(let value):
      switch type {
      case .sint32, .sint64: writer.varint(WireWriter.zigzag(value))
      case .sfixed32: writer.fixed32(UInt32(truncatingIfNeeded: value))
      case .sfixed64: writer.fixed64(UInt64(bitPattern: value))
      default: writer.varint(UInt64(bitPattern: value))
      }
    case .unsigned(let value):
      switch type {
      case .fixed32: writer.fixed32(UInt32(truncatingIfNeeded: value))
      case .fixed64: writer.fixed64(value)
      default: writer.varint(value)
      }
    }
  }
}

extension FieldValue {
  /// Whether a field without presence leaves it out. -0.0 is another value.
  fileprivate var isZero: Bool {
    switch self {
    case .bool(let value): !value
    case .signed(let value): value == 0
    case .unsigned(let value): value == 0
    case .float(let value): value.bitPattern == 0
    case .double(let value): value.bitPattern == 0
    case .string(let value): value.isEmpty
    case .bytes(let value): value.isEmpty
    case .enumeration(let value): value == 0
    case .message: false
    }
  }
}
