// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonTesting
import Synchronization
import Testing

/// Two scripted nodes, and which of them is asked what.
@Suite struct ScriptedClusterTests {
  private let write = CQLStatement("UPDATE t SET a = ?", [.text("x")])

  /// Two nodes on one port, as those of a cluster are.
  private func pair(_ script: @escaping ScriptedPeer.Script) throws -> (ScriptedPeer, ScriptedPeer) {
    for _ in 0..<20 {
      let first = try ScriptedPeer(peers: ["127.0.0.2"], script)
      // The port may be taken at the other address.
      if let second = try? ScriptedPeer(host: "127.0.0.2", port: first.port, peers: ["127.0.0.1"], script) {
        return (first, second)
      }
      first.stop()
    }
    throw HarnessError(.failed, "no port is free at two addresses")
  }

  /// Both nodes have a connection, so that the order among them is that of the policy.
  private func connect(_ settings: CQLSettings) async throws -> CQLCluster {
    let session = try await CQLCluster.connect(settings)
    for pool in session.plan() { _ = try await pool.connection(until: session.deadline()) }
    return session
  }

  @Test func `statements go to the nodes in turn`() async throws {
    let (first, second) = try self.pair { _ in nil }
    let session = try await self.connect(.to(first))
    for _ in 0..<10 { _ = try await session.execute(self.write) }
    #expect(first.count(.execute) == 5 && second.count(.execute) == 5)
    await session.close()
    first.stop()
    second.stop()
  }

  @Test(arguments: [0x1000, 0x1001, 0x1002] as [Int32])
  func `a node that has done nothing leaves it to the next`(_ code: Int32) async throws {
    let refusals = Mutex(1)
    let (first, second) = try self.pair { heard in
      guard heard.opcode == .execute else { return nil }
      return refusals.withLock { left in
        left -= 1
        return left >= 0 ? .error(code, "not now") : nil
      }
    }
    let session = try await self.connect(.to(first))
    _ = try await session.execute(self.write)
    #expect(first.count(.execute) == 1 && second.count(.execute) == 1)
    // Both refuse: each is asked once.
    refusals.withLock { $0 = 2 }
    await #expect(throws: CQLError.self) { try await session.execute(self.write) }
    #expect(first.count(.execute) == 2 && second.count(.execute) == 2)
    await session.close()
    first.stop()
    second.stop()
  }

  @Test func `a write that may have been done is repeated only if that is said to be harmless`() async throws {
    let failures = Mutex(1)
    let (first, second) = try self.pair { heard in
      guard heard.opcode == .execute else { return nil }
      return failures.withLock { left in
        left -= 1
        return left >= 0 ? .error(0x1100, "too slow") : nil
      }
    }
    let session = try await self.connect(.to(first))
    do {
      _ = try await session.execute(self.write)
      Issue.record("done")
    } catch {
      #expect(error == .unknownOutcome("too slow"))
    }
    #expect(first.count(.execute) + second.count(.execute) == 1)
    failures.withLock { $0 = 1 }
    var harmless = self.write
    harmless.isIdempotent = true
    _ = try await session.execute(harmless)
    #expect(first.count(.execute) + second.count(.execute) == 3)
    await session.close()
    first.stop()
    second.stop()
  }

  @Test func `a silent node does not take all the time of what may be repeated`() async throws {
    let silent = Mutex<Set<Int16>>([])
    let isOn = Mutex(false)
    let (first, second) = try self.pair { heard in
      guard heard.opcode == .execute, isOn.withLock({ $0 }) else { return nil }
      return silent.withLock { $0.insert(0).inserted } ? .silence : nil
    }
    let session = try await self.connect(.to(first, milliseconds: 3000))
    isOn.withLock { $0 = true }
    _ = try await session.execute(CQLStatement("SELECT a FROM t"))
    #expect(first.count(.execute) == 1 && second.count(.execute) == 1)
    await session.close()
    first.stop()
    second.stop()
  }

  @Test func `a node that is gone is passed over, and found again when it is back`() async throws {
    let (first, second) = try self.pair { _ in nil }
    let session = try await self.connect(.to(first))
    second.stop()
    var harmless = self.write
    harmless.isIdempotent = true
    for _ in 0..<6 { _ = try await session.execute(harmless) }
    let back = try ScriptedPeer(host: "127.0.0.2", port: first.port, peers: ["127.0.0.1"])
    let deadline = Deadline(seconds: 60)
    while back.count(.execute) == 0, !deadline.isOver { _ = try await session.execute(harmless) }
    #expect(back.count(.execute) > 0)
    await session.close()
    first.stop()
    back.stop()
  }

  @Test func `with no node up nothing was done`() async throws {
    let peer = try ScriptedPeer()
    let settings = CQLSettings.to(peer)
    let session = try await CQLCluster.connect(settings)
    peer.stop()
    let deadline = Deadline(seconds: 60)
    var error: CQLError?
    while !deadline.isOver {
      do throws(CQLError) {
        _ = try await session.execute(self.write)
      } catch let failure {
        error = failure
        if case .unavailable = failure { break }
      }
    }
    guard case .unavailable? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    await session.close()
    do {
      _ = try await CQLCluster.connect(settings)
      Issue.record("connected to nothing")
    } catch {
      guard case .unavailable = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `settings at their extremes are no trap`() async throws {
    let peer = try ScriptedPeer()
    for milliseconds in [Int.min, 0, Int.max] {
      var settings = CQLSettings.to(peer, milliseconds: milliseconds)
      settings.schemaConsensusTimeoutMilliseconds = milliseconds
      settings.pageSize = .min
      if let session = try? await CQLCluster.connect(settings) {
        _ = try? await session.execute(CQLStatement("SELECT a FROM t"))
        await session.close()
      }
      for port in [Int.min, 0, 65_536, Int.max] {
        settings.port = port
        await #expect(throws: CQLError.self) { try await CQLCluster.connect(settings) }
      }
    }
    peer.stop()
  }

  @Test func `nodes agree on the schema, or the wait ends`() async throws {
    let disagrees = Mutex(0)
    let (first, second) = try self.pair { heard in
      guard heard.host == "127.0.0.2", heard.text.contains("SELECT schema_version"),
        disagrees.withLock({ left in
          left -= 1; return left >= 0
        })
      else { return nil }
      return .message(
        .result, Sample.rows([("schema_version", Sample.uuid)], [[Array(repeating: 9, count: 16)]]))
    }
    var settings = CQLSettings.to(first)
    let session = try await self.connect(settings)
    try await session.awaitSchemaAgreement()
    disagrees.withLock { $0 = 3 }
    try await session.awaitSchemaAgreement()
    #expect(disagrees.withLock { $0 } < 0)
    await session.close()
    disagrees.withLock { $0 = .max }
    settings.schemaConsensusTimeoutMilliseconds = 300
    let impatient = try await self.connect(settings)
    await #expect(throws: CQLError.self) { try await impatient.awaitSchemaAgreement() }
    await impatient.close()
    first.stop()
    second.stop()
  }
}
