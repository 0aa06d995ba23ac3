// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

@Suite struct FramingTests {
  private func bytes(_ envelope: Envelope) -> [UInt8] {
    var bytes: [UInt8] = []
    envelope.append(to: &bytes)
    return bytes
  }

  /// All that come out, however the bytes are cut.
  private func envelopes(_ bytes: [UInt8], step: Int) throws -> [Envelope] {
    var codec = FrameCodec()
    var found: [Envelope] = []
    for start in stride(from: 0, to: bytes.count, by: step) {
      codec.append(bytes[start..<min(bytes.count, start + step)])
      while let envelope = try codec.next() { found.append(envelope) }
    }
    return found
  }

  @Test(arguments: [1, 2, 7, 1000])
  func `envelopes come out whole, however they arrive`(_ step: Int) throws {
    let all = Sample.all.enumerated().map { Sample.envelope($1.0, $1.1, stream: Int16($0)) }
    // An AUTHENTICATE of v4 changes nothing.
    #expect(try self.envelopes(all.flatMap { self.bytes($0) }, step: step) == all)
  }

  @Test(arguments: [1, 3, 1000])
  func `after READY of v5 everything is in segments`(_ step: Int) throws {
    let ready = Sample.envelope(.ready, [], version: 5)
    let small = Sample.envelope(.error, Sample.error, version: 5, stream: 1)
    let large = Sample.envelope(
      .error, Hex.bytes("00000000 0000") + (0..<5_000).map { UInt8($0 & 0xFF) }, version: 5, stream: 2)
    var bytes = self.bytes(ready)
    Segment.append(self.bytes(small) + self.bytes(small), to: &bytes)
    Segment.append(self.bytes(large), to: &bytes)
    #expect(try self.envelopes(bytes, step: step) == [ready, small, small, large])
  }

  @Test func `an envelope larger than a segment takes several`() throws {
    let large = Sample.envelope(.error, Array(repeating: 7, count: 300_000), version: 5)
    var bytes: [UInt8] = []
    Segment.append(self.bytes(large), to: &bytes)
    // Three of them, and none is whole by itself.
    #expect(bytes.count == 300_009 + 3 * 10)
    #expect(Array(bytes[..<3]) == [0xFF, 0xFF, 0x01])
    let ready = self.bytes(Sample.envelope(.ready, [], version: 5))
    #expect(try self.envelopes(ready + bytes, step: 65_536).last == large)
  }

  @Test func `a segment has the bytes that real servers take`() {
    var bytes: [UInt8] = []
    Segment.append(Hex.bytes("0500000005 00000000"), to: &bytes)
    #expect(Array(bytes[..<3]) == Hex.bytes("09 00 02"))
    #expect(bytes.count == 9 + Segment.headerLength + Segment.trailerLength)
    // As zlib has it, of the four bytes in front and these.
    #expect(Checksum.crc32(Array("123456789".utf8)) == 0xE2A2_61A7)
    #expect(Checksum.crc24([]) == 0x875060)
  }

  @Test func `one wrong bit in a segment ends the connection`() throws {
    let ready = self.bytes(Sample.envelope(.ready, [], version: 5))
    var good: [UInt8] = []
    Segment.append(self.bytes(Sample.envelope(.error, Sample.error, version: 5)), to: &good)
    for index in good.indices {
      for bit in 0..<8 {
        var bad = good
        bad[index] ^= 1 << UInt8(bit)
        #expect(throws: CQLError.self, "byte \(index) bit \(bit)") {
          let found = try self.envelopes(ready + bad, step: 1000)
          // The bit may have said that more follows.
          if found.count == 1 { throw CQLError.malformed("") }
        }
      }
    }
  }

  @Test(arguments: [
    "84 00 0000 02 7FFFFFFF", "84 00 0000 02 FFFFFFFF", "84 00 0000 02 04000001", "07", "81", "FF", "48",
  ])
  func `lengths and versions of no server are malformed at once`(_ hex: String) {
    #expect(throws: CQLError.self) { try self.envelopes(Hex.bytes(hex), step: 1) }
  }

  @Test func `a request from a server is malformed`() {
    #expect(throws: CQLError.self) { try self.envelopes(Hex.bytes("04 00 0000 05 00000000"), step: 100) }
  }

  @Test func `a half message waits for its other half`() throws {
    let whole = self.bytes(Sample.envelope(.error, Sample.error))
    for length in 0..<whole.count { #expect(try self.envelopes(Array(whole[..<length]), step: 100).isEmpty) }
  }
}
