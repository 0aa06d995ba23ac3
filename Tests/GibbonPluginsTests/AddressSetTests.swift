// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonPlugins

@Suite struct AddressSetTests {
  private static func contains(_ blocks: [String], _ address: String) throws -> Bool {
    try AddressSet(blocks).contains(try #require(IPAddress(address)))
  }

  @Test(
    arguments: [
      (["10.0.0.0/8"], "10.0.0.0", "10.255.255.255"), (["10.1.2.3"], "10.1.2.3", "10.1.2.3"),
      (["0.0.0.0/0"], "0.0.0.0", "255.255.255.255"), (["255.255.255.255/32"], "255.255.255.255", "255.255.255.255"),
      // Bits beyond the prefix do not matter.
      (["10.1.2.3/8"], "10.0.0.0", "10.255.255.255"), (["10.0.0.0/0031"], "10.0.0.0", "10.0.0.1"),
      // Overlapping, contained and in any order.
      (["10.0.1.0/24", "10.0.0.0/23", "10.0.0.7"], "10.0.0.0", "10.0.1.255"),
      (["10.0.1.0/24", "10.0.0.0/24"], "10.0.0.0", "10.0.1.255"),
      (["fe80::/10"], "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), (["::1"], "::1", "::1"),
      (["::/0"], "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      (["2001:db8::/64"], "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"),
      (["2001:db8::/65"], "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff"),
      (["2001:db8::/63"], "2001:db8::", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
    ])
  func blocksReachFromTheirFirstToTheirLastAddress(blocks: [String], first: String, last: String) throws {
    let lower = try #require(IPAddress(first))
    let upper = try #require(IPAddress(last))
    let set = try AddressSet(blocks)
    #expect(set.contains(lower) && set.contains(upper))
    if let before = lower.moved(by: -1) { #expect(!set.contains(before), "\(before)") }
    if let after = upper.moved(by: 1) { #expect(!set.contains(after), "\(after)") }
  }

  @Test func theFamiliesAreApart() throws {
    #expect(try !Self.contains(["::/0"], "10.1.2.3"))
    #expect(try !Self.contains(["0.0.0.0/0"], "::10.1.2.3"))
    #expect(try Self.contains(["10.0.0.0/8"], "::ffff:10.1.2.3"))
    #expect(try !Self.contains(["10.0.0.0/8"], "::fffe:10.1.2.3"))
    #expect(try Self.contains(["10.0.0.0/8", "fe80::/10"], "fe80::1"))
  }

  @Test func nothingContainsNothing() throws {
    #expect(try AddressSet([]).isEmpty)
    #expect(try !Self.contains([], "10.1.2.3") && !Self.contains([], "::1"))
    #expect(try !AddressSet(["::1"]).isEmpty)
  }

  @Test(arguments: ["", "hello", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "/8"])
  func whatIsNoBlockIsRefused(text: String) {
    #expect(throws: (any Error).self) { try AddressSet(["10.0.0.1", text]) }
  }

  /// Says of every address what the blocks say one by one.
  @Test func manyBlocksSayWhatEachSays() throws {
    for _ in 0..<40 {
      let texts = (0..<Int.random(in: 0..<40)).map { _ in someBlock() }
      let blocks = texts.compactMap { AddressBlock($0) }
      let set = try AddressSet(texts)
      for _ in 0..<400 {
        let address = someAddress()
        #expect(set.contains(address) == blocks.contains { $0.contains(address) }, "\(texts) \(address)")
      }
    }
  }
}

extension IPAddress {
  /// The next or the one before; nil beyond the ends.
  fileprivate func moved(by step: Int) -> IPAddress? {
    let number = UInt128(self.high) << 64 | UInt128(self.low)
    let limit = self.isV6 ? UInt128.max : UInt128(UInt32.max)
    guard step > 0 ? number < limit : number > 0 else { return nil }
    let moved = step > 0 ? number + 1 : number - 1
    guard self.isV6 else { return IPAddress(v4: UInt32(truncatingIfNeeded: moved)) }
    return IPAddress(
      v6High: UInt64(truncatingIfNeeded: moved >> 64), low: UInt64(truncatingIfNeeded: moved))
  }
}

/// Of few distinct numbers, so that blocks and addresses meet.
private func someAddress() -> IPAddress {
  let number = UInt64.random(in: 0..<64)
  switch Int.random(in: 0..<3) {
  case 0: return IPAddress(v4: UInt32(0x0A00_0000 + number))
  case 1: return IPAddress(v6High: 0, low: 0xFFFF_0A00_0000 + number)
  default: return IPAddress(v6High: 0xFE80_0000_0000_0000, low: number << UInt64.random(in: 0..<59))
  }
}

private func someBlock() -> String {
  let address = someAddress()
  return "\(address)/\(address.isV6 ? Int.random(in: 90...128) : Int.random(in: 20...32))"
}
