// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Inputs made from seeds: the same ones for the same number.
struct Inputs {
  /// As much as a field of a request's head may have.
  static let limit = 8192

  private var state: UInt64

  init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func next(below bound: Int) -> Int {
    self.state ^= self.state << 13
    self.state ^= self.state >> 7
    self.state ^= self.state << 17
    return bound > 0 ? Int(self.state >> 33) % bound : 0
  }

  private static let bytes = Array("\r\n\t \"'\\\0;:,.=&%+-/?#()[]{}$<>@aZ09\u{FF}".utf8)

  mutating func make(from seeds: [[UInt8]]) -> [UInt8] {
    var input = seeds[self.next(below: seeds.count)]
    for _ in 0..<(1 + self.next(below: 6)) { self.mutate(&input, seeds) }
    // Where something grows faster than the input, it shows in long ones.
    if self.next(below: 2) == 0 { self.pump(&input) }
    return Array(input.prefix(Self.limit))
  }

  private mutating func mutate(_ input: inout [UInt8], _ seeds: [[UInt8]]) {
    let place = self.next(below: input.count + 1)
    switch self.next(below: 5) {
    case 0: if place < input.count { input[place] = UInt8(truncatingIfNeeded: self.next(below: 256)) }
    case 1: input.insert(Self.bytes[self.next(below: Self.bytes.count)], at: place)
    case 2: if place < input.count { input.remove(at: place) }
    case 3: input.insert(contentsOf: seeds[self.next(below: seeds.count)], at: place)
    default: input.removeSubrange(place..<min(input.count, place + self.next(below: 8)))
    }
  }

  /// Repeats a piece until the input is as long as it may be.
  private mutating func pump(_ input: inout [UInt8]) {
    guard !input.isEmpty else { return }
    let start = self.next(below: input.count)
    let end = start + 1 + self.next(below: min(24, input.count - start))
    let piece = Array(input[start..<min(end, input.count)])
    guard !piece.isEmpty, input.count < Self.limit else { return }
    let copies = (Self.limit - input.count) / piece.count
    input.insert(contentsOf: [[UInt8]](repeating: piece, count: copies).joined(), at: start)
  }
}
