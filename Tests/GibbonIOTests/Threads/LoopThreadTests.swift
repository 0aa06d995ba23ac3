// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import GibbonCore
import GibbonIO
import Glibc
import Synchronization
import Testing

@Suite struct LoopThreadTests {
  private final class Nothing {}

  private static func start() throws -> LoopThread { try LoopThread(name: "loop-under-test") { _ in Nothing() } }

  private static var thread: UInt { UInt(pthread_self()) }

  @Test func callRunsOnTheLoopsThreadAndReturnsItsResult() throws {
    let loop = try Self.start()
    let first = loop.call { _, _ in Self.thread }
    let second = loop.call { _, _ in Self.thread }
    #expect(first != nil && first == second && first != Self.thread)
    #expect(loop.call { _, owner in owner is Nothing } == true)
    loop.stop()
    loop.join()
    loop.join()
  }

  @Test func jobsOfOneThreadRunInTheirOrder() throws {
    let loop = try Self.start()
    let seen = Mutex<[Int]>([])
    for number in 0..<10_000 { loop.handle.execute { _ in seen.withLock { $0.append(number) } } }
    loop.call { _, _ in }
    #expect(seen.withLock { $0 } == Array(0..<10_000))
    loop.stop()
    loop.join()
  }

  @Test func manyThreadsMayHandOverWorkAtOnce() throws {
    let loop = try Self.start()
    let sum = Mutex(0)
    let threads = try (0..<8).map { _ in
      try SystemThread(name: "caller") {
        for _ in 0..<500 { loop.handle.execute { _ in sum.withLock { $0 += 1 } } }
        for _ in 0..<50 { loop.call { _, _ in sum.withLock { $0 += 1 } } }
      }
    }
    for thread in threads { thread.join() }
    loop.call { _, _ in }
    #expect(sum.withLock { $0 } == 8 * 550)
    loop.stop()
    loop.join()
  }

  @Test func workFromInsideAJobRunsToo() throws {
    let loop = try Self.start()
    let done = DispatchSemaphore(value: 0)
    loop.handle.execute { loop in
      loop.handle.execute { _ in done.signal() }
    }
    #expect(done.wait(timeout: .now() + 10) == .success)
    loop.stop()
    loop.join()
  }

  @Test func workHandedOverBeforeTheEndIsDoneAndAfterItRefused() throws {
    let loop = try Self.start()
    let count = Mutex(0)
    loop.stop()
    var accepted = 0
    for _ in 0..<1_000 where loop.handle.execute({ _ in count.withLock { $0 += 1 } }) { accepted += 1 }
    loop.join()
    #expect(count.withLock { $0 } == accepted)
    #expect(!loop.handle.execute { _ in count.withLock { $0 += 1 } })
    #expect(loop.call { _, _ in true } == nil)
    loop.stop()
    #expect(count.withLock { $0 } == accepted)
  }

  @Test func callersThatRaceWithTheEndAreNotLeftWaiting() throws {
    for _ in 0..<50 {
      let loop = try Self.start()
      let callers = try (0..<4).map { _ in
        try SystemThread(name: "caller") {
          while loop.call({ _, _ in true }) == true {}
        }
      }
      loop.stop()
      loop.join()
      for caller in callers { caller.join() }
    }
  }

  @Test func whatIsOpenIsClosedWhenTheLoopEnds() throws {
    let journal = Journal()
    let thread = try LoopThread(name: "ending") { loop in
      let acceptor = Acceptor()
      acceptor.listener = try? Listener(
        loop: loop, address: .internet(.loopbackV4, port: 0), options: ListenerOptions(),
        accepted: { [unowned acceptor] socket in
          guard let connection = try? ScriptedConnection(loop: loop, accepted: socket, journal: journal)
          else { return }
          acceptor.connections.append(connection)
          journal.add(.note("accepted"))
        }, failed: { _ in })
      return acceptor
    }
    let port = thread.call { _, owner in (owner as? Acceptor)?.listener?.address.port }
    let peer = try Peer(port: try #require(port.flatMap { $0 }), patience: 1)
    journal.wait(for: .note("accepted"))
    thread.stop()
    thread.join()
    let rest = try peer.receive()
    #expect(rest.isEmpty)
  }

  @Test func whatSetUpMadeLivesUntilTheLoopHasEnded() throws {
    final class Watched: Sendable {
      let onEnd: @Sendable () -> Void
      init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
      deinit { self.onEnd() }
    }
    let isGone = Mutex(false)
    let loop = try LoopThread(name: "owner") { _ in Watched { isGone.withLock { $0 = true } } }
    loop.call { _, _ in }
    #expect(!isGone.withLock { $0 })
    loop.stop()
    loop.join()
    #expect(isGone.withLock { $0 })
  }
}

@Suite struct LoopExecutorTests {
  private final class Nothing {}

  private static func currentThread() -> UInt { UInt(pthread_self()) }

  @Test func asyncWorkRunsOnTheLoopsThread() async throws {
    let loop = try LoopThread(name: "executor") { _ in Nothing() }
    let threads = await Task(executorPreference: loop.handle) {
      var threads = [Self.currentThread()]
      await Task.yield()
      threads.append(Self.currentThread())
      async let child = Self.currentThread()
      threads.append(await child)
      return threads
    }.value
    let expected = loop.call { _, _ in Self.currentThread() }
    #expect(threads.count == 3 && threads.allSatisfy { $0 == expected })
    loop.stop()
    loop.join()
  }

  @Test func tasksComeBackToTheLoopAfterWaitingElsewhere() async throws {
    let loop = try LoopThread(name: "executor") { _ in Nothing() }
    let result = await Task(executorPreference: loop.handle) {
      let before = Self.currentThread()
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume() }
      }
      return before == Self.currentThread()
    }.value
    #expect(result)
    loop.stop()
    loop.join()
  }
}
