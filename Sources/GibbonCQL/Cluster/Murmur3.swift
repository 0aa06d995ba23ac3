// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The hash of Cassandra's `Murmur3Partitioner`: the first half of MurmurHash3 for x64 in 128 bits, except that the
/// bytes after the last whole block count as signed.
enum Murmur3 {
  /// The token of a partition key.
  static func token(_ key: [UInt8]) -> Int64 {
    if key.isEmpty { return Int64.min }
    let hash = Int64(bitPattern: Self.hash(key))
    // The least token is none of a row.
    return hash == Int64.min ? Int64.max : hash
  }

  private static let factors: (UInt64, UInt64) = (0x87C3_7B91_1142_53D5, 0x4CF5_AD43_2745_937F)

  private static func hash(_ key: [UInt8]) -> UInt64 {
    var (one, two): (UInt64, UInt64) = (0, 0)
    let blocks = key.count / 16
    for block in 0..<blocks {
      one ^= Self.first(Self.littleEndian(key, block * 16))
      one = (Self.rotate(one, 27) &+ two) &* 5 &+ 0x52DC_E729
      two ^= Self.second(Self.littleEndian(key, block * 16 + 8))
      two = (Self.rotate(two, 31) &+ one) &* 5 &+ 0x3849_5AB5
    }
    var tail: (UInt64, UInt64) = (0, 0)
    for (offset, byte) in key[(blocks * 16)...].enumerated() {
      let signed = UInt64(bitPattern: Int64(Int8(bitPattern: byte)))
      if offset < 8 {
        tail.0 ^= signed << UInt64(8 * offset)
      } else {
        tail.1 ^= signed << UInt64(8 * (offset - 8))
      }
    }
    // Of zero, both are zero: no case for a tail that is not there.
    one ^= Self.first(tail.0)
    two ^= Self.second(tail.1)
    one ^= UInt64(key.count)
    two ^= UInt64(key.count)
    one &+= two
    two &+= one
    one = Self.mix(one)
    two = Self.mix(two)
    return one &+ two
  }

  private static func first(_ block: UInt64) -> UInt64 {
    Self.rotate(block &* Self.factors.0, 31) &* Self.factors.1
  }

  private static func second(_ block: UInt64) -> UInt64 {
    Self.rotate(block &* Self.factors.1, 33) &* Self.factors.0
  }

  private static func littleEndian(_ key: [UInt8], _ from: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(key[from + $1]) << UInt64(8 * $1) }
  }

  private static func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }

  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value = value &* 0xFF51_AFD7_ED55_8CCD
    value ^= value >> 33
    value = value &* 0xC4CE_B9FE_1A85_EC53
    return value ^ value >> 33
  }
}

/// The bytes that a partition key is hashed from.
enum PartitionKey {
  /// nil when a value is missing, or is none for a key.
  ///
  /// - Parameter indices: which of the values are the key, in its order.
  static func bytes(_ values: [CQLValue], _ indices: [Int]) -> [UInt8]? {
    var parts: [[UInt8]] = []
    for index in indices {
      guard values.indices.contains(index), let part = try? values[index].serialized() else { return nil }
      parts.append(part)
    }
    if parts.count < 2 { return parts.first }
    var bytes: [UInt8] = []
    for part in parts {
      guard let length = UInt16(exactly: part.count) else { return nil }
      bytes += [UInt8(length >> 8), UInt8(length & 0xFF)] + part + [0]
    }
    return bytes
  }
}
