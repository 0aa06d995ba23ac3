// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Frames as they go on the wire.
extension ByteBuffer {
  mutating func append(_ header: FrameHeader) {
    self.append(upTo: FrameHeader.size) { $0.append(header) }
  }

  /// RST_STREAM (RFC 9113, section 6.4).
  mutating func appendReset(_ stream: UInt32, _ code: HTTP2ErrorCode) {
    self.append(upTo: 13) {
      $0.append(FrameHeader(length: 4, kind: .resetStream, stream: stream))
      $0.append(bigEndian32: code.rawValue)
    }
  }

  /// WINDOW_UPDATE (RFC 9113, section 6.9).
  mutating func appendWindowUpdate(_ stream: UInt32, _ increment: Int) {
    self.append(upTo: 13) {
      $0.append(FrameHeader(length: 4, kind: .windowUpdate, stream: stream))
      $0.append(bigEndian32: UInt32(truncatingIfNeeded: increment) & FrameHeader.streamMask)
    }
  }

  /// PING (RFC 9113, section 6.7).
  mutating func appendPing(_ value: UInt64, flags: FrameFlags) {
    self.append(upTo: 17) {
      $0.append(FrameHeader(length: 8, kind: .ping, flags: flags))
      $0.append(bigEndian32: UInt32(truncatingIfNeeded: value &>> 32))
      $0.append(bigEndian32: UInt32(truncatingIfNeeded: value))
    }
  }

  /// GOAWAY (RFC 9113, section 6.8).
  mutating func appendGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
    self.append(upTo: 17) {
      $0.append(FrameHeader(length: 8, kind: .goAway))
      $0.append(bigEndian32: lastStream)
      $0.append(bigEndian32: code.rawValue)
    }
  }

  /// One parameter of SETTINGS (RFC 9113, section 6.5.1).
  mutating func appendSetting(_ key: SettingKey, _ value: UInt32) {
    self.append(upTo: 6) {
      $0.append(UInt8(truncatingIfNeeded: key.rawValue &>> 8))
      $0.append(UInt8(truncatingIfNeeded: key.rawValue))
      $0.append(bigEndian32: value)
    }
  }

  /// HEADERS, and CONTINUATION where the block does not fit into a frame (RFC 9113, sections 6.2 and 6.10).
  mutating func appendHeaders(_ block: Span<UInt8>, stream: UInt32, endStream: Bool, frameBytes: Int) {
    let most = max(frameBytes, 1)
    var offset = 0
    repeat {
      let count = min(block.count &- offset, most)
      var flags: FrameFlags = offset == 0 && endStream ? .endStream : []
      if offset &+ count == block.count { flags.insert(.endHeaders) }
      self.append(
        FrameHeader(length: count, kind: offset == 0 ? .headers : .continuation, flags: flags, stream: stream))
      self.append(block.extracting(offset..<offset &+ count))
      offset &+= count
    } while offset < block.count
  }
}

extension OutputSpan<UInt8> {
  mutating func append(bigEndian32 value: UInt32) {
    self.append(UInt8(truncatingIfNeeded: value &>> 24))
    self.append(UInt8(truncatingIfNeeded: value &>> 16))
    self.append(UInt8(truncatingIfNeeded: value &>> 8))
    self.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func append(_ header: FrameHeader) {
    self.append(bigEndian32: UInt32(truncatingIfNeeded: header.length) &<< 8 | UInt32(header.kind.rawValue))
    self.append(header.flags.rawValue)
    self.append(bigEndian32: header.stream)
  }
}
