// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How long to wait between tries to connect: from 50 ms to 10 s, doubled each time, with a random part so that many
/// clients do not come at once.
struct Backoff: Sendable {
  static let first = 50
  static let longest = 10_000

  private var milliseconds = Self.first

  mutating func reset() { self = Backoff() }

  /// Between half of the step and all of it.
  mutating func next() -> Int {
    let step = self.milliseconds
    self.milliseconds = min(step * 2, Self.longest)
    return Int.random(in: (step / 2)...step)
  }
}
