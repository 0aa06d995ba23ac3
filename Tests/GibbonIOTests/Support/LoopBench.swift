// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonIO
import Testing

/// A connection that writes down what it is told and does what its test says.
final class ScriptedConnection: Connection {
  let journal: Journal
  var onBytes: (ScriptedConnection, [UInt8]) -> Void = { _, _ in }
  var onEnd: (ScriptedConnection) -> Void = { _ in }
  var onConnect: (ScriptedConnection) -> Void = { _ in }
  var onFlush: (ScriptedConnection) -> Void = { _ in }
  var closesOnFailure = true

  init(loop: EventLoop, accepted: consuming AcceptedSocket, journal: Journal) throws(SystemError) {
    self.journal = journal
    try super.init(loop: loop, accepted: accepted)
  }

  init(loop: EventLoop, connectingTo address: SocketAddress, journal: Journal) throws(SystemError) {
    self.journal = journal
    try super.init(loop: loop, connectingTo: address)
  }

  func send(_ bytes: [UInt8]) { self.write(bytes.span) }

  override func didConnect() {
    self.journal.add(.connected)
    self.onConnect(self)
  }

  override func received(_ bytes: Span<UInt8>) {
    let bytes = bytes.array
    // First, so that whoever has an answer finds here what it answers.
    self.journal.add(bytes)
    self.onBytes(self, bytes)
  }

  override func receivedEnd() {
    self.journal.add(.end)
    self.onEnd(self)
  }

  override func didFlush() {
    self.journal.add(.flushed)
    self.onFlush(self)
  }

  override func peerHungUp() { self.journal.add(.hungUp) }
  override func timerFired() { self.journal.add(.timer) }

  override func didFail(_ error: SystemError) {
    self.journal.add(.failed(error.code))
    if self.closesOnFailure { self.close() }
  }
}

/// A loop on its own thread with a listener on loopback; confined to that thread.
final class Acceptor {
  var listener: Listener?
  var connections: [ScriptedConnection] = []
}

/// A running loop, its port, and the journal of the connections it accepted.
final class LoopBench {
  let thread: LoopThread
  let journal: Journal
  let port: UInt16

  /// - Parameter prepare: runs on the loop for each accepted connection.
  init(_ prepare: @escaping @Sendable (ScriptedConnection) -> Void = { _ in }) throws {
    let journal = Journal()
    self.journal = journal
    self.thread = try LoopThread(name: "bench") { loop in
      let acceptor = Acceptor()
      acceptor.listener = try? Listener(
        loop: loop, address: .internet(.loopbackV4, port: 0), options: ListenerOptions(),
        accepted: { [unowned acceptor] socket in
          guard let connection = try? ScriptedConnection(loop: loop, accepted: socket, journal: journal) else { return }
          acceptor.connections.append(connection)
          prepare(connection)
          journal.add(.note("accepted"))
        }, failed: { journal.add(.failed($0.code)) })
      return acceptor
    }
    let port = self.thread.call { _, owner in (owner as? Acceptor)?.listener?.address.port ?? 0 }
    self.port = try #require(port)
    try #require(self.port != 0)
  }

  deinit {
    self.thread.call { _, owner in
      guard let acceptor = owner as? Acceptor else { return }
      acceptor.listener?.close()
      for connection in acceptor.connections { connection.close() }
      acceptor.connections = []
    }
    self.thread.stop()
    self.thread.join()
  }

  /// Runs `body` on the loop with the connection accepted first.
  func onFirst<R: Sendable>(_ body: @escaping @Sendable (ScriptedConnection) -> R) throws -> R {
    self.journal.wait(for: .note("accepted"))
    let result = self.thread.call { _, owner in (owner as? Acceptor)?.connections.first.map(body) }
    return try #require(result.flatMap { $0 })
  }

  /// Waits until the loop has seen everything that was ready before.
  func settle() { for _ in 0..<2 { self.thread.call { _, _ in } } }
}

/// `count` bytes that differ from place to place.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  while bytes.count < count {
    var word = generator.next()
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: word))
      word >>= 8
    }
  }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
