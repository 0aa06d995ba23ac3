// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Why bytes are no message of the type they should be.
package enum WireError: Error, Sendable, Hashable, CustomStringConvertible {
  case truncated
  case varintTooLong
  /// A field number of zero, or one beyond 2^29, or a wire type that does not exist.
  case malformedTag
  /// An end of a group without its beginning, or a group without its end.
  case malformedGroup
  case invalidUTF8(field: String)
  case tooDeep
  case tooManyValues

  package var description: String {
    switch self {
    case .truncated: "the message is cut off"
    case .varintTooLong: "a number of the message is longer than 64 bits"
    case .malformedTag: "a field of the message has no valid tag"
    case .malformedGroup: "a group of the message has no beginning or no end"
    case .invalidUTF8(let field): "field \(field) of the message is not valid UTF-8"
    case .tooDeep: "the message is nested too deep"
    case .tooManyValues: "the message has too many values"
    }
  }
}

/// How a field's value is laid out.
enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

/// Reads protobuf's wire format from a run of bytes. Every length is checked against what is there.
struct WireReader {
  private let bytes: [UInt8]
  private var offset: Int
  private let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    self.offset = 0
    self.end = bytes.count
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    self.offset = range.lowerBound
    self.end = range.upperBound
  }

  var isAtEnd: Bool { self.offset >= self.end }

  mutating func varint() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    for place in 0..<10 {
      guard self.offset < self.end else { throw .truncated }
      let byte = self.bytes[self.offset]
      self.offset += 1
      // The tenth byte has room for one bit.
      if place == 9, byte > 1 { throw .varintTooLong }
      value |= UInt64(byte & 0x7F) << UInt64(7 * place)
      if byte < 0x80 { return value }
    }
    throw .varintTooLong
  }

  mutating func tag() throws(WireError) -> (number: UInt32, type: WireType) {
    let value = try self.varint()
    guard let type = WireType(rawValue: UInt8(value & 7)), value <= UInt64(UInt32.max), value >> 3 > 0 else {
      throw .malformedTag
    }
    return (UInt32(truncatingIfNeeded: value >> 3), type)
  }

  mutating func fixed32() throws(WireError) -> UInt32 { UInt32(truncatingIfNeeded: try self.fixed(4)) }
  mutating func fixed64() throws(WireError) -> UInt64 { try self.fixed(8) }

  private mutating func fixed(_ count: Int) throws(WireError) -> UInt64 {
    guard self.end - self.offset >= count else { throw .truncated }
    var value: UInt64 = 0
    for place in 0..<count { value |= UInt64(self.bytes[self.offset + place]) << UInt64(8 * place) }
    self.offset += count
    return value
  }

  /// The place of a value with its length in front.
  private mutating func delimited() throws(WireError) -> Range<Int> {
    let length = try self.varint()
    guard length <= UInt64(self.end - self.offset) else { throw .truncated }
    let start = self.offset
    self.offset += Int(truncatingIfNeeded: length)
    return start..<self.offset
  }

  mutating func data() throws(WireError) -> [UInt8] {
    let range = try self.delimited()
    return Array(self.bytes[range])
  }

  /// A reader of a value with its length in front: a message, or packed values.
  mutating func nested() throws(WireError) -> WireReader { WireReader(self.bytes, try self.delimited()) }

  /// Steps over a value that nobody knows.
  mutating func skip(_ number: UInt32, _ type: WireType, depth: Int) throws(WireError) {
    switch type {
    case .varint: _ = try self.varint()
    case .fixed64: _ = try self.fixed64()
    case .fixed32: _ = try self.fixed32()
    case .lengthDelimited: _ = try self.delimited()
    case .startGroup: try self.skipGroup(number, depth: depth)
    case .endGroup: throw .malformedGroup
    }
  }

  private mutating func skipGroup(_ number: UInt32, depth: Int) throws(WireError) {
    guard depth > 0 else { throw .tooDeep }
    while !self.isAtEnd {
      let (inner, type) = try self.tag()
      if type == .endGroup {
        guard inner == number else { throw .malformedGroup }
        return
      }
      try self.skip(inner, type, depth: depth - 1)
    }
    throw .malformedGroup
  }
}
