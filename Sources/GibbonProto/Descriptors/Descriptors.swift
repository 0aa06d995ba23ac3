// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The type of a field. Messages and enums are named by their place in the pool, so that types may contain themselves.
package enum FieldType: Sendable, Hashable {
  case double, float, int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64, bool
  case string, bytes
  case message(Int)
  case enumeration(Int)

  /// Whether a repeated field of the type may be packed.
  var isPackable: Bool {
    switch self {
    case .string, .bytes, .message: false
    default: true
    }
  }

  init?(scalar name: String) {
    switch name {
    case "double": self = .double
    case "float": self = .float
    case "int32": self = .int32
    case "int64": self = .int64
    case "uint32": self = .uint32
    case "uint64": self = .uint64
    case "sint32": self = .sint32
    case "sint64": self = .sint64
    case "fixed32": self = .fixed32
    case "fixed64": self = .fixed64
    case "sfixed32": self = .sfixed32
    case "sfixed64": self = .sfixed64
    case "bool": self = .bool
    case "string": self = .string
    case "bytes": self = .bytes
    default: return nil
    }
  }
}

package struct FieldDescriptor: Sendable {
  package enum Kind: Sendable, Hashable {
    case single
    case repeated(isPacked: Bool)
    /// Values have the field's type.
    case map(key: FieldType)
  }

  package let name: String
  /// What JSON calls it besides its name: lowerCamelCase, or what `json_name` says.
  package let jsonName: String
  /// Whether the file gives `json_name`.
  let hasOwnJSONName: Bool
  package let number: UInt32
  package let type: FieldType
  package let kind: Kind
  /// The oneof it belongs to, by its place in the message; nil for none.
  package let oneof: Int?
  /// Whether a field that is not there differs from one with its type's zero.
  package let hasPresence: Bool

  /// The name in JSON that the gateway writes.
  package var writtenName: String { self.hasOwnJSONName ? self.jsonName : self.name }

  package var isSingle: Bool { self.kind == .single }
}

package struct MessageDescriptor: Sendable {
  /// Without a leading dot.
  package let fullName: String
  package let wellKnown: WellKnownType?
  /// In the order of the file.
  package fileprivate(set) var fields: [FieldDescriptor]
  /// Places in `fields`.
  private var numbers: [UInt32: Int] = [:]
  private var names: [String: Int] = [:]

  init(fullName: String, fields: [FieldDescriptor] = []) {
    self.fullName = fullName
    self.wellKnown = WellKnownType(fullName: fullName)
    self.fields = fields
    for (index, field) in fields.enumerated() {
      self.numbers[field.number] = index
      self.names[field.name] = index
    }
    // A field's own name goes before another's name in JSON.
    for (index, field) in fields.enumerated() where self.names[field.jsonName] == nil {
      self.names[field.jsonName] = index
    }
  }

  /// The place of the field with that number.
  package func index(of number: UInt32) -> Int? { self.numbers[number] }

  /// The place of the field with that name, or that name in JSON.
  package func index(named name: String) -> Int? { self.names[name] }
}

package struct EnumDescriptor: Sendable {
  package let fullName: String
  private let numbers: [String: Int32]
  /// The first name of a number.
  private let names: [Int32: String]
  /// What a field without presence has that is not there.
  package let zero: Int32

  init(fullName: String, values: [EnumDeclaration.Value]) {
    self.fullName = fullName
    self.numbers = Dictionary(values.map { ($0.name, $0.number) }) { first, _ in first }
    self.names = Dictionary(values.map { ($0.number, $0.name) }) { first, _ in first }
    self.zero = values.first?.number ?? 0
  }

  package func number(of name: String) -> Int32? { self.numbers[name] }
  package func name(of number: Int32) -> String? { self.names[number] }
}

package struct MethodDescriptor: Sendable {
  /// `/package.Service/Method`, as calls name it.
  package let path: String
  /// Places of messages in the pool.
  package let input: Int
  package let output: Int
  package let isClientStreaming: Bool
  package let isServerStreaming: Bool
}

/// Types whose JSON has a form of its own.
package enum WellKnownType: Sendable, Hashable {
  case any, duration, empty, fieldMask, listValue, structure, timestamp, value, wrapper

  init?(fullName: String) {
    switch fullName {
    case "google.protobuf.Any": self = .any
    case "google.protobuf.Duration": self = .duration
    case "google.protobuf.Empty": self = .empty
    case "google.protobuf.FieldMask": self = .fieldMask
    case "google.protobuf.ListValue": self = .listValue
    case "google.protobuf.Struct": self = .structure
    case "google.protobuf.Timestamp": self = .timestamp
    case "google.protobuf.Value": self = .value
    case "google.protobuf.BoolValue", "google.protobuf.BytesValue", "google.protobuf.DoubleValue",
      "google.protobuf.FloatValue", "google.protobuf.Int32Value", "google.protobuf.Int64Value",
      "google.protobuf.StringValue", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
      self = .wrapper
    default: return nil
    }
  }
}
