// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto

extension EntityID {
  /// The name-based (version 5, SHA-1) id of RFC 9562 section 5.5: the same name gives the same id.
  public static func named(_ name: String, in namespace: EntityID) -> EntityID {
    var hash = Insecure.SHA1()
    hash.update(data: namespace.bytes)
    hash.update(data: Array(name.utf8))
    let digest = Array(hash.finalize())
    let id = EntityID(bigEndianBytes: digest)
    return EntityID(
      high: id.high & 0xFFFF_FFFF_FFFF_0FFF | 0x5000,
      low: id.low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
  }

  /// From the first 16 of `bytes`; missing ones count as zero.
  private init(bigEndianBytes bytes: [UInt8]) {
    var halves: (UInt64, UInt64) = (0, 0)
    for index in 0..<8 {
      halves.0 = halves.0 << 8 | UInt64(index < bytes.count ? bytes[index] : 0)
      halves.1 = halves.1 << 8 | UInt64(index + 8 < bytes.count ? bytes[index + 8] : 0)
    }
    self.init(high: halves.0, low: halves.1)
  }
}
