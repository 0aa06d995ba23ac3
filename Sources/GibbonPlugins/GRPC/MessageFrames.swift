// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Messages as gRPC sends them: a byte of flags, the length in four bytes, then the message.
struct MessageFrames: Sendable {
  struct Frame: Sendable, Hashable {
    let flags: UInt8
    let payload: [UInt8]

    var isCompressed: Bool { self.flags & 1 != 0 }
    /// Of gRPC-Web: fields in place of a message.
    var hasTrailers: Bool { self.flags & 0x80 != 0 }
  }

  enum Failure: Error, Sendable, Hashable {
    /// The message's length is beyond the limit.
    case tooLarge
  }

  /// Bytes of one message.
  static let messageLimit = 8 * 1024 * 1024
  private static let headLength = 5

  private var buffer = ByteBuffer()
  private let limit: Int

  init(limit: Int = Self.messageLimit) { self.limit = limit }

  /// Bytes of a message that is not whole yet.
  var pending: Int { self.buffer.count }

  /// Bytes of memory held for it.
  var capacity: Int { self.buffer.capacity }

  mutating func append(_ bytes: ByteBuffer) {
    guard !self.buffer.isEmpty else {
      self.buffer = bytes
      return
    }
    // What was read would stay in memory for as long as messages end inside of parts.
    self.buffer.compact()
    self.buffer.append(bytes.span)
  }

  /// The next message that is whole.
  mutating func next() throws(Failure) -> Frame? {
    guard self.buffer.count >= Self.headLength else { return nil }
    let flags = self.buffer.span[0]
    var length = 0
    for index in 1..<Self.headLength { length = length << 8 | Int(self.buffer.span[index]) }
    guard length <= self.limit else { throw .tooLarge }
    guard self.buffer.count - Self.headLength >= length else { return nil }
    let payload = self.buffer.span.extracting(Self.headLength..<Self.headLength + length).array
    self.buffer.consume(Self.headLength + length)
    return Frame(flags: flags, payload: payload)
  }

  /// A message with its head.
  static func frame(_ payload: [UInt8], flags: UInt8 = 0) -> [UInt8] {
    let length = UInt32(clamping: payload.count)
    return [flags] + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
      + payload
  }
}
