// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Glibc
import Synchronization
import Testing

@testable import GibbonIO

@Suite struct ListenerTests {
  private final class Listeners {
    var all: [Listener] = []
  }

  @Test func portZeroIsReplacedByTheKernelsChoice() throws {
    let bench = try LoopBench()
    #expect(bench.port > 0)
    #expect(try Peer(port: bench.port).descriptor >= 0)
  }

  @Test func aProbeSaysWhatIsTakenAndTouchesNothing() throws {
    let bench = try LoopBench()
    #expect(Listener.probe(.internet(.loopbackV4, port: bench.port))?.code == EADDRINUSE)
    #expect(Listener.probe(.internet(.loopbackV4, port: 0)) == nil)
    let free = try PeerListener(isListening: false).port
    #expect(Listener.probe(.internet(.loopbackV4, port: free)) == nil)
    #expect(Listener.probe(.internet(.loopbackV4, port: free)) == nil)
    let elsewhere = try #require(IPAddress("192.0.2.1"))
    #expect(Listener.probe(.internet(elsewhere, port: 8000))?.code == EADDRNOTAVAIL)
  }

  @Test func aListenerOnATakenAddressIsAnError() throws {
    let taken = try PeerListener()
    let port = taken.port
    let bench = try LoopBench()
    let code = bench.thread.call { loop, _ -> Int32 in
      do throws(SystemError) {
        _ = try Listener(
          loop: loop, address: .internet(.loopbackV4, port: port), options: ListenerOptions(),
          accepted: { _ in }, failed: { _ in })
        return 0
      } catch {
        return error.code
      }
    }
    #expect(code == EADDRINUSE)
    withExtendedLifetime(taken) {}
  }

  @Test func aClosedListenerRefuses() throws {
    let bench = try LoopBench()
    bench.thread.call { _, owner in (owner as? Acceptor)?.listener?.close() }
    #expect(throws: PeerError.self) { _ = try Peer(port: bench.port) }
  }

  @Test func thousandsOfConnectionsAreAllAcceptedWhileOthersAreServed() throws {
    let bench = try LoopBench { connection in
      connection.onBytes = { connection, bytes in connection.send(bytes) }
      connection.onEnd = { connection in connection.close() }
    }
    let early = try Peer(port: bench.port)
    let (count, crowd) = (3_000, 150)
    for batch in 0..<(count / crowd) {
      let peers = try (0..<crowd).map { _ in try Peer(port: bench.port) }
      // The first connection is not starved by the crowd.
      try early.send("ping \(batch)")
      #expect(try early.receive(exactly: "ping \(batch)".utf8.count) == Array("ping \(batch)".utf8))
      bench.journal.wait { $0.count(.note("accepted")) >= 1 + (batch + 1) * crowd }
      withExtendedLifetime(peers) {}
    }
    #expect(bench.journal.now.count(.note("accepted")) == count + 1)
  }

  @Test func connectionsResetWhileTheyWaitDoNoHarm() throws {
    let bench = try LoopBench { connection in
      connection.onBytes = { connection, bytes in connection.send(bytes) }
    }
    for _ in 0..<300 { try Peer(port: bench.port).reset() }
    let peer = try Peer(port: bench.port)
    try peer.send("still there")
    #expect(try peer.receive(exactly: 11) == Array("still there".utf8))
  }

  @Test func severalListenersMayShareAPort() throws {
    let bench = try LoopBench()
    let (thread, port) = (bench.thread, bench.port)
    let isShared = thread.call { loop, _ -> Bool in
      let second = try? Listener(
        loop: loop, address: .internet(.loopbackV4, port: port), options: ListenerOptions(),
        accepted: { _ in }, failed: { _ in })
      second?.close()
      return second != nil
    }
    #expect(isShared == true)
  }

  /// The descriptor of a connection nobody takes over must not stay open for ever.
  @Test func aSocketThatNobodyTakesIsClosed() throws {
    let thread = try LoopThread(name: "refusing") { loop in
      let listeners = Listeners()
      if let listener = try? Listener(
        loop: loop, address: .internet(.loopbackV4, port: 0), options: ListenerOptions(),
        accepted: { _ in }, failed: { _ in })
      {
        listeners.all.append(listener)
      }
      return listeners
    }
    let port = thread.call { _, owner in (owner as? Listeners)?.all.first?.address.port }
    let peer = try Peer(port: try #require(port.flatMap { $0 }), patience: 1)
    #expect(try peer.receive().isEmpty)
    thread.call { _, owner in (owner as? Listeners)?.all.first?.close() }
    thread.stop()
    thread.join()
  }
}

@Suite struct UnixSocketTests {
  private final class Folder {
    let path: String
    var socket: String { "\(self.path)/s" }

    init() throws {
      var template = Array("/tmp/gibbon-unix-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
      _ = unlink(self.socket)
      _ = rmdir(self.path)
    }
  }

  private static func listen(on path: String, _ journal: Journal) throws -> LoopThread {
    let thread = try LoopThread(name: "unix") { loop in
      let acceptor = Acceptor()
      do throws(SystemError) {
        acceptor.listener = try Listener(
          loop: loop, address: .unix(path: path), options: ListenerOptions(),
          accepted: { [unowned acceptor] socket in
            guard let connection = try? ScriptedConnection(loop: loop, accepted: socket, journal: journal)
            else { return }
            connection.onBytes = { connection, bytes in connection.send(bytes) }
            acceptor.connections.append(connection)
          }, failed: { _ in })
        journal.add(.note("listening"))
      } catch {
        journal.add(.failed(error.code))
      }
      return acceptor
    }
    thread.call { _, _ in }
    return thread
  }

  private static func end(_ thread: LoopThread) {
    thread.call { _, owner in
      guard let acceptor = owner as? Acceptor else { return }
      acceptor.listener?.close()
      for connection in acceptor.connections { connection.close() }
      acceptor.connections = []
    }
    thread.stop()
    thread.join()
  }

  @Test func bytesGoBothWays() throws {
    let folder = try Folder()
    let served = Journal()
    let thread = try Self.listen(on: folder.socket, served)
    let journal = Journal()
    let path = folder.socket
    thread.call { loop, owner in
      guard let client = try? ScriptedConnection(loop: loop, connectingTo: .unix(path: path), journal: journal)
      else { return }
      (owner as? Acceptor)?.connections.append(client)
      client.onConnect = { $0.send(Array("hello".utf8)) }
    }
    journal.wait { $0.bytes == Array("hello".utf8) }
    Self.end(thread)
  }

  @Test func aSocketFileLeftBehindIsReplacedALiveOneIsNot() throws {
    let folder = try Folder()
    let first = Journal()
    let one = try Self.listen(on: folder.socket, first)
    #expect(first.now.has(.note("listening")))
    let second = Journal()
    let other = try Self.listen(on: folder.socket, second)
    #expect(second.now.events == [.failed(EADDRINUSE)])
    #expect(Listener.probe(.unix(path: folder.socket))?.code == EADDRINUSE)
    Self.end(other)
    Self.end(one)
    let third = Journal()
    let again = try Self.listen(on: folder.socket, third)
    #expect(third.now.has(.note("listening")))
    Self.end(again)
  }

  @Test func aProbeLeavesNoFileBehind() throws {
    let folder = try Folder()
    #expect(Listener.probe(.unix(path: folder.socket)) == nil)
    #expect(access(folder.socket, F_OK) != 0)
  }

  @Test func connectingToNothingIsAnErrorAtOnce() throws {
    let folder = try Folder()
    let path = folder.socket
    let thread = try LoopThread(name: "unix") { _ in Acceptor() }
    let code = thread.call { loop, _ -> Int32 in
      do throws(SystemError) {
        _ = try ScriptedConnection(loop: loop, connectingTo: .unix(path: path), journal: Journal())
        return 0
      } catch {
        return error.code
      }
    }
    #expect(code == ENOENT)
    thread.stop()
    thread.join()
  }
}
