// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

@Suite struct Murmur3Tests {
  /// As another client has them; the last two have signed bytes after the last block.
  @Test func `tokens are those of Cassandra`() {
    #expect(Murmur3.token(Array("123".utf8)) == -7_468_325_962_851_647_638)
    #expect(Murmur3.token(Array("9223372036854775807".utf8)) == 7_162_290_910_810_015_547)
    #expect(Murmur3.token(Array(repeating: 0x10, count: 8)) == 1_446_172_840_243_228_796)
    #expect(Murmur3.token(Array(repeating: 0xFE, count: 8)) == -8_927_430_733_708_461_935)
    let long = Array(repeating: [0x00, 0xFF, 0x10, 0xFA, 0x99] as [UInt8], count: 10).flatMap { $0 }
    #expect(Murmur3.token(long) == 5_837_342_703_291_459_765)
    #expect(Murmur3.token([]) == .min)
  }

  @Test func `a key of several columns has lengths and ends`() {
    let values: [CQLValue] = [.int(1), .text("ab"), .null]
    #expect(PartitionKey.bytes(values, [1]) == [0x61, 0x62])
    #expect(PartitionKey.bytes(values, [1, 0]) == Hex.bytes("0002 6162 00 0004 00000001 00"))
    for index in [2, 3, -1] { #expect(PartitionKey.bytes(values, [index]) == nil) }
  }
}
