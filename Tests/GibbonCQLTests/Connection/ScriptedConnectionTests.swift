// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonTesting
import Synchronization
import Testing

/// What a connection does when its node is unwell.
@Suite struct ScriptedConnectionTests {
  private let write = CQLStatement("UPDATE t SET a = ?", [.text("x")])

  private func failure(_ session: CQLCluster, _ statement: CQLStatement) async -> CQLError? {
    do throws(CQLError) {
      _ = try await session.execute(statement)
      return nil
    } catch {
      return error
    }
  }

  @Test func `answers in another order reach those who asked`() async throws {
    let held = Mutex<[(stream: Int16, value: UInt8)]>([])
    let peer = try ScriptedPeer { heard in
      guard heard.opcode == .execute else { return nil }
      let all = held.withLock { held in
        held.append((heard.envelope.stream, heard.envelope.body.last ?? 0))
        return held
      }
      guard all.count == 20 else { return .silence }
      return .several(
        all.reversed().map { ($0.stream, .result, Sample.rows([("v", Sample.varchar)], [[[$0.value]]])) })
    }
    let session = try await CQLCluster.connect(.to(peer))
    await withTaskGroup(of: Bool.self) { group in
      for letter in 0x41..<(0x41 + 20) as Range<UInt8> {
        group.addTask {
          let text = String(decoding: [letter], as: UTF8.self)
          var statement = CQLStatement("INSERT", [.text(text)])
          statement.consistency = .one
          return (try? await session.execute(statement).value("v")) == .text(text)
        }
      }
      for await isRight in group { #expect(isRight) }
    }
    await session.close()
    peer.stop()
  }

  @Test func `what a node forgot is prepared again, once`() async throws {
    let forgets = Mutex(1)
    let peer = try ScriptedPeer { heard in
      guard heard.opcode == .execute || heard.opcode == .batch else { return nil }
      return forgets.withLock { left in
        left -= 1
        return left >= 0 ? .error(0x2500, "forgotten") : nil
      }
    }
    let session = try await CQLCluster.connect(.to(peer))
    _ = try await session.execute(self.write)
    #expect(peer.count(.prepare) == 2 && peer.count(.execute) == 2)
    _ = try await session.execute(self.write)
    #expect(peer.count(.prepare) == 2)
    forgets.withLock { $0 = 1 }
    try await session.batch([self.write, self.write], .logged)
    #expect(peer.count(.prepare) == 3 && peer.count(.batch) == 2)
    forgets.withLock { $0 = 9 }
    #expect(await self.failure(session, self.write) == .refused(code: 0x2500, "forgotten"))
    await session.close()
    peer.stop()
  }

  @Test func `no answer in time leaves the outcome open and the connection up`() async throws {
    let isSilent = Mutex(false)
    let peer = try ScriptedPeer { heard in
      heard.opcode == .execute && isSilent.withLock { $0 } ? .silence : nil
    }
    let session = try await CQLCluster.connect(.to(peer, milliseconds: 1000))
    _ = try await session.execute(self.write)
    isSilent.withLock { $0 = true }
    guard case .unknownOutcome? = await self.failure(session, self.write) else {
      Issue.record("not unknown")
      return
    }
    isSilent.withLock { $0 = false }
    _ = try await session.execute(self.write)
    // One that follows the cluster, one for statements: the node said that it lives.
    #expect(peer.count(.startup) == 2)
    await session.close()
    peer.stop()
  }

  @Test func `a lost connection is made anew, and nothing is sent twice`() async throws {
    let closes = Mutex(true)
    let peer = try ScriptedPeer { heard in
      heard.opcode == .execute && closes.withLock { $0 } ? .close : nil
    }
    let session = try await CQLCluster.connect(.to(peer))
    guard case .unknownOutcome? = await self.failure(session, self.write) else {
      Issue.record("not unknown")
      return
    }
    #expect(peer.count(.execute) == 1)
    closes.withLock { $0 = false }
    _ = try await session.execute(self.write)
    #expect(peer.count(.execute) == 2)
    await session.close()
    peer.stop()
  }

  @Test func `bytes that are no message end the connection`() async throws {
    let isMad = Mutex(true)
    let peer = try ScriptedPeer { heard in
      heard.opcode == .execute && isMad.withLock { $0 } ? .bytes(Array("HTTP/1.1 400\r\n".utf8)) : nil
    }
    let session = try await CQLCluster.connect(.to(peer))
    guard case .malformed? = await self.failure(session, self.write) else {
      Issue.record("not malformed")
      return
    }
    isMad.withLock { $0 = false }
    _ = try await session.execute(self.write)
    await session.close()
    peer.stop()
  }

  /// 4.0 on v3 after `USE`: from then on the connection answers nothing else.
  @Test func `a connection that broke the protocol is not used again`() async throws {
    let words = "Must not send frame with WARNING flag for native protocol version < 4"
    let spoilt = Mutex<Int?>(nil)
    let peer = try ScriptedPeer { heard in
      guard heard.opcode == .prepare || heard.opcode == .execute else { return nil }
      let isSpoilt = spoilt.withLock { spoilt in
        if spoilt == nil { spoilt = heard.connection }
        return spoilt == heard.connection
      }
      return isSpoilt ? .error(0x000A, words) : nil
    }
    let session = try await CQLCluster.connect(.to(peer))
    #expect(await self.failure(session, self.write) == .refused(code: 0x000A, words))
    _ = try await session.execute(self.write)
    await session.close()
    peer.stop()
  }

  @Test func `a server of v3 only is spoken to in v3`() async throws {
    let peer = try ScriptedPeer { heard in
      heard.envelope.version > 3 ? .error(0x000A, "Invalid or unsupported protocol version") : nil
    }
    let session = try await CQLCluster.connect(.to(peer))
    _ = try await session.execute(self.write)
    #expect(peer.all(.execute).map(\.envelope.version) == [3])
    await session.close()
    peer.stop()
  }

  @Test func `a password is sent to a node that asks, and the keyspace taken`() async throws {
    let peer = try ScriptedPeer { heard in
      switch heard.opcode {
      case .startup: .message(.authenticate, Sample.authenticate)
      case .authResponse: .message(.authSuccess, Hex.bytes("FFFFFFFF"))
      default: nil
      }
    }
    var settings = CQLSettings.to(peer)
    settings.username = "us"
    settings.password = "pw"
    settings.keyspace = "Odd\"name"
    let session = try await CQLCluster.connect(settings)
    #expect(peer.all(.authResponse).first?.envelope.body == Hex.bytes("00000006 00 7573 00 7077"))
    #expect(peer.all(.query).contains { $0.text == "USE \"Odd\"\"name\"" })
    await session.close()
    settings.password = nil
    do {
      _ = try await CQLCluster.connect(settings)
      Issue.record("let in")
    } catch {
      guard case .refused(0x0100, _) = error else {
        Issue.record("not refused: \(error)")
        return
      }
    }
    peer.stop()
  }
}
