// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The framing of one connection: envelopes one after the other, and inside segments once a v5 handshake has got its
/// first answer (protocol v5, section 2.3.1).
struct FrameCodec {
  private var envelopes = EnvelopeDecoder()
  private var segments = SegmentDecoder()
  private(set) var isSegmented = false

  mutating func encode(_ envelope: Envelope) -> [UInt8] {
    var bytes: [UInt8] = []
    envelope.append(to: &bytes)
    guard self.isSegmented else { return bytes }
    var framed: [UInt8] = []
    Segment.append(bytes, to: &framed)
    return framed
  }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    if self.isSegmented {
      self.segments.append(bytes)
    } else {
      self.envelopes.append(bytes)
    }
  }

  /// nil: more bytes are needed.
  mutating func next() throws(CQLError) -> Envelope? {
    while true {
      if let envelope = try self.envelopes.next() {
        guard envelope.isResponse else { throw .malformed("a request from a server") }
        self.notice(envelope)
        return envelope
      }
      guard self.isSegmented, let payload = try self.segments.next() else { return nil }
      self.envelopes.append(payload)
    }
  }

  private mutating func notice(_ envelope: Envelope) {
    let ends = envelope.opcode == Opcode.ready.rawValue || envelope.opcode == Opcode.authenticate.rawValue
    guard ends, !self.isSegmented, envelope.version >= CQLVersion.v5.rawValue else { return }
    self.isSegmented = true
    self.segments.append(self.envelopes.takeRest())
  }
}
