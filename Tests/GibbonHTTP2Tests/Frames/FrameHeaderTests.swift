// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonHTTP2

@Suite struct FrameHeaderTests {
  @Test func goesThereAndBack() {
    let header = FrameHeader(length: 0xABCDEF, kind: .goAway, flags: [.padded, .endStream], stream: 0x7FFF_FFFE)
    var buffer = ByteBuffer()
    buffer.append(header)
    let bytes = buffer.takeBytes()
    #expect(bytes == [0xAB, 0xCD, 0xEF, 7, 9, 0x7F, 0xFF, 0xFF, 0xFE])
    #expect(FrameHeader(bytes.span, at: 0) == header)
    #expect(FrameHeader(bytes.span, at: 1) == nil)
    #expect(bytes.span.bigEndian32(at: 7) == 0 && bytes.span.bigEndian16(at: 8) == 0)
  }

  @Test func blocksAreSplitIntoContinuations() {
    var buffer = ByteBuffer()
    let block = Array(repeating: UInt8(0), count: 25)
    buffer.appendHeaders(block.span, stream: 5, endStream: true, frameBytes: 10)
    buffer.appendHeaders([UInt8]().span, stream: 7, endStream: false, frameBytes: 10)
    #expect(
      FrameText.lines(buffer.takeBytes()) == ["HEADERS 5 end", "CONTINUATION 5", "CONTINUATION 5", "HEADERS 7"])
  }

  @Test func codesHaveNames() {
    #expect("\(HTTP2ErrorCode.enhanceYourCalm)" == "ENHANCE_YOUR_CALM")
    #expect("\(HTTP2ErrorCode(rawValue: 99))" == "error 99")
  }
}
