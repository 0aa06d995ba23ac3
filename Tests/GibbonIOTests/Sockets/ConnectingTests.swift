// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonIO
import Glibc
import Testing

/// Connections that go out.
@Suite struct ConnectingTests {
  private final class Holder {
    var connections: [ScriptedConnection] = []
  }

  private static func connect(
    to port: UInt16, _ journal: Journal, setUp: @escaping @Sendable (ScriptedConnection) -> Void = { _ in }
  ) throws -> LoopThread {
    let thread = try LoopThread(name: "client") { _ in Holder() }
    thread.call { loop, owner in
      do throws(SystemError) {
        let connection = try ScriptedConnection(
          loop: loop, connectingTo: .internet(.loopbackV4, port: port), journal: journal)
        (owner as? Holder)?.connections.append(connection)
        setUp(connection)
        journal.add(.note("started"))
      } catch {
        journal.add(.note("thrown \(error.code)"))
      }
    }
    return thread
  }

  private static func end(_ thread: LoopThread) {
    thread.call { _, owner in
      for connection in (owner as? Holder)?.connections ?? [] { connection.close() }
      (owner as? Holder)?.connections = []
    }
    thread.stop()
    thread.join()
  }

  @Test func anEstablishedConnectionIsAnnouncedAfterTheCall() throws {
    let listener = try PeerListener()
    let journal = Journal()
    let thread = try Self.connect(to: listener.port, journal)
    let peer = try listener.accept()
    let record = journal.wait(for: .connected)
    #expect(record.events == [.note("started"), .connected])
    try peer.send("welcome")
    journal.wait { $0.bytes == Array("welcome".utf8) }
    Self.end(thread)
  }

  @Test func aRefusedConnectionFailsOnceAfterTheCall() throws {
    let closed = try PeerListener(isListening: false)
    let journal = Journal()
    let thread = try Self.connect(to: closed.port, journal)
    journal.wait(for: .failed(ECONNREFUSED))
    thread.call { _, _ in }
    #expect(journal.now.events == [.note("started"), .failed(ECONNREFUSED)])
    #expect(SystemError.connectionRefused.description == "(111: Connection refused)")
    Self.end(thread)
  }

  @Test func whatIsWrittenBeforeItIsEstablishedIsSentThen() throws {
    let listener = try PeerListener()
    let journal = Journal()
    let body = pattern(600_000)
    let thread = try Self.connect(to: listener.port, journal) { connection in
      connection.send(Array("early ".utf8))
      connection.send(body)
      connection.closeAfterFlush()
    }
    let peer = try listener.accept()
    #expect(try peer.receiveToEnd() == Array("early ".utf8) + body)
    Self.end(thread)
  }

  @Test func ourSideMayBeEndedBeforeItIsEstablished() throws {
    let listener = try PeerListener()
    let journal = Journal()
    let thread = try Self.connect(to: listener.port, journal) { connection in connection.shutdownWriting() }
    let peer = try listener.accept()
    #expect(try peer.receiveToEnd().isEmpty)
    journal.wait(for: .connected)
    try peer.send("answer to nothing")
    journal.wait { $0.bytes == Array("answer to nothing".utf8) }
    Self.end(thread)
  }

  @Test func bothEndsKnowTheirAddress() throws {
    let listener = try PeerListener()
    let journal = Journal()
    let thread = try Self.connect(to: listener.port, journal)
    _ = try listener.accept()
    journal.wait(for: .connected)
    let address = thread.call { _, owner in (owner as? Holder)?.connections.first?.localAddress }
    let local = try #require(address.flatMap { $0 })
    #expect(local.ip == .loopbackV4 && local.port != 0 && local.port != listener.port)
    #expect(local.description == "127.0.0.1:\(local.port)")
    Self.end(thread)
  }

  @Test func aConnectionClosedBeforeItIsEstablishedHearsNothing() throws {
    let listener = try PeerListener()
    let journal = Journal()
    let thread = try Self.connect(to: listener.port, journal) { connection in connection.close() }
    thread.call { _, _ in }
    thread.call { _, _ in }
    #expect(journal.now.events == [.note("started")])
    Self.end(thread)
  }

  @Test func aLateEventOfAClosedDescriptorNeverReachesItsSuccessor() throws {
    let journal = Journal()
    let thread = try LoopThread(name: "client") { _ in Holder() }
    let listener = try PeerListener()
    for _ in 0..<200 {
      let port = listener.port
      thread.call { loop, owner in
        // Closed and opened again in one batch: the descriptor's number and the slot are the same.
        for isKept in [false, false, true] {
          let connection = try? ScriptedConnection(
            loop: loop, connectingTo: .internet(.loopbackV4, port: port), journal: journal)
          if isKept, let connection { (owner as? Holder)?.connections.append(connection) } else { connection?.close() }
        }
      }
      let peers = try (0..<3).map { _ in try listener.accept() }
      withExtendedLifetime(peers) {}
    }
    journal.wait { $0.count(.connected) == 200 }
    thread.call { loop, _ in #expect(loop.channelCount == 200) }
    Self.end(thread)
  }

  @Test(
    arguments: [
      ("1.2.3.4", 80, "1.2.3.4:80"), ("::1", 443, "[::1]:443"),
    ] as [(String, UInt16, String)])
  func addressesAreWrittenAsInURLs(ip: String, port: UInt16, text: String) throws {
    let address = SocketAddress.internet(try #require(IPAddress(ip)), port: port)
    #expect(address.description == text)
    #expect(SocketAddress.unix(path: "/tmp/x").description == "unix:/tmp/x")
  }
}
