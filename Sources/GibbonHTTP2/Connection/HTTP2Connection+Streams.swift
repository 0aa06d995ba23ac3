// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension HTTP2Connection {
  /// The work for a stream has ended: its slot is free, and what it had unread is credited to the connection. One that
  /// has not ended is reset: with NO_ERROR after a whole response (RFC 9113, section 8.1), else with CANCEL.
  public mutating func release(_ slot: Int) {
    guard self.streams.isOpen(slot) else { return }
    let stream = self.streams[slot]
    var ending = ClosedStreams.Ending.ended
    if stream.flags.contains(.isReset) {
      ending = stream.flags.contains(.isResetByUs) || stream.id & 1 == 0 ? .resetByUs : .resetByPeer
    } else if !stream.isEnded {
      let isAnswered = self.role == .server && stream.flags.contains(.localEnded)
      if self.phase != .closed { self.output.appendReset(stream.id, isAnswered ? .noError : .cancel) }
      ending = .resetByUs
    }
    // What has not come of a frame is credited as it is dropped.
    var unread = stream.receiving.unread
    if case .data(let progress) = self.phase, progress.slot == slot { unread &-= progress.content }
    self.creditConnection(unread)
    self.closed.append(stream.id, ending)
    self.streams.close(slot)
  }

  /// Resets a stream (RFC 9113, section 6.4). `release` is still due.
  public mutating func reset(_ slot: Int, _ code: HTTP2ErrorCode, to output: inout ByteBuffer) {
    guard self.streams.isOpen(slot), !self.streams[slot].flags.contains(.isReset) else { return }
    self.streams[slot].flags.formUnion([.isReset, .isResetByUs])
    self.takeOutput(into: &output)
    if self.phase != .closed { output.appendReset(self.streams[slot].id, code) }
  }
}
