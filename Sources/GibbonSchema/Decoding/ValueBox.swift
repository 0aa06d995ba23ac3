// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One value on the way into a `Decodable` type.
struct ValueBox: Decoder, SingleValueDecodingContainer {
  let value: JSONValue
  let codingPath: [any CodingKey]

  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let object = self.value.asObject else { throw ValueDecoder.mismatch(type, self.value, at: self.codingPath) }
    return KeyedDecodingContainer(ObjectBox(object: object, codingPath: self.codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let values = self.value.asArray else {
      throw ValueDecoder.mismatch([JSONValue].self, self.value, at: self.codingPath)
    }
    return ArrayBox(values: values, codingPath: self.codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { self.value.isNull }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let value = self.value.boolValue else { throw ValueDecoder.mismatch(type, self.value, at: self.codingPath) }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard let value = self.value.stringValue else { throw ValueDecoder.mismatch(type, self.value, at: self.codingPath) }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard let value = self.value.doubleValue else { throw ValueDecoder.mismatch(type, self.value, at: self.codingPath) }
    return value
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try self.decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try self.integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try self.integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try self.integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try self.integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try self.integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try self.integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer(type) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try ValueDecoder.unbox(self.value, as: type, at: self.codingPath)
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    guard let value = self.value.intValue, let number = Value(exactly: value) else {
      throw ValueDecoder.mismatch(type, self.value, at: self.codingPath)
    }
    return number
  }
}

/// The index of an array's element in a coding path.
struct IndexKey: CodingKey {
  let index: Int

  init(index: Int) { self.index = index }
  init?(intValue: Int) { self.index = intValue }
  init?(stringValue: String) { nil }

  var intValue: Int? { self.index }
  var stringValue: String { String(self.index) }
}
