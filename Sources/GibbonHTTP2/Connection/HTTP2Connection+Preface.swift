// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension HTTP2Connection {
  /// What a client's connection begins with (RFC 9113, section 3.4).
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Our side of it, and our settings.
  mutating func writePreface() {
    if self.role == .client { self.output.append(Self.preface) }
    var settings = ByteBuffer()
    let limits = self.limits
    if self.role == .client {
      settings.appendSetting(.enablePush, 0)
    } else {
      settings.appendSetting(.maxConcurrentStreams, UInt32(clamping: limits.concurrentStreams))
      if limits.takesExtendedConnect { settings.appendSetting(.enableConnectProtocol, 1) }
    }
    settings.appendSetting(.initialWindowSize, UInt32(clamping: self.initialStreamWindow))
    settings.appendSetting(.maxHeaderListSize, UInt32(clamping: limits.listBytes))
    if self.frameLimit != 16_384 { settings.appendSetting(.maxFrameSize, UInt32(clamping: self.frameLimit)) }
    let table = max(limits.headerTableBytes, 4096)
    if table != 4096 { settings.appendSetting(.headerTableSize, UInt32(clamping: table)) }
    self.output.append(FrameHeader(length: settings.count, kind: .settings))
    self.output.append(settings.span)
    let more = self.receiving.size &- 65_535
    if more > 0 { self.output.appendWindowUpdate(0, more) }
  }

  var initialStreamWindow: Int { min(max(self.limits.streamWindowBytes, 65_535), Int(Int32.max)) }

  /// SETTINGS_MAX_FRAME_SIZE of ours.
  var frameLimit: Int { min(max(self.limits.frameBytes, 16_384), 16_777_215) }

  /// Compares what comes with the client's preface. nil: it is whole.
  mutating func readPreface(_ input: Span<UInt8>, from offset: inout Int, matched: Int) -> HTTP2Event? {
    var matched = matched
    while matched < Self.preface.count {
      guard offset < input.count else {
        self.phase = .preface(matched)
        return .needMoreData
      }
      guard input[offset] == Self.preface[matched] else {
        return self.fail(.protocolError, "not the preface of HTTP/2")
      }
      offset &+= 1
      matched &+= 1
    }
    self.phase = .frameHeader
    return nil
  }
}
