// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonHTTP2

/// An encoder and a decoder that talk for long.
@Suite struct HPACKRoundTripTests {
  static let names = [
    "Server", "content-type", "Cache-Control", "date", "ETag", "x-request-id", "X-Kong-Upstream-Latency", "cookie",
    "Authorization", "vary", "via", "x-custom", "X-Other-Name", "te", ":authority", ":path", ":method", "a",
  ]

  private func field(_ random: inout SplitMix64) -> TextField {
    let name =
      Int.random(in: 0..<10, using: &random) == 0
      ? "n\(Int.random(in: 0..<1000, using: &random))"
        + String(repeating: "Z", count: Int.random(in: 0...140, using: &random))
      : Self.names.randomElement(using: &random) ?? ""
    if name == "te" { return TextField(name, "trailers") }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return TextField(name, "")
    case 1:
      let count = Int.random(in: 0...1500, using: &random)
      return TextField(name, String(repeating: "long", count: count / 4) + "!")
    case 2...4: return TextField(name, "\(Int.random(in: 0..<1_000_000, using: &random))")
    default: return TextField(name, "value-\(Int.random(in: 0..<6, using: &random)), the same length")
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4], [0, 60, 4096]) func headsComeAsTheyWent(seed: UInt64, huffman: Int) throws {
    var random = SplitMix64(state: seed)
    var encoder = HPACKEncoder(tableLimit: 4096, huffmanLimit: huffman)
    var reader = BlockReader(limits: HPACKLimits(fieldCount: 100, listBytes: 1 << 20))
    for _ in 0..<600 {
      if Int.random(in: 0..<20, using: &random) == 0 {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let limit = Int.random(in: 0...6000, using: &random)
          encoder.setTableLimit(limit)
          reader.decoder.setTableLimit(limit)
        }
      }
      let sent = (0..<Int.random(in: 0...14, using: &random)).map { _ in self.field(&random) }
      let expected = sent.map { TextField($0.name.lowercased(), $0.value) }
      let block: [UInt8]
      if Bool.random(using: &random) {
        block = encoder.block(sent)
      } else {
        let lines = sent.map { "\($0.name): \($0.value)\r\n" }.joined()
        block = encoder.block(lines: lines)
      }
      #expect(try reader.read(block).fields == expected)
      #expect(reader.decoder.table.count == encoder.table.count)
      #expect(reader.decoder.table.size == encoder.table.size)
      #expect(encoder.table.size <= encoder.table.limit)
    }
  }

  @Test func aPeerThatAnswersLateStaysInStep() throws {
    // The decoder's limit is larger than what the encoder knows: it need not be told.
    var encoder = HPACKEncoder(tableLimit: 300)
    var reader = BlockReader(tableLimit: 300)
    reader.decoder.setTableLimit(2000)
    for number in 0..<50 {
      let block = encoder.block(lines: "server: \(number)\r\nvia: same\r\n")
      #expect(try reader.read(block).fields == [TextField("server", "\(number)"), TextField("via", "same")])
    }
  }
}
