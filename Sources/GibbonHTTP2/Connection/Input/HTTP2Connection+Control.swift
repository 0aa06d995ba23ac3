// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// Priorities are ignored wholly (row 3; RFC 9113, section 5.3.2), but for a stream that depends on itself, which
  /// RFC 7540, section 5.3.1, made an error.
  mutating func takePriority(_ header: FrameHeader, _ payload: Span<UInt8>) -> HTTP2Event? {
    guard payload.bigEndian32(at: 0) & FrameHeader.streamMask != header.stream else {
      return self.fail(.protocolError, "a stream that depends on itself")
    }
    return nil
  }

  /// RST_STREAM. The stream counts as open until its work has ended (row 12).
  mutating func takeReset(_ header: FrameHeader, _ code: HTTP2ErrorCode) -> HTTP2Event? {
    let slot = self.streams.slot(of: header.stream).flatMap { self.streams[$0].flags.contains(.isReset) ? nil : $0 }
    // A server that resets what we opened makes us no work.
    if self.role == .server || slot == nil {
      guard self.budgets.peerResets.take(now: self.now) else { return self.calmDown("peerResets") }
    }
    guard let slot else { return nil }
    self.streams[slot].flags.insert(.isReset)
    if self.role == .client, code == .refusedStream { return .unprocessed(slot: slot) }
    return .reset(slot: slot, code)
  }

  mutating func takePing(_ header: FrameHeader, _ payload: Span<UInt8>) -> HTTP2Event? {
    let value = UInt64(payload.bigEndian32(at: 0)) &<< 32 | UInt64(payload.bigEndian32(at: 4))
    if header.flags.contains(.acknowledgement) { return .pingAnswered(value) }
    self.output.appendPing(value, flags: .acknowledgement)
    return self.queued()
  }

  mutating func takeGoAway(_ payload: Span<UInt8>) -> HTTP2Event? {
    let last = payload.bigEndian32(at: 0) & FrameHeader.streamMask
    if let earlier = self.peerLastStream, last > earlier {
      return self.fail(.protocolError, "GOAWAY that takes streams back up")
    }
    self.peerLastStream = last
    if self.role == .client {
      for slot in self.streams.slots where self.streams[slot].id > last && !self.streams[slot].flags.contains(.isReset)
      {
        self.streams[slot].flags.formUnion([.isReset, .isUnprocessed])
        self.sweep = 0
      }
    }
    return .goAway(lastStream: last, HTTP2ErrorCode(rawValue: payload.bigEndian32(at: 4)))
  }

  /// The next stream that the peer's GOAWAY left out.
  mutating func nextUnprocessed() -> HTTP2Event? {
    var slot = self.sweep ?? 0
    while slot < self.streams.slots.upperBound {
      if self.streams[slot].flags.contains(.isUnprocessed) {
        self.streams[slot].flags.remove(.isUnprocessed)
        self.sweep = slot &+ 1
        return .unprocessed(slot: slot)
      }
      slot &+= 1
    }
    self.sweep = nil
    return nil
  }

  mutating func takeWindowUpdate(_ header: FrameHeader, _ value: UInt32) -> HTTP2Event? {
    guard self.budgets.overheadBytes.take(4, now: self.now) else { return self.calmDown("overheadBytes") }
    let increment = Int64(value & FrameHeader.streamMask)
    if header.stream == 0 {
      guard increment > 0 else { return self.fail(.protocolError, "WINDOW_UPDATE of nothing") }
      self.connectionSendWindow &+= increment
      guard self.connectionSendWindow <= Int64(Int32.max) else {
        return self.fail(.flowControlError, "a window too large")
      }
      guard self.isSendBlocked else { return nil }
      self.isSendBlocked = false
      return .connectionWindowOpened
    }
    guard let slot = self.streams.slot(of: header.stream), !self.streams[slot].flags.contains(.isReset) else {
      return nil
    }
    // Row 15: this is one of the frames that make an end reset its own stream.
    guard increment > 0 else { return self.failStream(header.stream, slot, .protocolError) }
    let offset = self.streams[slot].sendOffset &+ increment
    guard self.peer.initialWindow &+ offset <= Int64(Int32.max) else {
      return self.failStream(header.stream, slot, .flowControlError)
    }
    self.streams[slot].sendOffset = offset
    self.largestSendOffset = max(self.largestSendOffset, offset)
    guard self.streams[slot].flags.contains(.isBlocked), self.peer.initialWindow &+ offset > 0 else { return nil }
    self.streams[slot].flags.remove(.isBlocked)
    return .windowOpened(slot: slot)
  }
}
