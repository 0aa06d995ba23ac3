// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How long a loop's turns took: from the moment it wakes up until it waits again. Everybody else on the loop waits for
/// a turn to end.
public struct TurnTimes: Sendable, Hashable {
  /// Upper bounds of the classes but the last, in milliseconds.
  public static let bounds = [1, 5, 20, 100, 500]

  /// Turns of each class, from the shortest to those beyond all bounds.
  public var counts: [UInt64]
  /// Of all turns together.
  public var microseconds: UInt64

  public init() {
    self.counts = Array(repeating: 0, count: Self.bounds.count + 1)
    self.microseconds = 0
  }

  init(counts: [UInt64], microseconds: UInt64) {
    self.counts = counts
    self.microseconds = microseconds
  }

  public mutating func add(_ other: TurnTimes) {
    for index in self.counts.indices where index < other.counts.count { self.counts[index] &+= other.counts[index] }
    self.microseconds &+= other.microseconds
  }
}

/// Counts turns as they end. Nearly all are short: those cost two additions.
struct TurnCounter {
  private var short: UInt64 = 0
  private var longer: [UInt64] = Array(repeating: 0, count: TurnTimes.bounds.count)
  private var microseconds: UInt64 = 0

  /// Whether the turn was one of a class beyond the first.
  mutating func count(_ spent: UInt64) {
    self.microseconds &+= spent
    guard spent >= 1000 else { return self.short &+= 1 }
    let milliseconds = spent / 1000
    let place = TurnTimes.bounds.dropFirst().firstIndex { milliseconds < UInt64($0) } ?? TurnTimes.bounds.count
    self.longer[place - 1] &+= 1
  }

  var times: TurnTimes { TurnTimes(counts: [self.short] + self.longer, microseconds: self.microseconds) }
}
