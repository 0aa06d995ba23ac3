// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonIO
import Glibc
import Testing

/// What is sent: slow peers, corks and ends.
@Suite struct ConnectionWritingTests {
  @Test func aPeerThatNeverReadsBlocksAndIsBoundedByWhatWasWritten() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port, receiveBuffer: 32 * 1024)
    let chunk = pattern(64 * 1024)
    let (written, pending) = try bench.onFirst { connection -> (Int, Int) in
      var written = 0
      while !connection.isBlocked, written < 256 * 1024 * 1024 {
        connection.send(chunk)
        written += chunk.count
      }
      return (written, connection.pendingCount)
    }
    // Whoever stops while it is blocked holds at most its last write.
    #expect(pending > 0 && pending <= chunk.count)
    #expect(!bench.journal.now.has(.flushed))
    let received = try peer.receive(exactly: written)
    #expect(received.count == written)
    #expect(received == Array((0..<written / chunk.count).map { _ in chunk }.joined()))
    bench.journal.wait(for: .flushed)
    let left = try bench.onFirst { ($0.isBlocked, $0.pendingCount) }
    #expect(left == (false, 0))
  }

  @Test func tenMegabytesInOneWriteArriveWhole() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let sent = pattern(10 * 1024 * 1024)
    try bench.onFirst { $0.send(sent) }
    #expect(try peer.receive(exactly: sent.count) == sent)
    bench.journal.wait(for: .flushed)
  }

  @Test func writesWhileBlockedKeepTheirOrder() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port, receiveBuffer: 16 * 1024)
    let parts = (0..<60).map { pattern(1 + $0 * 3_001 % 200_000, seed: UInt64($0)) }
    try bench.onFirst { connection in
      for part in parts { connection.send(part) }
      connection.closeAfterFlush()
    }
    #expect(try peer.receiveToEnd() == Array(parts.joined()))
  }

  @Test func closeAfterFlushSendsEverythingThenEnds() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let sent = pattern(4 * 1024 * 1024)
    try bench.onFirst { connection in
      connection.send(sent)
      connection.closeAfterFlush()
      // What comes too late is not sent.
      if !connection.isOpen { connection.send([1]) }
    }
    #expect(try peer.receiveToEnd() == sent)
    #expect(!bench.journal.now.has(.flushed))
    let isOpen = try bench.onFirst { $0.isOpen }
    #expect(!isOpen)
  }

  @Test(arguments: [0, 10, 3 * 1024 * 1024])
  func shutdownWritingEndsOurSideOnly(count: Int) throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let sent = pattern(count)
    try bench.onFirst { connection in
      connection.send(sent)
      connection.shutdownWriting()
    }
    #expect(try peer.receiveToEnd() == sent)
    try peer.send("and I go on")
    peer.shutdownWriting()
    #expect(bench.journal.wait(for: .end).bytes == Array("and I go on".utf8))
  }

  @Test func aCorkHoldsSmallWritesBackAndUncorkSendsThemTogether() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let state = try bench.onFirst { connection -> (Int, Bool, Bool, Int) in
      connection.cork()
      for number in 0..<100 { connection.send([UInt8(number)]) }
      let held = (connection.pendingCount, connection.isBlocked, connection.isCorked)
      connection.uncork()
      return (held.0, held.1, held.2, connection.pendingCount)
    }
    #expect(state == (100, false, true, 0))
    // One send on this side is one segment on loopback, and one read on the other.
    #expect(try peer.receive() == (0..<100).map { UInt8($0) })
  }

  @Test(arguments: [1, 4_096, 4_097, 70_000, 5 * 1024 * 1024])
  func aCorkedHeadGoesOutBeforeItsBody(bodyCount: Int) throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let head = Array("head\r\n\r\n".utf8)
    let body = pattern(bodyCount)
    try bench.onFirst { connection in
      connection.cork()
      connection.send(head)
      connection.send(body)
      connection.send(head)
      connection.uncork()
      connection.closeAfterFlush()
    }
    #expect(try peer.receiveToEnd() == head + body + head)
  }

  /// Any mix of writes, corks and lent output keeps the order of the bytes.
  @Test(arguments: [11, 12, 13, 14, 15, 16, 17, 18] as [UInt64])
  func anyMixOfWritingKeepsTheOrder(seed: UInt64) throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port, receiveBuffer: 8 * 1024)
    let expected = try bench.onFirst { connection -> [UInt8] in
      var generator = SeededGenerator(seed: seed)
      var all: [UInt8] = []
      for step in 0..<300 {
        let size = [3, 500, 5_000, 60_000].randomElement(using: &generator) ?? 3
        let bytes = pattern(Int.random(in: 0...size, using: &generator), seed: seed &* 1_000 &+ UInt64(step))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: connection.cork()
        case 1: connection.uncork()
        case 2:
          var output = connection.takeOutput()
          output.append(bytes)
          connection.putOutput(output)
          all += bytes
        default:
          connection.send(bytes)
          all += bytes
        }
      }
      connection.closeAfterFlush()
      return all
    }
    #expect(try peer.receiveToEnd() == expected)
  }

  @Test func writingToAPeerThatIsGoneFailsOnceOnAnEventOfItsOwn() throws {
    let bench = try LoopBench { connection in connection.pauseReading() }
    let peer = try Peer(port: bench.port)
    bench.journal.wait(for: .note("accepted"))
    peer.reset()
    bench.journal.wait(for: .hungUp)
    let journal = bench.journal
    let failures = try bench.onFirst { connection -> Int in
      connection.send(pattern(1_000))
      connection.send(pattern(1_000))
      return journal.now.events.count { if case .failed = $0 { true } else { false } }
    }
    #expect(failures == 0)
    bench.journal.wait { $0.events.contains { if case .failed = $0 { true } else { false } } }
    bench.settle()
    #expect(bench.journal.now.events.count { if case .failed = $0 { true } else { false } } == 1)
  }

  @Test func resetIsSeenAsAResetByThePeer() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    try bench.onFirst { $0.reset() }
    do {
      _ = try peer.receive()
      Issue.record("an end instead of a reset")
    } catch let error as PeerError {
      #expect(error.code == ECONNRESET)
    }
  }
}
