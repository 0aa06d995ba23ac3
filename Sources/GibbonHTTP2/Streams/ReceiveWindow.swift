// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What the peer may still send us on a stream or a connection, and what of it has been used (RFC 9113, section 6.9).
///
/// Credit is given for what was consumed and nothing else (row 22), in parts of half a window, so that a body costs few
/// WINDOW_UPDATE frames.
struct ReceiveWindow: Sendable {
  /// How much may be under way or unread.
  private(set) var size: Int
  /// What the peer may still send.
  private(set) var credit: Int
  /// Received and neither consumed nor discarded.
  private(set) var unread = 0
  /// Consumed since the last update.
  private(set) var due = 0
  /// Consumed since `measuredFrom`.
  private var consumedLately = 0
  private var measuredFrom: UInt64

  init(size: Int, now: UInt64) {
    self.size = size
    self.credit = size
    self.measuredFrom = now
  }

  /// Takes the payload of a frame in. False if the peer had no right to send it.
  mutating func receive(_ count: Int) -> Bool {
    guard count <= self.credit else { return false }
    self.credit &-= count
    self.unread &+= count
    return true
  }

  /// Credits bytes that were used. The increment to announce, or zero while too little is due.
  mutating func consume(_ count: Int) -> Int {
    let used = min(max(count, 0), self.unread)
    self.unread &-= used
    self.due &+= used
    self.consumedLately &+= used
    guard self.due > 0, self.due &* 2 >= self.size else { return 0 }
    let increment = self.due
    self.credit &+= increment
    self.due = 0
    return increment
  }

  /// Doubles the window if a whole one was used within `milliseconds`. What to announce besides.
  mutating func grow(to most: Int, within milliseconds: UInt64, now: UInt64) -> Int {
    guard self.consumedLately >= self.size else { return 0 }
    let isFast = now &- self.measuredFrom <= milliseconds
    self.consumedLately = 0
    self.measuredFrom = now
    let larger = min(self.size &* 2, most)
    guard isFast, larger > self.size else { return 0 }
    let increment = larger &- self.size
    self.size = larger
    self.credit &+= increment
    return increment
  }
}
