// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The members of an object on the way into a `Decodable` type.
struct ObjectBox<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let object: JSONObject
  let codingPath: [any CodingKey]

  var allKeys: [Key] { self.object.members.compactMap { Key(stringValue: $0.key) } }

  private func find(_ key: Key) -> JSONValue? {
    self.object[key.stringValue] ?? self.object[ValueDecoder.snakeCase(key.stringValue)]
  }

  private func box(_ key: Key) throws -> ValueBox {
    guard let value = self.find(key) else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: self.codingPath, debugDescription: "no field '\(key.stringValue)'"))
    }
    return ValueBox(value: value, codingPath: self.codingPath + [key])
  }

  func contains(_ key: Key) -> Bool { self.find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { self.find(key)?.isNull ?? true }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.box(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.box(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.box(key).decode(type) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.box(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.box(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.box(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.box(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.box(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.box(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.box(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.box(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.box(key).decode(type) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.box(key).decode(type) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.box(key).decode(type) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try self.box(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try self.box(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try self.box(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    ValueBox(value: .object(self.object), codingPath: self.codingPath)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { try self.box(key) }
}
