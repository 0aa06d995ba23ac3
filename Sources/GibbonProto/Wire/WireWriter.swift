// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Writes protobuf's wire format.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func tag(_ number: UInt32, _ type: WireType) { self.varint(UInt64(number) << 3 | UInt64(type.rawValue)) }

  mutating func fixed32(_ value: UInt32) {
    for place in 0..<4 { self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * place))) }
  }

  mutating func fixed64(_ value: UInt64) {
    for place in 0..<8 { self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
  }

  mutating func delimited(_ data: [UInt8]) {
    self.varint(UInt64(data.count))
    self.bytes += data
  }

  /// Small numbers of either sign as small numbers.
  static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

  static func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
}
