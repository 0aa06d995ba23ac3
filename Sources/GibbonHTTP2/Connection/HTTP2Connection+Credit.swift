// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension HTTP2Connection {
  /// Says that so many bytes of `data` events were used: passed on, or thrown away. The peer may send as many more
  /// (row 22); WINDOW_UPDATE is in the output once half a window is due.
  public mutating func consumed(_ slot: Int, _ count: Int, now: UInt64) {
    guard self.streams.isOpen(slot), count > 0 else { return }
    self.now = max(self.now, now)
    self.credit(slot, count)
  }

  mutating func credit(_ slot: Int, _ count: Int) {
    let known = min(count, self.streams[slot].receiving.unread)
    self.creditConnection(known)
    var increment = self.streams[slot].receiving.consume(known)
    // A stream that has ended gets no more, and a small one no larger window.
    guard self.streams[slot].isReceiving else { return }
    let most = min(self.limits.largestStreamWindowBytes, self.receiving.size)
    increment &+= self.streams[slot].receiving.grow(
      to: most, within: self.limits.windowGrowthMilliseconds, now: self.now)
    guard increment > 0, self.phase != .closed else { return }
    self.output.appendWindowUpdate(self.streams[slot].id, increment)
  }

  mutating func creditConnection(_ count: Int) {
    let increment = self.receiving.consume(count)
    guard increment > 0, self.phase != .closed else { return }
    self.output.appendWindowUpdate(0, increment)
  }
}
