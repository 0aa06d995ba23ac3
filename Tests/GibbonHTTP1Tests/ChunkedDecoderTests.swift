// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@Suite struct ChunkedDecoderTests {
  /// Content is handed out where it stands, as much as there is.
  @Test func pointsIntoTheInput() {
    var decoder = ChunkedDecoder(limits: .nginx)
    let first = Array("A\r\n01234".utf8)
    let second = Array("56789\r\n0\r\n\r\nrest".utf8)
    #expect(decoder.next(first, from: 0) == .data(3..<8))
    #expect(decoder.next(first, from: 8) == .needMoreData)
    #expect(decoder.next(second, from: 0) == .data(0..<5))
    #expect(decoder.next(second, from: 5) == .end(12))
    #expect(decoder.trailers.isEmpty)
  }

  @Test func asksForMoreOfNothing() {
    var decoder = ChunkedDecoder(limits: .nginx)
    #expect(decoder.next([], from: 0) == .needMoreData)
  }

  @Test func repeatsItsLastWord() {
    var decoder = ChunkedDecoder(limits: .nginx)
    let bytes = Array("0\r\n\r\n".utf8)
    #expect(decoder.next(bytes, from: 0) == .end(5))
    #expect(decoder.next(bytes, from: 5) == .end(5))
    decoder.reset()
    let bad = Array("x".utf8)
    #expect(decoder.next(bad, from: 0) == .failed(HeadError(.invalidChunkSize)))
    #expect(decoder.next(bytes, from: 0) == .failed(HeadError(.invalidChunkSize)))
  }

  @Test func resetForgetsTrailers() {
    var decoder = ChunkedDecoder(limits: .nginx)
    let bytes = Array("0\r\nA: b\r\n\r\n".utf8)
    for _ in 0..<3 {
      #expect(decoder.next(bytes, from: 0) == .end(bytes.count))
      #expect(decoder.trailers.fields.count == 1)
      decoder.reset()
      #expect(decoder.trailers.fields.isEmpty && decoder.trailers.bytes.isEmpty)
    }
  }

  /// The largest chunk there can be does not overflow anything.
  @Test func takesTheLargestSize() {
    var decoder = ChunkedDecoder(limits: .nginx)
    let bytes = Array("7fffffffffffffff\r\nab".utf8)
    #expect(decoder.next(bytes, from: 0) == .data(18..<20))
    #expect(decoder.next(bytes, from: 20) == .needMoreData)
  }
}
