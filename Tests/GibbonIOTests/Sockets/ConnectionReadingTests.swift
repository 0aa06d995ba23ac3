// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import GibbonCore
import GibbonIO
import Glibc
import Testing

/// What arrives: hostile and unlucky peers.
@Suite struct ConnectionReadingTests {
  private static func echo() throws -> LoopBench {
    try LoopBench { connection in
      connection.onBytes = { connection, bytes in connection.send(bytes) }
    }
  }

  @Test func oneByteAtATimeArrivesWholeAndInOrder() throws {
    let bench = try Self.echo()
    let peer = try Peer(port: bench.port)
    let sent = pattern(700)
    for byte in sent { try peer.send([byte]) }
    #expect(try peer.receive(exactly: 700) == sent)
    #expect(bench.journal.now.bytes == sent)
  }

  @Test func tenMegabytesGoThereAndBack() throws {
    let bench = try Self.echo()
    let peer = try Peer(port: bench.port)
    let sent = pattern(10 * 1024 * 1024)
    let descriptor = peer.descriptor
    let writer = try SystemThread(name: "writer") {
      // The peer keeps the descriptor; this copy only writes.
      let copy = Peer(owning: dup(descriptor))
      try? copy.send(sent)
    }
    let received = try peer.receive(exactly: sent.count)
    writer.join()
    #expect(received.count == sent.count && received == sent)
  }

  @Test func aResetInTheMiddleIsAFailureNotAnEnd() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    try peer.send("half a requ")
    bench.journal.wait { $0.bytes.count == 11 }
    peer.reset()
    let record = bench.journal.wait(for: .failed(ECONNRESET))
    bench.settle()
    #expect(!record.has(.end))
    #expect(bench.journal.now.count(.failed(ECONNRESET)) == 1)
  }

  @Test func aResetWhileBytesWaitToBeSentIsAFailureNotAnEnd() throws {
    let bench = try LoopBench()
    let peer = try Peer(port: bench.port)
    let isBlocked = try bench.onFirst { connection -> Bool in
      connection.closesOnFailure = false
      connection.send(pattern(8 * 1024 * 1024))
      return connection.isBlocked
    }
    #expect(isBlocked)
    peer.reset()
    bench.journal.wait { $0.events.contains { if case .failed = $0 { true } else { false } } }
    bench.settle()
    #expect(!bench.journal.now.has(.end))
  }

  @Test func aResetMetByAWriteWhileReadingIsAFailureNotAnEnd() throws {
    let (hasBytes, isReset) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let bench = try LoopBench { connection in
      connection.pauseReading()
      connection.closesOnFailure = false
      connection.onBytes = { connection, _ in
        // The peer resets while the first of several reads is being answered.
        hasBytes.signal()
        _ = isReset.wait(timeout: .now() + 10)
        connection.send([1])
        isReset.signal()
      }
    }
    let peer = try Peer(port: bench.port)
    try peer.send(pattern(200_000))
    bench.journal.wait(for: .note("accepted"))
    bench.thread.handle.execute { loop in
      (loop.owner as? Acceptor)?.connections.first?.resumeReading()
    }
    #expect(hasBytes.wait(timeout: .now() + 10) == .success)
    peer.reset()
    isReset.signal()
    bench.journal.wait { $0.events.contains { if case .failed = $0 { true } else { false } } }
    bench.settle()
    let isToldAsEnd = bench.journal.now.has(.end)
    #expect(!isToldAsEnd)
  }

  @Test func theEndIsToldOnceAndTheOtherDirectionGoesOn() throws {
    let bench = try LoopBench { connection in
      connection.onEnd = { connection in connection.send(Array("answer".utf8)) }
    }
    let peer = try Peer(port: bench.port)
    try peer.send("question")
    peer.shutdownWriting()
    #expect(try peer.receive(exactly: 6) == Array("answer".utf8))
    let isClosed = try bench.onFirst { connection in
      let isClosed = connection.isPeerClosed
      connection.shutdownWriting()
      return isClosed
    }
    #expect(isClosed)
    #expect(try peer.receiveToEnd().isEmpty)
    bench.settle()
    let record = bench.journal.now
    #expect(record.bytes == Array("question".utf8))
    #expect(record.count(.end) == 1)
  }

  @Test func pausedBytesWaitAndNoneIsLostOrTurned() throws {
    let bench = try LoopBench { connection in connection.pauseReading() }
    let peer = try Peer(port: bench.port)
    let sent = pattern(100_000)
    try peer.send(sent)
    bench.settle()
    #expect(bench.journal.now.bytes.isEmpty)
    try bench.onFirst { $0.resumeReading() }
    bench.journal.wait { $0.bytes.count == sent.count }
    #expect(bench.journal.now.bytes == sent)
  }

  @Test func pausingBetweenReadsDeliversEveryByteOnce() throws {
    let bench = try LoopBench { connection in
      connection.onBytes = { connection, _ in connection.pauseReading() }
    }
    let peer = try Peer(port: bench.port)
    bench.journal.wait(for: .note("accepted"))
    let sent = pattern(400_000)
    let thread = bench.thread
    let descriptor = peer.descriptor
    let writer = try SystemThread(name: "writer") { try? Peer(owning: dup(descriptor)).send(sent) }
    while bench.journal.now.bytes.count < sent.count {
      let seen = bench.journal.now.bytes.count
      thread.call { _, owner in (owner as? Acceptor)?.connections.first?.resumeReading() }
      bench.journal.wait { $0.bytes.count > seen }
    }
    writer.join()
    #expect(bench.journal.now.bytes == sent)
  }

  @Test func resumingNeverDeliversFromInsideTheCall() throws {
    let bench = try LoopBench { connection in connection.pauseReading() }
    let peer = try Peer(port: bench.port)
    try peer.send("waiting")
    bench.settle()
    let journal = bench.journal
    let seen = try bench.onFirst { connection -> Int in
      connection.resumeReading()
      connection.resumeReading()
      return journal.now.bytes.count
    }
    #expect(seen == 0)
    journal.wait { $0.bytes.count == 7 }
  }

  @Test func aPeerThatEndsWhileReadingIsPausedIsNoticed() throws {
    let bench = try LoopBench { connection in connection.pauseReading() }
    let peer = try Peer(port: bench.port)
    try peer.send("last words")
    peer.shutdownWriting()
    let record = bench.journal.wait(for: .hungUp)
    #expect(record.bytes.isEmpty && !record.has(.end))
    try bench.onFirst { $0.resumeReading() }
    #expect(bench.journal.wait(for: .end).bytes == Array("last words".utf8))
  }

  @Test func aPeerThatResetsWhileReadingIsPausedIsNoticed() throws {
    let bench = try LoopBench { connection in connection.pauseReading() }
    let peer = try Peer(port: bench.port)
    bench.journal.wait(for: .note("accepted"))
    peer.reset()
    bench.journal.wait(for: .hungUp)
    try bench.onFirst { $0.resumeReading() }
    #expect(!bench.journal.wait(for: .failed(ECONNRESET)).has(.end))
  }

  @Test func aConnectionClosedWhileReadingHearsNothingMore() throws {
    let bench = try LoopBench { connection in
      connection.onBytes = { connection, _ in connection.close() }
    }
    let peer = try Peer(port: bench.port)
    let sent = pattern(300_000)
    // The other side may close in the middle of it.
    try? peer.send(sent)
    bench.journal.wait { !$0.bytes.isEmpty }
    bench.settle()
    let record = bench.journal.now
    #expect(record.bytes.count <= 64 * 1024)
    #expect(!record.has(.end) && !record.events.contains { if case .failed = $0 { true } else { false } })
  }

  @Test func aFloodDoesNotStarveTheOthers() throws {
    let bench = try Self.echo()
    let flood = try Peer(port: bench.port)
    bench.journal.wait(for: .note("accepted"))
    let flooding = flood.descriptor
    let sent = pattern(4 * 1024 * 1024)
    let writer = try SystemThread(name: "flood") { try? Peer(owning: dup(flooding)).send(sent) }
    let reader = try SystemThread(name: "drain") { _ = try? Peer(owning: dup(flooding)).receive(exactly: sent.count) }
    let small = try Peer(port: bench.port)
    for round in 0..<50 {
      let text = Array("round \(round)".utf8)
      try small.send(text)
      #expect(try small.receive(exactly: text.count) == text)
    }
    writer.join()
    reader.join()
  }
}
