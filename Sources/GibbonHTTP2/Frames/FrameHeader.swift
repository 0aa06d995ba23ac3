// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// The nine bytes before each payload (RFC 9113, section 4.1).
struct FrameHeader: Sendable, Equatable {
  var length: Int
  var kind: FrameKind
  var flags: FrameFlags
  var stream: UInt32

  static var size: Int { 9 }

  init(length: Int, kind: FrameKind, flags: FrameFlags = [], stream: UInt32 = 0) {
    self.length = length
    self.kind = kind
    self.flags = flags
    self.stream = stream
  }

  /// nil when nine bytes are not there. The reserved bit is dropped.
  init?(_ input: Span<UInt8>, at offset: Int) {
    guard offset >= 0, input.count &- offset >= Self.size else { return nil }
    self.length = Int(input.bigEndian32(at: offset) &>> 8)
    self.kind = FrameKind(rawValue: input[offset &+ 3])
    self.flags = FrameFlags(rawValue: input[offset &+ 4])
    self.stream = input.bigEndian32(at: offset &+ 5) & Self.streamMask
  }

  static var streamMask: UInt32 { 0x7FFF_FFFF }
}

extension Span<UInt8> {
  /// Four bytes as a number; what is beyond the end counts as zero.
  func bigEndian32(at offset: Int) -> UInt32 {
    guard offset >= 0, self.count &- offset >= 4 else { return 0 }
    return UInt32(self[offset]) &<< 24 | UInt32(self[offset &+ 1]) &<< 16 | UInt32(self[offset &+ 2]) &<< 8
      | UInt32(self[offset &+ 3])
  }

  /// Two bytes as a number; what is beyond the end counts as zero.
  func bigEndian16(at offset: Int) -> UInt16 {
    guard offset >= 0, self.count &- offset >= 2 else { return 0 }
    return UInt16(self[offset]) &<< 8 | UInt16(self[offset &+ 1])
  }
}
