// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonIO
import Glibc
import Testing

/// In a process of its own, since the limit holds for the whole process.
@Suite struct OutOfDescriptorsTests {
  @Test func aListenerOutOfDescriptorsWaitsAndGoesOn() async {
    await #expect(processExitsWith: .success) {
      let bench = try LoopBench()
      let first = try Peer(port: bench.port)
      bench.journal.wait(for: .note("accepted"))
      // One descriptor is left for a client, none for the accepted side.
      var limit = rlimit()
      try #require(getrlimit(__rlimit_resource_t(7), &limit) == 0)
      let full = limit
      let lowest = dup(first.descriptor)
      _ = close(lowest)
      limit.rlim_cur = rlim_t(lowest + 1)
      try #require(setrlimit(__rlimit_resource_t(7), &limit) == 0)
      let second = try Peer(port: bench.port)
      bench.journal.wait(for: .failed(EMFILE))
      limit = full
      try #require(setrlimit(__rlimit_resource_t(7), &limit) == 0)
      // Nothing new arrives: the listener looks again by itself.
      bench.journal.wait { $0.count(.note("accepted")) == 2 }
      withExtendedLifetime(second) {}
    }
  }

  @Test func aCrowdAtTheDoorIsReportedAtMostTwiceASecond() async {
    await #expect(processExitsWith: .success) {
      let bench = try LoopBench()
      let peers = try (0..<20).map { _ in try Peer.socket() }
      let before = Clock.monotonicMicroseconds
      var limit = rlimit()
      try #require(getrlimit(__rlimit_resource_t(7), &limit) == 0)
      let full = limit
      let lowest = dup(peers[0])
      _ = close(lowest)
      limit.rlim_cur = rlim_t(lowest)
      try #require(setrlimit(__rlimit_resource_t(7), &limit) == 0)
      for peer in peers {
        _ = Peer.withLoopback(port: bench.port) { connect(peer, $0, $1) }
        bench.settle()
      }
      let reports = bench.journal.now.count(.failed(EMFILE))
      let elapsed = (Clock.monotonicMicroseconds - before) / 1_000_000
      #expect(reports >= 1 && reports <= 2 + 2 * Int(elapsed))
      limit = full
      try #require(setrlimit(__rlimit_resource_t(7), &limit) == 0)
      bench.journal.wait { $0.count(.note("accepted")) == 20 }
    }
  }
}
