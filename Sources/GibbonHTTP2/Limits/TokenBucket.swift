// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is left of an `HTTP2Budget`. Time comes from outside, in milliseconds.
struct TokenBucket: Sendable {
  /// Thousandths, so that one token a minute is still something.
  private var thousandths: Int
  private let capacity: Int
  private let perMillisecond: Int
  private var filledAt: UInt64

  init(_ budget: HTTP2Budget, now: UInt64) {
    // Held below where a product of two could leave 64 bits.
    self.capacity = min(max(budget.burst, 0), Self.most) &* 1000
    self.perMillisecond = min(max(budget.perSecond, 0), Self.most)
    self.thousandths = self.capacity
    self.filledAt = now
  }

  private static var most: Int { 1 << 40 }

  /// Takes tokens. False when there are not as many; then none are taken.
  mutating func take(_ count: Int = 1, now: UInt64) -> Bool {
    if now > self.filledAt {
      let passed = Int(min(now &- self.filledAt, 1 << 20))
      self.add(thousandths: self.perMillisecond &* passed)
      self.filledAt = now
    }
    let price = count &* 1000
    guard self.thousandths >= price else { return false }
    self.thousandths &-= price
    return true
  }

  /// Gives tokens back, up to the burst.
  mutating func add(_ count: Int) {
    self.add(thousandths: min(max(count, 0), Self.most) &* 1000)
  }

  private mutating func add(thousandths: Int) {
    self.thousandths = min(self.capacity, self.thousandths &+ thousandths)
  }
}
