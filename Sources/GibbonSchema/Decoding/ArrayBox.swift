// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The elements of an array on the way into a `Decodable` type.
struct ArrayBox: UnkeyedDecodingContainer {
  let values: [JSONValue]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(values: [JSONValue], codingPath: [any CodingKey]) {
    self.values = values
    self.codingPath = codingPath
  }

  var count: Int? { self.values.count }
  var isAtEnd: Bool { self.currentIndex >= self.values.count }

  /// The next element, which then is not the next any more.
  private mutating func next() throws -> ValueBox {
    let path = self.codingPath + [IndexKey(index: self.currentIndex)]
    guard !self.isAtEnd else {
      throw DecodingError.valueNotFound(
        JSONValue.self, DecodingError.Context(codingPath: path, debugDescription: "no more elements"))
    }
    defer { self.currentIndex += 1 }
    return ValueBox(value: self.values[self.currentIndex], codingPath: path)
  }

  mutating func decodeNil() throws -> Bool {
    guard !self.isAtEnd, self.values[self.currentIndex].isNull else { return false }
    self.currentIndex += 1
    return true
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try self.next().decode(type) }
  mutating func decode(_ type: String.Type) throws -> String { try self.next().decode(type) }
  mutating func decode(_ type: Double.Type) throws -> Double { try self.next().decode(type) }
  mutating func decode(_ type: Float.Type) throws -> Float { try self.next().decode(type) }
  mutating func decode(_ type: Int.Type) throws -> Int { try self.next().decode(type) }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try self.next().decode(type) }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try self.next().decode(type) }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try self.next().decode(type) }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try self.next().decode(type) }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try self.next().decode(type) }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try self.next().decode(type) }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try self.next().decode(type) }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try self.next().decode(type) }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try self.next().decode(type) }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.next().decode(type) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try self.next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try self.next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try self.next() }
}
