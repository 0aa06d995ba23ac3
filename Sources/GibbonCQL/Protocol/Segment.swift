// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The outer frames of v5 (section 2.1, without compression).
enum Segment {
  static let payloadLimit = 1 << 17 - 1
  static let headerLength = 6
  static let trailerLength = 4

  /// Puts whole envelopes into segments: one, or several of which none is complete by itself.
  static func append(_ payload: [UInt8], to bytes: inout [UInt8]) {
    let isSelfContained = payload.count <= Self.payloadLimit
    var start = 0
    repeat {
      let end = min(payload.count, start + Self.payloadLimit)
      Self.append(payload[start..<end], isSelfContained, &bytes)
      start = end
    } while start < payload.count
  }

  private static func append(_ part: ArraySlice<UInt8>, _ isSelfContained: Bool, _ bytes: inout [UInt8]) {
    let header = Self.littleEndian(UInt32(clamping: part.count) | (isSelfContained ? 1 << 17 : 0), 3)
    bytes += header
    bytes += Self.littleEndian(Checksum.crc24(header), 3)
    bytes += part
    bytes += Self.littleEndian(Checksum.crc32(part), 4)
  }

  private static func littleEndian(_ value: UInt32, _ count: UInt32) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// Takes the payloads out of a stream of segments.
struct SegmentDecoder {
  private var bytes: [UInt8] = []
  private var start = 0

  mutating func append(_ more: some Sequence<UInt8>) {
    if self.start > 0 {
      self.bytes.removeFirst(self.start)
      self.start = 0
    }
    self.bytes += more
  }

  /// nil: more bytes are needed.
  ///
  /// - Throws: `malformed` when a checksum is wrong; nothing after it can be trusted.
  mutating func next() throws(CQLError) -> ArraySlice<UInt8>? {
    let base = self.start
    guard self.bytes.count - base >= Segment.headerLength else { return nil }
    guard self.littleEndian(base + 3, 3) == Checksum.crc24(self.bytes[base..<(base + 3)]) else {
      throw .malformed("a segment's header with a wrong checksum")
    }
    let length = Int(self.littleEndian(base, 3)) & Segment.payloadLimit
    let body = base + Segment.headerLength
    guard self.bytes.count - body >= length + Segment.trailerLength else { return nil }
    let payload = self.bytes[body..<(body + length)]
    guard self.littleEndian(body + length, 4) == Checksum.crc32(payload) else {
      throw .malformed("a segment with a wrong checksum")
    }
    self.start = body + length + Segment.trailerLength
    return payload
  }

  /// The caller has seen that the bytes are there.
  private func littleEndian(_ from: Int, _ count: Int) -> UInt32 {
    (0..<count).reduce(0) { $0 | UInt32(self.bytes[from + $1]) << UInt32(8 * $1) }
  }
}
