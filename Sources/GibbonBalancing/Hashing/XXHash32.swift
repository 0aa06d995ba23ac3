// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// xxHash with 32 bits and seed 0, as the specification of the format defines it.
public enum XXHash32 {
  private static let prime1: UInt32 = 0x9E37_79B1
  private static let prime2: UInt32 = 0x85EB_CA77
  private static let prime3: UInt32 = 0xC2B2_AE3D
  private static let prime4: UInt32 = 0x27D4_EB2F
  private static let prime5: UInt32 = 0x1656_67B1

  public static func hash(_ bytes: borrowing Span<UInt8>) -> UInt32 {
    var index = 0
    var hash: UInt32
    if bytes.count >= 16 {
      var lanes = (prime1 &+ prime2, prime2, UInt32(0), 0 &- prime1)
      while index <= bytes.count - 16 {
        lanes.0 = Self.round(lanes.0, Self.word(bytes, index))
        lanes.1 = Self.round(lanes.1, Self.word(bytes, index + 4))
        lanes.2 = Self.round(lanes.2, Self.word(bytes, index + 8))
        lanes.3 = Self.round(lanes.3, Self.word(bytes, index + 12))
        index += 16
      }
      hash = Self.rotate(lanes.0, 1) &+ Self.rotate(lanes.1, 7) &+ Self.rotate(lanes.2, 12) &+ Self.rotate(lanes.3, 18)
    } else {
      hash = prime5
    }
    hash = hash &+ UInt32(truncatingIfNeeded: bytes.count)
    while index <= bytes.count - 4 {
      hash = Self.rotate(hash &+ Self.word(bytes, index) &* prime3, 17) &* prime4
      index += 4
    }
    while index < bytes.count {
      hash = Self.rotate(hash &+ UInt32(bytes[index]) &* prime5, 11) &* prime1
      index += 1
    }
    hash = (hash ^ hash >> 15) &* prime2
    hash = (hash ^ hash >> 13) &* prime3
    return hash ^ hash >> 16
  }

  private static func round(_ lane: UInt32, _ word: UInt32) -> UInt32 {
    Self.rotate(lane &+ word &* prime2, 13) &* prime1
  }

  private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }

  /// Four bytes, the lowest first.
  private static func word(_ bytes: borrowing Span<UInt8>, _ index: Int) -> UInt32 {
    UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
      | UInt32(bytes[index + 3]) << 24
  }
}
