// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Writes the notations of section 3. What does not fit its length field is refused, not cut.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  /// Of all that is sent at once: a server refuses frames over 256 MiB, and mutations long before.
  static let bodyLimit = 64 << 20

  private mutating func number(_ value: UInt64, _ count: Int) {
    for index in (0..<count).reversed() {
      self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
    }
  }

  mutating func byte(_ value: UInt8) { self.bytes.append(value) }
  mutating func short(_ value: UInt16) { self.number(UInt64(value), 2) }
  mutating func int(_ value: Int32) { self.number(UInt64(UInt32(bitPattern: value)), 4) }
  mutating func long(_ value: Int64) { self.number(UInt64(bitPattern: value), 8) }

  /// A length of two bytes.
  mutating func shortCount(_ count: Int) throws(CQLError) {
    guard let value = UInt16(exactly: count) else { throw Self.tooLong("\(count) of at most 65535") }
    self.short(value)
  }

  mutating func string(_ text: String) throws(CQLError) {
    try self.shortCount(text.utf8.count)
    self.bytes += text.utf8
  }

  mutating func longString(_ text: String) throws(CQLError) {
    try self.bytes(Array(text.utf8))
  }

  mutating func shortBytes(_ bytes: [UInt8]) throws(CQLError) {
    try self.shortCount(bytes.count)
    self.bytes += bytes
  }

  mutating func bytes(_ bytes: [UInt8]) throws(CQLError) {
    guard self.bytes.count + bytes.count <= Self.bodyLimit, let length = Int32(exactly: bytes.count) else {
      throw Self.tooLong("more than \(Self.bodyLimit) bytes")
    }
    self.int(length)
    self.bytes += bytes
  }

  mutating func stringList(_ list: [String]) throws(CQLError) {
    try self.shortCount(list.count)
    for text in list { try self.string(text) }
  }

  mutating func stringMap(_ map: [(String, String)]) throws(CQLError) {
    try self.shortCount(map.count)
    for (key, value) in map {
      try self.string(key)
      try self.string(value)
    }
  }

  private static func tooLong(_ words: String) -> CQLError {
    .refused(code: ServerError.invalid, "too long to be sent: \(words)")
  }
}
