// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// SETTINGS of the peer: all parameters in their order, then the acknowledgement (RFC 9113, section 6.5.3).
  mutating func takeSettings(_ payload: Span<UInt8>) -> HTTP2Event? {
    var offset = 0
    while payload.count &- offset >= 6 {
      let key = SettingKey(rawValue: payload.bigEndian16(at: offset))
      if let event = self.take(key, payload.bigEndian32(at: offset &+ 2)) { return event }
      offset &+= 6
    }
    self.hasPeerSettings = true
    self.output.append(FrameHeader(length: 0, kind: .settings, flags: .acknowledgement))
    return self.queued() ?? .settingsChanged
  }

  private mutating func take(_ key: SettingKey, _ value: UInt32) -> HTTP2Event? {
    switch key {
    case .headerTableSize: self.encoder.setTableLimit(Int(min(value, 4096)))
    case .enablePush:
      guard value == 0 || (value == 1 && self.role == .server) else {
        return self.fail(.protocolError, "SETTINGS_ENABLE_PUSH")
      }
    case .maxConcurrentStreams: self.peer.concurrentStreams = value
    case .initialWindowSize: return self.takeInitialWindow(value)
    case .maxFrameSize:
      guard value >= 16_384, value <= 16_777_215 else { return self.fail(.protocolError, "SETTINGS_MAX_FRAME_SIZE") }
      self.peer.frameBytes = Int(value)
    case .maxHeaderListSize: self.peer.listBytes = value
    case .enableConnectProtocol:
      guard value <= 1, value == 1 || !self.peer.takesExtendedConnect else {
        return self.fail(.protocolError, "SETTINGS_ENABLE_CONNECT_PROTOCOL")
      }
      self.peer.takesExtendedConnect = value == 1
    default: break
    }
    return nil
  }

  /// Changes the windows of all streams by changing what they are counted from (row 20). Streams are looked at only
  /// when one of them may have become too large.
  private mutating func takeInitialWindow(_ value: UInt32) -> HTTP2Event? {
    guard value <= FrameHeader.streamMask else { return self.fail(.flowControlError, "SETTINGS_INITIAL_WINDOW_SIZE") }
    let window = Int64(value)
    if window &+ self.largestSendOffset > Int64(Int32.max) {
      self.largestSendOffset = 0
      for slot in self.streams.slots {
        self.largestSendOffset = max(self.largestSendOffset, self.streams[slot].sendOffset)
      }
      guard window &+ self.largestSendOffset <= Int64(Int32.max) else {
        return self.fail(.flowControlError, "a window too large")
      }
    }
    self.peer.initialWindow = window
    return nil
  }
}
