// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonHTTP2

@Suite struct StreamIndexTests {
  @Test func findsWhatWasPutIn() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(state: seed)
    var index = StreamIndex()
    var expected: [UInt32: Int] = [:]
    for round in 0..<20_000 {
      let id = UInt32.random(in: 1...400, using: &random) &* 2 &- 1
      if expected[id] == nil, expected.count < 100, Bool.random(using: &random) {
        expected[id] = round
        index.insert(id, slot: round)
      } else {
        expected[id] = nil
        index.remove(id)
      }
      let other = UInt32.random(in: 0...800, using: &random)
      #expect(index.slot(of: id) == expected[id] && index.slot(of: other) == expected[other], "seed \(seed)")
    }
  }

  @Test func slotsAreStableAndUsedAgain() {
    var table = StreamTable()
    var stream = Stream()
    for id in stride(from: UInt32(1), to: 41, by: 2) {
      stream.id = id
      #expect(table.open(stream) == Int(id / 2))
    }
    table.close(3)
    table.close(3)
    table.close(99)
    #expect(table.count == 19 && table.slot(of: 7) == nil && table.slot(of: 9) == 4 && !table.isOpen(3))
    stream.id = 101
    #expect(table.open(stream) == 3 && table.count == 20)
    #expect(table[99].id == 0 && table[-1].id == 0)
    #expect(MemoryLayout<Stream>.stride <= 128)
    #expect(MemoryLayout<HTTP2Connection>.size <= 1536)
  }

  @Test func theLastStreamsThatEndedAreKnown() {
    var closed = ClosedStreams()
    for id in 1...UInt32(300) { closed.append(id, id % 2 == 0 ? .ended : .resetByUs) }
    #expect(closed.ending(of: 236) == nil && closed.ending(of: 238) == .ended && closed.ending(of: 300) == .ended)
    #expect(closed.ending(of: 43) == nil && closed.ending(of: 45) == .resetByUs && closed.ending(of: 299) == .resetByUs)
  }
}
