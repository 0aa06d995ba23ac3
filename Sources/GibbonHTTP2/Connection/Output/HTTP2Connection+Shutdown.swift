// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

extension HTTP2Connection {
  /// First step of a drain: tells the client that the end is near, while what it has under way is still taken
  /// (RFC 9113, section 6.8). `stopAccepting` follows after a round trip: say, when a `ping` is answered.
  public mutating func announceShutdown() {
    guard self.phase != .closed, !self.hasStoppedAccepting else { return }
    self.output.appendGoAway(lastStream: FrameHeader.streamMask, .noError)
  }

  /// Second step: the last stream is named, and no other is taken. Those that are open go on to their end.
  public mutating func stopAccepting(_ code: HTTP2ErrorCode = .noError) {
    guard self.phase != .closed, !self.hasStoppedAccepting else { return }
    self.hasStoppedAccepting = true
    self.output.appendGoAway(lastStream: self.highestTaken, code)
  }

  /// Ends the connection at once, for a reason of the caller's: a deadline, or a socket that has no room. What the peer
  /// sends from now on is dropped.
  public mutating func abort(_ code: HTTP2ErrorCode, _ reason: StaticString) {
    if self.phase != .closed { _ = self.fail(code, reason) }
  }

  /// No new stream is taken or can be opened, and none is left: the connection can be closed.
  public var isDrained: Bool {
    self.streams.count == 0 && (self.hasStoppedAccepting || self.peerLastStream != nil || self.phase == .closed)
  }

  /// Asks the peer for a sign of life; `pingAnswered` brings the value back (RFC 9113, section 6.7).
  public mutating func ping(_ value: UInt64) {
    if self.phase != .closed { self.output.appendPing(value, flags: []) }
  }

  /// Whether frames of the machine's own wait: acknowledgements, window updates, resets, GOAWAY.
  public var hasOutput: Bool { !self.output.isEmpty }

  /// Moves them to the end of `output`. Call it at the end of each turn, but not while the socket takes nothing: a peer
  /// that makes us answer and does not read is found by what waits here (`HTTP2Limits.queuedFrames`).
  public mutating func takeOutput(into output: inout ByteBuffer) {
    guard !self.output.isEmpty else { return }
    self.queuedFrames = 0
    if output.isEmpty {
      swap(&output, &self.output)
    } else {
      output.append(self.output.span)
    }
    self.output.clear()
  }
}
