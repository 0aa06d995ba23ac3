// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// Judges a frame by its header, before any of its payload is kept.
  mutating func begin(_ header: FrameHeader) -> HTTP2Event? {
    if header.length > self.frameLimit { return self.fail(.frameSizeError, "frameBytes") }
    if let block = self.block, header.kind != .continuation || header.stream != block.stream {
      return self.fail(.protocolError, "a frame amid a header block")
    }
    if !self.hasPeerSettings, header.kind != .settings || header.flags.contains(.acknowledgement) {
      return self.fail(.protocolError, "SETTINGS did not come first")
    }
    guard self.budgets.overheadBytes.take(FrameHeader.size, now: self.now) else {
      return self.calmDown("overheadBytes")
    }
    switch header.kind {
    case .data: return self.beginData(header)
    case .headers: return self.beginHeaders(header)
    case .continuation: return self.beginContinuation(header)
    case .priority, .resetStream, .settings, .ping, .goAway, .windowUpdate: return self.beginControl(header)
    case .pushPromise: return self.fail(.protocolError, "PUSH_PROMISE")
    default:
      guard self.budgets.controlFrames.take(now: self.now) else { return self.calmDown("controlFrames") }
      self.phase = .skip(header.length)
      return nil
    }
  }

  /// Lengths, streams and rates of frames other than DATA and header blocks (RFC 9113, sections 6.3 to 6.9).
  private mutating func beginControl(_ header: FrameHeader) -> HTTP2Event? {
    let isOnConnection = header.stream == 0
    let isWellFormed: Bool
    let isOnItsStream: Bool
    switch header.kind {
    case .priority: (isWellFormed, isOnItsStream) = (header.length == 5, !isOnConnection)
    case .resetStream: (isWellFormed, isOnItsStream) = (header.length == 4, !isOnConnection)
    case .windowUpdate: (isWellFormed, isOnItsStream) = (header.length == 4, true)
    case .ping: (isWellFormed, isOnItsStream) = (header.length == 8, isOnConnection)
    case .goAway: (isWellFormed, isOnItsStream) = (header.length >= 8, isOnConnection)
    default:
      let isAcknowledgement = header.flags.contains(.acknowledgement)
      isWellFormed = isAcknowledgement ? header.length == 0 : header.length % 6 == 0
      isOnItsStream = isOnConnection
    }
    guard isOnItsStream else { return self.fail(.protocolError, "a frame on a stream that has none of its type") }
    guard isWellFormed else { return self.fail(.frameSizeError, "a frame of a wrong length") }
    if header.kind == .resetStream || header.kind == .windowUpdate {
      if self.isIdle(header.stream) { return self.fail(.protocolError, "a frame on an idle stream") }
      self.phase = .payload(header)
      return nil
    }
    guard self.budgets.controlFrames.take(now: self.now) else { return self.calmDown("controlFrames") }
    if header.kind == .settings {
      if header.flags.contains(.acknowledgement) { return nil }
      if header.length > self.limits.settingsEntries &* 6 { return self.calmDown("settingsEntries") }
    }
    self.phase = .payload(header)
    return nil
  }

  /// Whether nobody has opened this stream yet (RFC 9113, section 5.1).
  func isIdle(_ id: UInt32) -> Bool {
    guard id != 0 else { return false }
    let isOurs = (id & 1 == 1) == (self.role == .client)
    return isOurs ? id >= self.nextLocal : id > self.highestRemote
  }
}
