// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// Reads on in `input` from `offset`, which it moves. Call it again until it says `needMoreData`: then all of `input`
  /// is used and can go. Never goes beyond one event, so what an event points to is still there.
  public mutating func next(_ input: Span<UInt8>, from offset: inout Int, now: UInt64) -> HTTP2Event {
    self.now = max(self.now, now)
    if self.sweep != nil, let event = self.nextUnprocessed() { return event }
    while true {
      switch self.phase {
      case .closed:
        offset = input.count
        return .needMoreData
      case .preface(let matched):
        if let event = self.readPreface(input, from: &offset, matched: matched) { return event }
      case .frameHeader:
        guard let header = self.readFrameHeader(input, from: &offset) else { return .needMoreData }
        if let event = self.begin(header) { return event }
      case .payload(let header):
        if let event = self.readPayload(header, input, from: &offset) { return event }
      case .data(let progress):
        if let event = self.readData(progress, input, from: &offset) { return event }
      case .skip(let count):
        let skipped = min(count, max(0, input.count &- offset))
        offset &+= skipped
        self.phase = skipped == count ? .frameHeader : .skip(count &- skipped)
        if skipped < count { return .needMoreData }
      }
    }
  }

  private mutating func readFrameHeader(_ input: Span<UInt8>, from offset: inout Int) -> FrameHeader? {
    if self.partial.isEmpty, let header = FrameHeader(input, at: offset) {
      offset &+= FrameHeader.size
      return header
    }
    guard self.gather(FrameHeader.size, input, from: &offset) else { return nil }
    let header = FrameHeader(self.partial.span, at: 0)
    self.partial.clear()
    return header
  }

  /// Moves bytes from the input to `partial` until there are `count` of them.
  private mutating func gather(_ count: Int, _ input: Span<UInt8>, from offset: inout Int) -> Bool {
    let taken = min(count &- self.partial.count, input.count &- offset)
    if taken > 0 {
      self.partial.append(input.extracting(offset..<offset &+ taken))
      offset &+= taken
    }
    return self.partial.count >= count
  }

  /// Looks at a payload where it is, if all of it is there; else gathers it first.
  private mutating func readPayload(
    _ header: FrameHeader, _ input: Span<UInt8>, from offset: inout Int
  ) -> HTTP2Event? {
    if self.partial.isEmpty, input.count &- offset >= header.length {
      let start = offset
      offset &+= header.length
      self.phase = .frameHeader
      return self.take(header, input.extracting(start..<offset))
    }
    guard self.gather(header.length, input, from: &offset) else { return .needMoreData }
    self.phase = .frameHeader
    var payload = ByteBuffer()
    swap(&payload, &self.partial)
    let event = self.take(header, payload.span)
    payload.clear()
    swap(&payload, &self.partial)
    return event
  }

  private mutating func take(_ header: FrameHeader, _ payload: Span<UInt8>) -> HTTP2Event? {
    switch header.kind {
    case .headers: return self.takeHeaders(header, payload)
    case .continuation: return self.takeContinuation(header, payload)
    case .priority: return self.takePriority(header, payload)
    case .resetStream: return self.takeReset(header, HTTP2ErrorCode(rawValue: payload.bigEndian32(at: 0)))
    case .settings: return self.takeSettings(payload)
    case .ping: return self.takePing(header, payload)
    case .goAway: return self.takeGoAway(payload)
    case .windowUpdate: return self.takeWindowUpdate(header, payload.bigEndian32(at: 0))
    default: return nil
    }
  }
}
