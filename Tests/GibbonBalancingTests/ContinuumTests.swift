// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonBalancing

/// Consistent hashing: the same address as Kong's for the same key. The expected values were computed with the hash
/// library and the construction that Kong 3.9 uses.
@Suite struct ContinuumTests {
  private static let keys =
    [
      "", "a", "127.0.0.1", "/", "/index.html", "user-1", "user-2", "user-3", "0b3f6d2e-8a4c-4f3f-9f59-3a2f3d3b1c55",
      "1,2", "10.1.2.3", "ø",
    ] + (1...12).map { "key\($0)" }

  /// In Kong's order of targets.
  private static func picks(_ addresses: [(String, Int, Int)], targets: Int, slots: Int) -> [String] {
    let ring = Self.ring(addresses, targets: targets, slots: slots)
    return self.keys.map { key in
      ring.owner(of: XXHash32.hash(Array(key.utf8).span)) { _ in true }
        .map { "\(addresses[$0].0):\(addresses[$0].1)" } ?? "none"
    }
  }

  private static func ring(_ addresses: [(String, Int, Int)], targets: Int, slots: Int) -> Continuum {
    Continuum(
      addresses.enumerated().map {
        .init(index: $0.offset, name: Array("\($0.element.0)::\($0.element.1)".utf8), weight: $0.element.2)
      }, targetCount: targets, slots: slots)
  }

  @Test(arguments: [
    ("", 46_947_589), ("a", 1_426_945_110), ("10.0.0.1::8000 1", 1_540_342_486), ("10.0.0.10::8000 12", -378_163_967),
    ("127.0.0.1::8000 160", 509_360_822),
  ])
  func hashesAreThoseOfTheFormat(text: String, hash: Int32) {
    #expect(Int32(bitPattern: XXHash32.hash(Array(text.utf8).span)) == hash)
  }

  @Test func equalTargets() {
    let picked = Self.picks([1, 2, 3].map { ("10.0.0.\($0)", 8000, 100) }, targets: 3, slots: 10_000)
    let expected = [3, 3, 3, 1, 2, 1, 1, 2, 2, 1, 3, 3, 3, 2, 2, 2, 3, 1, 3, 3, 3, 1, 2, 2]
    #expect(picked == expected.map { "10.0.0.\($0):8000" })
  }

  @Test func fewSlotsAreAThousand() {
    let picked = Self.picks((1...5).map { ("10.0.0.\($0)", 8000, 100) }, targets: 5, slots: 10)
    let expected = [5, 2, 4, 3, 4, 5, 2, 5, 4, 5, 1, 2, 5, 4, 3, 2, 5, 2, 3, 4, 3, 3, 1, 4]
    #expect(picked == expected.map { "10.0.0.\($0):8000" })
  }

  @Test func namesOfSeveralAddressesAndIPv6() {
    let six = "[0000:0000:0000:0000:0000:0000:0000:0001]"
    let picked = Self.picks(
      [(six, 8000, 100), ("10.0.1.1", 8080, 50), ("10.0.0.10", 80, 100), ("10.0.0.9", 80, 100)], targets: 3,
      slots: 4321)
    let names = ["9": "10.0.0.9:80", "10": "10.0.0.10:80", "1": "10.0.1.1:8080", "6": six + ":8000"]
    let expected = "9 10 9 6 6 9 9 9 1 1 10 6 6 10 9 10 6 6 9 1 1 9 9 10".split(separator: " ")
    #expect(picked == expected.map { names[String($0)] })
  }

  @Test func portsAreOrderedAsNumbers() {
    let picked = Self.picks(
      [9, 10, 10_000].map { ("127.0.0.1", $0, 100) }, targets: 3, slots: 65_536)
    let expected = "10000 10 10 10 9 9 10000 9 10 10 9 9 9 10 10000 10 9 10000 9 10000 10000 10 10000 10000"
    #expect(picked == expected.split(separator: " ").map { "127.0.0.1:\($0)" })
  }

  /// Forty targets of seven weights: how many of ten thousand keys each gets.
  @Test func sharesOfManyTargetsAreKongs() {
    let addresses = (1...40).map { ("10.0.0.\($0)", 8000, $0 % 7 * 10 + 1) }.sorted { $0.0 < $1.0 }
    let ring = Self.ring(addresses, targets: 40, slots: 10_000)
    var counts: [String: Int] = [:]
    for number in 1...10_000 {
      let owner = ring.owner(of: XXHash32.hash(Array("client-\(number)".utf8).span)) { _ in true }
      counts[addresses[owner ?? 0].0, default: 0] += 1
    }
    let expected = [
      "10.0.0.1": 93, "10.0.0.2": 179, "10.0.0.3": 225, "10.0.0.4": 334, "10.0.0.5": 413, "10.0.0.6": 504,
      "10.0.0.7": 8, "10.0.0.13": 493, "10.0.0.14": 10, "10.0.0.20": 452, "10.0.0.27": 457, "10.0.0.34": 510,
      "10.0.0.35": 7, "10.0.0.40": 435,
    ]
    for (address, count) in expected { #expect(counts[address] == count, "\(address)") }
  }

  /// Kong has no ring at all then.
  @Test func moreTargetsThanPointsGetALargerRing() {
    let addresses = (0..<200).map { ("10.0.\($0 / 100).\($0 % 100)", 8000, 100) }.sorted { $0.0 < $1.0 }
    let ring = Self.ring(addresses, targets: 200, slots: 10_000)
    #expect(ring.points == 40_000)
    var owners: Set<Int> = []
    for number in 0..<20_000 {
      if let owner = ring.owner(of: XXHash32.hash(Array("\(number)".utf8).span), where: { _ in true }) {
        owners.insert(owner)
      }
    }
    #expect(owners.count == 200)
  }

  /// Kong's ring of 10,000 points is two thirds full with 40 targets, so that many points were taken from others.
  @Test(arguments: [(3, 10_000, 0.3), (10, 10_000, 0.3), (40, 10_000, 1.2), (40, 65_536, 0.3)])
  func onlyTheKeysOfARemovedTargetMove(count: Int, slots: Int, share: Double) {
    let all = (1...count).map { ("10.0.0.\($0)", 8000, 100) }.sorted { $0.0 < $1.0 }
    let rest = all.filter { $0.0 != "10.0.0.2" }
    let (before, after) = (
      Self.ring(all, targets: count, slots: slots), Self.ring(rest, targets: count - 1, slots: slots)
    )
    var moved = 0
    for number in 0..<10_000 {
      let hash = XXHash32.hash(Array("k\(number)".utf8).span)
      let old = before.owner(of: hash) { _ in true }.map { all[$0].0 }
      let new = after.owner(of: hash) { _ in true }.map { rest[$0].0 }
      if old != "10.0.0.2", old != new { moved += 1 }
    }
    // Points that the removed one had taken from others.
    #expect(Double(moved) <= 10_000.0 / Double(count) * share, "\(moved)")
  }

  @Test func anEmptyRingHasNoOwner() {
    #expect(Self.ring([], targets: 0, slots: 10_000).owner(of: 1) { _ in true } == nil)
    #expect(Self.ring([("10.0.0.1", 1, 0)], targets: 1, slots: 10_000).owner(of: 1) { _ in true } == nil)
  }
}
