// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// DATA (RFC 9113, section 6.1): both windows are charged for the whole frame before any of it comes.
  mutating func beginData(_ header: FrameHeader) -> HTTP2Event? {
    guard header.stream != 0 else { return self.fail(.protocolError, "DATA on stream 0") }
    if self.isIdle(header.stream) { return self.fail(.protocolError, "DATA on an idle stream") }
    let isPadded = header.flags.contains(.padded)
    if isPadded, header.length == 0 { return self.fail(.frameSizeError, "padding without a length") }
    guard self.receiving.receive(header.length) else { return self.fail(.flowControlError, "connectionWindowBytes") }
    var progress = DataProgress(
      slot: nil, id: header.stream, remaining: header.length, endStream: header.flags.contains(.endStream),
      isPadded: isPadded)
    let slot = self.streams.slot(of: header.stream)
    let failure = self.judgeData(header, slot)
    switch failure {
    case .taken: progress.slot = slot
    case .dropped: break
    case .event(let event):
      if case .closed = event { return event }
      self.phase = .data(progress)
      return event
    }
    self.phase = .data(progress)
    return nil
  }

  private enum DataJudgement {
    case taken, dropped
    case event(HTTP2Event)
  }

  /// Whether the stream takes DATA (RFC 9113, section 5.1).
  private mutating func judgeData(_ header: FrameHeader, _ slot: Int?) -> DataJudgement {
    guard let slot else { return self.judgeDataOfClosed(header.stream) }
    let flags = self.streams[slot].flags
    if flags.contains(.isReset) {
      if flags.contains(.isResetByUs) || flags.contains(.isUnprocessed) { return .dropped }
      return self.failedStream(header.stream, slot, .streamClosed)
    }
    if self.streams[slot].isEnded { return .event(self.fail(.streamClosed, "DATA on a closed stream")) }
    if flags.contains(.remoteEnded) { return self.failedStream(header.stream, slot, .streamClosed) }
    guard flags.contains(.headReceived) else { return self.failedStream(header.stream, slot, .protocolError) }
    guard self.streams[slot].receiving.receive(header.length) else {
      return self.failedStream(header.stream, slot, .flowControlError)
    }
    return .taken
  }

  private mutating func judgeDataOfClosed(_ id: UInt32) -> DataJudgement {
    switch self.closed.ending(of: id) {
    case .resetByUs: return .dropped
    case .ended: return .event(self.fail(.streamClosed, "DATA on a closed stream"))
    case .resetByPeer: return self.failedStream(id, nil, .streamClosed)
    case nil:
      return self.wasLeftAlone(id) ? .dropped : self.failedStream(id, nil, .streamClosed)
    }
  }

  /// Whether frames may still come for a closed stream that is not remembered: one of ours, cancelled long ago,
  /// or one that our GOAWAY left out.
  func wasLeftAlone(_ id: UInt32) -> Bool {
    self.role == .client || (self.hasStoppedAccepting && id > self.highestTaken)
  }

  private mutating func failedStream(_ id: UInt32, _ slot: Int?, _ code: HTTP2ErrorCode) -> DataJudgement {
    self.failStream(id, slot, code).map { .event($0) } ?? .dropped
  }

  /// Reads on in a DATA frame. nil: the frame is whole.
  mutating func readData(_ state: DataProgress, _ input: Span<UInt8>, from offset: inout Int) -> HTTP2Event? {
    var progress = state
    if progress.isPadded {
      guard offset < input.count else { return .needMoreData }
      progress.padding = Int(input[offset])
      progress.isPadded = false
      offset &+= 1
      progress.remaining &-= 1
      guard progress.padding <= progress.remaining else {
        return self.fail(.protocolError, "padding longer than its frame")
      }
      self.phase = .data(progress)
      if let event = self.drop(1 &+ progress.padding, of: progress, cost: 1 &+ progress.padding) { return event }
    }
    if !progress.isChecked {
      progress.isChecked = true
      self.phase = .data(progress)
      if let event = self.checkContent(progress) { return event }
    }
    if progress.content > 0 {
      guard offset < input.count else { return .needMoreData }
      return self.readContent(&progress, input, from: &offset)
    }
    let skipped = min(progress.remaining, max(0, input.count &- offset))
    offset &+= skipped
    progress.remaining &-= skipped
    progress.padding &-= skipped
    self.phase = progress.remaining == 0 ? .frameHeader : .data(progress)
    return progress.remaining == 0 ? nil : .needMoreData
  }

  /// Compares the frame's content with `content-length` once its length is known, so that the answer does not depend
  /// on how it was cut; and lets a frame without any end its stream.
  private mutating func checkContent(_ progress: DataProgress) -> HTTP2Event? {
    let content = progress.content
    if content == 0, !progress.endStream {
      guard self.budgets.emptyFrames.take(now: self.now) else { return self.calmDown("emptyFrames") }
    }
    guard let slot = self.live(progress) else {
      guard self.budgets.controlFrames.take(now: self.now) else { return self.calmDown("controlFrames") }
      return nil
    }
    guard self.streams[slot].takes(content, isEnd: progress.endStream) else {
      return self.failStream(progress.id, slot, .protocolError)
    }
    self.streams[slot].receivedLength &+= UInt64(content)
    guard content == 0, progress.endStream else { return nil }
    self.streams[slot].flags.insert(.remoteEnded)
    return .endStream(slot: slot)
  }

  private mutating func readContent(
    _ progress: inout DataProgress, _ input: Span<UInt8>, from offset: inout Int
  ) -> HTTP2Event? {
    let start = offset
    let count = min(progress.content, input.count &- offset)
    offset &+= count
    progress.remaining &-= count
    self.phase = progress.remaining == 0 ? .frameHeader : .data(progress)
    guard let slot = self.live(progress) else {
      return self.drop(count, of: progress, cost: count / Budgets.overheadPerUsefulByte)
    }
    self.budgets.noteUseful(count)
    let isEnd = progress.endStream && progress.content == 0
    if isEnd { self.streams[slot].flags.insert(.remoteEnded) }
    return .data(slot: slot, start..<offset, endStream: isEnd)
  }

  /// The stream of a frame, if it still wants what comes.
  private func live(_ progress: DataProgress) -> Int? {
    guard let slot = progress.slot, self.streams[slot].id == progress.id, self.streams[slot].isReceiving else {
      return nil
    }
    return slot
  }

  /// Credits bytes that nobody will use: padding, and content of streams that have ended.
  private mutating func drop(_ count: Int, of progress: DataProgress, cost: Int) -> HTTP2Event? {
    guard self.budgets.overheadBytes.take(cost, now: self.now) else { return self.calmDown("overheadBytes") }
    if let slot = progress.slot, self.streams[slot].id == progress.id {
      self.credit(slot, count)
    } else {
      self.creditConnection(count)
    }
    return nil
  }
}
