// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import Testing

/// Fixtures with random damage: nothing traps, and pieces mean the same as the whole. The seed is
/// part of every failure; a wrong run is repeated by putting it in place of the random one.
@Suite struct MutationTests {
  @Test(arguments: ["request", "response", "chunked"])
  func damageIsReadTheSameInPieces(_ folder: String) {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("mutation seed of \(folder): \(seed)")
    var random = SplitMix64(state: seed)
    let fixtures = Fixture.all(folder).filter { !$0.input.isEmpty }
    for round in 0..<4000 {
      guard let fixture = fixtures.randomElement(using: &random) else { continue }
      let input = Self.damage(fixture.input, &random)
      let cuts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Int.random(in: 0...input.count, using: &random)
      }.sorted()
      let whole = Self.dump(folder, input, fixture.limits, [])
      let pieces = Self.dump(folder, input, fixture.limits, cuts)
      #expect(whole == pieces, "seed \(seed), round \(round), cuts \(cuts), input \(Dump.escape(input))")
    }
  }

  private static func dump(_ folder: String, _ input: [UInt8], _ limits: HeadLimits, _ cuts: [Int]) -> [String] {
    switch folder {
    case "request": Dump.request(input, limits: limits, cuts: cuts)
    case "response": Dump.response(input, limits: limits, cuts: cuts)
    default: Dump.chunked(input, limits: limits, cuts: cuts)
    }
  }

  private static func damage(_ input: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let special: [UInt8] = [0, 9, 10, 13, 32, 34, 35, 37, 44, 45, 47, 48, 58, 59, 63, 64, 91, 93, 127, 128, 255]
    var bytes = input
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
      let byte = special.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.insert(byte, at: min(place, bytes.count))
      case 1 where !bytes.isEmpty: bytes.remove(at: place)
      case 2 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 3 where !bytes.isEmpty: bytes[place] = byte
      default:
        let end = min(bytes.count, place + Int.random(in: 0...24, using: &random))
        if place < end { bytes.insert(contentsOf: Array(bytes[place..<end]), at: place) }
      }
    }
    return bytes
  }
}

/// A small generator with a printable seed.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
