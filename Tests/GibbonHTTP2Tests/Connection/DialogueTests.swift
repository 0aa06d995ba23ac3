// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP2
import Testing

/// A client and a server of our own talking to each other, cut at random and with a random engine on each side. The
/// seed is part of every failure.
@Suite struct DialogueTests {
  @Test(arguments: 0..<20)
  func everyRequestIsAnsweredOnce(_ round: Int) {
    let seed = UInt64(round) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64.random(in: 0...UInt64.max)
    var dialogue = Dialogue(seed: seed)
    dialogue.run()
    #expect(dialogue.problems == [], "seed \(seed)")
    #expect(dialogue.client.connection.streamCount == 0, "seed \(seed)")
    #expect(dialogue.server.connection.streamCount == 0, "seed \(seed)")
    #expect(dialogue.client.failure == nil && dialogue.server.failure == nil, "seed \(seed)")
    #expect(dialogue.finished == dialogue.due, "seed \(seed)")
  }
}
