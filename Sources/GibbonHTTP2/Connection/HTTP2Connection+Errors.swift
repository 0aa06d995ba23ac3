// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// Ends the connection (RFC 9113, section 5.4.1): GOAWAY is queued.
  mutating func fail(_ code: HTTP2ErrorCode, _ reason: StaticString) -> HTTP2Event {
    self.failure = HTTP2Failure(code: code, reason: reason)
    self.phase = .closed
    self.block = nil
    self.sweep = nil
    self.partial = ByteBuffer()
    self.blockBytes = ByteBuffer()
    self.output.appendGoAway(lastStream: self.highestTaken, code)
    self.queuedFrames &+= 1
    return .closed(code)
  }

  /// A budget is used up.
  mutating func calmDown(_ reason: StaticString) -> HTTP2Event { self.fail(.enhanceYourCalm, reason) }

  /// Ends a stream for what the peer did (RFC 9113, section 5.4.2). Costs of the budget of our own resets, for a peer
  /// that provokes them makes us work like one that resets (row 15), also after GOAWAY.
  mutating func failStream(_ id: UInt32, _ slot: Int?, _ code: HTTP2ErrorCode) -> HTTP2Event? {
    guard self.budgets.ownResets.take(now: self.now) else { return self.calmDown("ownResets") }
    self.output.appendReset(id, code)
    if let event = self.queued() { return event }
    guard let slot, self.streams[slot].id == id else {
      self.closed.append(id, .resetByUs)
      return nil
    }
    let wasReset = self.streams[slot].flags.contains(.isReset)
    self.streams[slot].flags.formUnion([.isReset, .isResetByUs])
    return wasReset ? nil : .reset(slot: slot, code)
  }

  /// Counts a frame of our own that the peer's bytes caused.
  mutating func queued() -> HTTP2Event? {
    self.queuedFrames &+= 1
    return self.queuedFrames > self.limits.queuedFrames ? self.calmDown("queuedFrames") : nil
  }
}
