// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// HEADERS (RFC 9113, section 6.2): what it is for is settled by its header.
  mutating func beginHeaders(_ header: FrameHeader) -> HTTP2Event? {
    let id = header.stream
    guard id != 0 else { return self.fail(.protocolError, "HEADERS on stream 0") }
    let isClients = id & 1 == 1
    guard isClients else { return self.fail(.protocolError, "HEADERS on a stream of a server") }
    let purpose: BlockProgress.Purpose
    if let slot = self.streams.slot(of: id) {
      let stream = self.streams[slot]
      if stream.flags.contains(.isReset) {
        let isLate = stream.flags.contains(.isResetByUs) || self.role == .client
        purpose = isLate ? .dropped : .failure(slot: slot, .streamClosed)
      } else if stream.isEnded {
        return self.fail(.streamClosed, "HEADERS on a closed stream")
      } else {
        purpose = stream.isReceiving ? .message(slot: slot) : .failure(slot: slot, .streamClosed)
      }
    } else if self.role == .server, id > self.highestRemote {
      purpose = self.purposeOfNewStream(id)
    } else if self.isIdle(id) {
      return self.fail(.protocolError, "HEADERS on an idle stream")
    } else {
      switch self.closed.ending(of: id) {
      case .resetByUs: purpose = .dropped
      case .resetByPeer: purpose = self.role == .client ? .dropped : .failure(slot: nil, .streamClosed)
      case .ended: return self.fail(.streamClosed, "HEADERS on a closed stream")
      case nil:
        guard self.wasLeftAlone(id) else { return self.fail(.protocolError, "streams out of order") }
        purpose = .dropped
      }
    }
    self.block = BlockProgress(stream: id, purpose: purpose, endStream: header.flags.contains(.endStream))
    self.phase = .payload(header)
    return nil
  }

  private mutating func purposeOfNewStream(_ id: UInt32) -> BlockProgress.Purpose {
    self.highestRemote = id
    // Streams beyond the last that GOAWAY named are ignored.
    if self.hasStoppedAccepting { return .dropped }
    if self.streams.count >= self.limits.concurrentStreams { return .failure(slot: nil, .refusedStream) }
    self.highestTaken = id
    return .newStream
  }

  mutating func beginContinuation(_ header: FrameHeader) -> HTTP2Event? {
    guard self.block != nil else { return self.fail(.protocolError, "CONTINUATION without HEADERS") }
    self.block?.continuations &+= 1
    guard let block = self.block, block.continuations <= self.limits.continuationFrames else {
      return self.calmDown("continuationFrames")
    }
    if header.length == 0 {
      guard self.budgets.emptyFrames.take(now: self.now) else { return self.calmDown("emptyFrames") }
    }
    self.phase = .payload(header)
    return nil
  }

  mutating func takeHeaders(_ header: FrameHeader, _ payload: Span<UInt8>) -> HTTP2Event? {
    var (start, end) = (0, payload.count)
    if header.flags.contains(.padded) {
      guard end > 0 else { return self.fail(.frameSizeError, "padding without a length") }
      start = 1
      end &-= Int(payload[0])
    }
    if header.flags.contains(.priority) {
      guard payload.count &- start >= 5 else { return self.fail(.frameSizeError, "priority without its bytes") }
      guard payload.bigEndian32(at: start) & FrameHeader.streamMask != header.stream else {
        return self.fail(.protocolError, "a stream that depends on itself")
      }
      start &+= 5
    }
    guard start <= end else { return self.fail(.protocolError, "padding longer than its frame") }
    return self.takeFragment(header, payload.extracting(start..<end))
  }

  mutating func takeContinuation(_ header: FrameHeader, _ payload: Span<UInt8>) -> HTTP2Event? {
    self.takeFragment(header, payload)
  }

  /// A part of a header block; the only one is decoded where it is.
  private mutating func takeFragment(_ header: FrameHeader, _ fragment: Span<UInt8>) -> HTTP2Event? {
    guard self.blockBytes.count &+ fragment.count <= self.limits.headerBlockBytes else {
      return self.calmDown("headerBlockBytes")
    }
    let isLast = header.flags.contains(.endHeaders)
    if isLast, self.blockBytes.isEmpty { return self.endBlock(fragment) }
    self.blockBytes.append(fragment)
    guard isLast else { return nil }
    var whole = ByteBuffer()
    swap(&whole, &self.blockBytes)
    let event = self.endBlock(whole.span)
    whole.clear()
    swap(&whole, &self.blockBytes)
    return event
  }

  private mutating func noteUsefulHead(_ block: BlockProgress, _ count: Int) {
    switch block.purpose {
    case .newStream, .message: self.budgets.noteUseful(count)
    case .dropped, .failure: break
    }
  }

  private mutating func endBlock(_ bytes: Span<UInt8>) -> HTTP2Event? {
    guard let block = self.block else { return nil }
    self.block = nil
    let section: DecodedSection
    do throws(HPACKError) {
      section = try self.decode(bytes)
    } catch {
      if error == .excessive { return self.calmDown("listBytes") }
      return self.fail(.compressionError, "a header block that cannot be decoded")
    }
    // What cannot be used does not earn its sender anything.
    if !section.isTooLarge, !section.isMalformed { self.noteUsefulHead(block, bytes.count) }
    switch block.purpose {
    case .dropped:
      guard self.budgets.controlFrames.take(now: self.now) else { return self.calmDown("controlFrames") }
      return nil
    case .failure(let slot, let code): return self.failStream(block.stream, slot, code)
    case .newStream: return self.takeRequest(block, section)
    case .message(let slot):
      // The caller may have reset the stream since the block began.
      guard self.streams[slot].id == block.stream, self.streams[slot].isReceiving else { return nil }
      if self.role == .client, !self.streams[slot].flags.contains(.headReceived) {
        return self.takeResponse(block, slot, section)
      }
      return self.takeTrailers(block, slot, section)
    }
  }
}
