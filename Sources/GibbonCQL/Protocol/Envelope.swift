// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One message: header and body (protocol v5, section 2.4; a "frame" in v3 and v4).
struct Envelope: Sendable, Hashable {
  static let headerLength = 9
  /// Of a response: a page of rows is far below it.
  static let bodyLimit = 64 << 20

  /// The version byte without its direction.
  var version: UInt8
  var isResponse: Bool
  var flags: UInt8 = 0
  var stream: Int16
  var opcode: UInt8
  var body: [UInt8] = []

  func append(to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + Self.headerLength + self.body.count)
    bytes.append(self.version | (self.isResponse ? 0x80 : 0))
    bytes.append(self.flags)
    let stream = UInt16(bitPattern: self.stream)
    bytes.append(UInt8(truncatingIfNeeded: stream >> 8))
    bytes.append(UInt8(truncatingIfNeeded: stream))
    bytes.append(self.opcode)
    let length = UInt32(clamping: self.body.count)
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    bytes += self.body
  }
}

/// Cuts a stream of bytes into envelopes.
struct EnvelopeDecoder {
  private var bytes: [UInt8] = []
  private var start = 0

  mutating func append(_ more: some Sequence<UInt8>) {
    // What was read goes away in large pieces only.
    if self.start == self.bytes.count {
      self.bytes.removeAll(keepingCapacity: self.bytes.capacity <= 1 << 20)
      self.start = 0
    } else if self.start > 1 << 16, self.start > self.bytes.count / 2 {
      self.bytes.removeFirst(self.start)
      self.start = 0
    }
    self.bytes += more
  }

  /// What was not cut yet; it is gone from here.
  mutating func takeRest() -> [UInt8] {
    defer { self = EnvelopeDecoder() }
    return Array(self.bytes[self.start...])
  }

  /// nil: more bytes are needed.
  ///
  /// - Throws: `malformed` for what no server says; nothing after it makes sense.
  mutating func next() throws(CQLError) -> Envelope? {
    let waiting = self.bytes[self.start...]
    guard let first = waiting.first else { return nil }
    guard (0x03...0x06).contains(first & 0x7F) else {
      throw .malformed("a message of protocol version \(first & 0x7F)")
    }
    guard waiting.count >= Envelope.headerLength else { return nil }
    let base = self.start
    let length =
      UInt32(self.bytes[base + 5]) << 24 | UInt32(self.bytes[base + 6]) << 16 | UInt32(self.bytes[base + 7]) << 8
      | UInt32(self.bytes[base + 8])
    guard length <= UInt32(Envelope.bodyLimit) else { throw .malformed("a message of \(length) bytes") }
    let end = base + Envelope.headerLength + Int(length)
    guard end <= self.bytes.count else { return nil }
    self.start = end
    return Envelope(
      version: first & 0x7F, isResponse: first & 0x80 != 0, flags: self.bytes[base + 1],
      stream: Int16(bitPattern: UInt16(self.bytes[base + 2]) << 8 | UInt16(self.bytes[base + 3])),
      opcode: self.bytes[base + 4], body: Array(self.bytes[(base + Envelope.headerLength)..<end]))
  }
}
