// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The two checksums of v5's segments.
enum Checksum {
  /// Section 2.1: of the header of a segment.
  static func crc24(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = 0x875060
    for byte in bytes {
      value ^= UInt32(byte) << 16
      for _ in 0..<8 {
        value <<= 1
        if value & 0x100_0000 != 0 { value ^= 0x197_4F0B }
      }
    }
    return value & 0xFF_FFFF
  }

  /// Of the payload: that of zlib, begun with four bytes that the servers put in front.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value = Self.begun
    for byte in bytes { value = Self.step(value, byte) }
    return ~value
  }

  private static let begun = ([0xFA, 0x2D, 0x55, 0xCA] as [UInt8]).reduce(UInt32.max) { Self.step($0, $1) }

  private static func step(_ value: UInt32, _ byte: UInt8) -> UInt32 {
    Self.table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8
  }

  private static let table: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }
}
