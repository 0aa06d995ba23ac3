// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension HTTP2Connection {
  /// Server: writes a response's head, or an interim one (then `endStream` is false, and others may follow).
  /// `fieldLines` are lines of HTTP/1 without a start line. Nothing on a stream that is reset or ended.
  public mutating func writeResponseHead(
    _ slot: Int, status: UInt16, fieldLines: Span<UInt8>, endStream: Bool, to output: inout ByteBuffer
  ) {
    guard self.isSending(slot), !self.streams[slot].flags.contains(.headSent) else { return }
    self.scratch.clear()
    self.encoder.beginBlock(to: &self.scratch)
    self.encoder.append(status: status, to: &self.scratch)
    self.encoder.appendFieldLines(fieldLines, to: &self.scratch)
    if status >= 200 { self.streams[slot].flags.insert(.headSent) }
    if endStream { self.streams[slot].flags.insert(.localEnded) }
    self.flushBlock(self.streams[slot].id, endStream: endStream, to: &output)
  }

  /// Writes trailers, which end the message. Nothing on a stream that is reset or ended.
  public mutating func writeTrailers(_ slot: Int, fieldLines: Span<UInt8>, to output: inout ByteBuffer) {
    guard self.isSending(slot) else { return }
    self.scratch.clear()
    self.encoder.beginBlock(to: &self.scratch)
    self.encoder.appendFieldLines(fieldLines, to: &self.scratch)
    self.streams[slot].flags.insert(.localEnded)
    self.flushBlock(self.streams[slot].id, endStream: true, to: &output)
  }

  /// The block in `scratch` as frames.
  mutating func flushBlock(_ id: UInt32, endStream: Bool, to output: inout ByteBuffer) {
    self.takeOutput(into: &output)
    output.appendHeaders(
      self.scratch.span, stream: id, endStream: endStream, frameBytes: min(self.peer.frameBytes, 16_384))
  }

  /// Writes the part of `bytes` that the peer's windows allow, from the start, and says how long it is. The stream ends
  /// with it if `endStream` is true and all of it went; an end without bytes always goes. What did not go is offered
  /// again after `windowOpened`, `connectionWindowOpened` or `settingsChanged`. 0 on a stream that is reset or ended.
  public mutating func writeData(
    _ slot: Int, _ bytes: Span<UInt8>, endStream: Bool, to output: inout ByteBuffer
  ) -> Int {
    guard self.isSending(slot), self.phase != .closed else { return 0 }
    self.takeOutput(into: &output)
    let ofStream = self.peer.initialWindow &+ self.streams[slot].sendOffset
    let count = min(bytes.count, Int(max(0, min(ofStream, self.connectionSendWindow))))
    let isEnd = endStream && count == bytes.count
    if count < bytes.count {
      if ofStream <= count { self.streams[slot].flags.insert(.isBlocked) }
      if self.connectionSendWindow <= count { self.isSendBlocked = true }
    }
    guard count > 0 || isEnd else { return 0 }
    let most = max(1, min(self.peer.frameBytes, self.limits.outgoingFrameBytes))
    var sent = 0
    repeat {
      let piece = min(count &- sent, most)
      let flags: FrameFlags = isEnd && sent &+ piece == count ? .endStream : []
      output.append(FrameHeader(length: piece, kind: .data, flags: flags, stream: self.streams[slot].id))
      output.append(bytes.extracting(sent..<sent &+ piece))
      sent &+= piece
    } while sent < count
    self.streams[slot].sendOffset &-= Int64(count)
    self.connectionSendWindow &-= Int64(count)
    self.budgets.noteUseful(count)
    if isEnd { self.streams[slot].flags.insert(.localEnded) }
    return count
  }

  /// Bytes of content that the peer's windows allow on a stream now.
  public func sendWindow(_ slot: Int) -> Int {
    guard self.isSending(slot) else { return 0 }
    return Int(max(0, min(self.peer.initialWindow &+ self.streams[slot].sendOffset, self.connectionSendWindow)))
  }
}
