// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// Weighted turns that several threads take from one counter, so that the shares are exact over all of them.
///
/// A round has as many turns as the weights' sum, divided by their greatest common divisor. Turn `t` takes place
/// `t × step mod round`, with a step near the golden ratio of the round and coprime to it: every place is taken once
/// a round, and the turns of each entry are spread evenly. This costs one addition and a search, and no memory for
/// the round.
final class WeightedTurns: Sendable {
  /// The sums of the weights up to each entry, this one included, divided by the weights' common divisor.
  private let bounds: [UInt64]
  private let round: UInt64
  private let step: UInt64
  private let isEven: Bool
  private let counter: Atomic<UInt64>

  init(_ weights: [Int], seed: UInt64) {
    let divisor = weights.reduce(0) { Self.commonDivisor($0, UInt64($1)) }
    var sum: UInt64 = 0
    var bounds: [UInt64] = []
    bounds.reserveCapacity(weights.count)
    for weight in weights {
      sum += divisor == 0 ? 0 : UInt64(weight) / divisor
      bounds.append(sum)
    }
    self.bounds = bounds
    self.round = sum
    self.isEven = sum == UInt64(weights.count) && !weights.contains(0)
    self.step = Self.step(of: sum)
    self.counter = Atomic(sum == 0 ? seed : seed % sum)
  }

  private static func commonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }

  private static func step(of round: UInt64) -> UInt64 {
    var step = max(1, UInt64(Double(round) * 0.618_033_988_749_894_9))
    while step < round, Self.commonDivisor(round, step) != 1 { step += 1 }
    return step < round ? step : 1
  }

  /// The counter, which goes on by one.
  func advance() -> UInt64 { self.counter.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// Turns taken in search of an acceptable entry, before all entries are looked at one after the other.
  private static let searchLimit = 32

  /// The entry whose turn it is, of those that are acceptable.
  func next(where isAcceptable: (Int) -> Bool) -> Int? {
    guard self.round > 0 else { return nil }
    var turn: UInt64 = 0
    for _ in 0..<Self.searchLimit {
      turn = self.advance()
      let index = self.entry(of: turn)
      if isAcceptable(index) { return index }
    }
    let start = Int(turn % UInt64(self.bounds.count))
    for offset in self.bounds.indices {
      let index = (start + offset) % self.bounds.count
      if self.weight(of: index) > 0, isAcceptable(index) { return index }
    }
    return nil
  }

  private func weight(of index: Int) -> UInt64 { self.bounds[index] - (index == 0 ? 0 : self.bounds[index - 1]) }

  private func entry(of turn: UInt64) -> Int {
    let product = (turn % self.round).multipliedFullWidth(by: self.step)
    let place = self.round.dividingFullWidth(product).remainder
    if self.isEven { return Int(place) }
    var low = 0
    var high = self.bounds.count - 1
    while low < high {
      let middle = (low + high) / 2
      if self.bounds[middle] > place { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
