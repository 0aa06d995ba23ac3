// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonTesting
import Testing

/// Two scripted nodes that share the rows of a keyspace, and which of them is asked for what.
@Suite struct ScriptedRoutingTests {
  private static func cell(_ texts: [String]) -> [UInt8] {
    Hex.bytes("0000000\(texts.count)") + texts.flatMap { Hex.bytes("000000") + [UInt8($0.utf8.count)] + Array($0.utf8) }
  }

  /// Tokens up to zero are the first node's, the others the second one's.
  private static func tokens(_ host: String) -> [UInt8] {
    Self.cell([host == "127.0.0.1" ? "0" : "\(Int64.max)"])
  }

  private static let id = Array(repeating: UInt8(1), count: 16)
  private static let map = Hex.bytes("0021 000D 000D")

  private static func script(factor: String) -> ScriptedPeer.Script {
    { heard in
      let other = heard.host == "127.0.0.1" ? "127.0.0.2" : "127.0.0.1"
      if heard.text.contains("system.local"), heard.text.contains("partitioner") {
        return .message(
          .result,
          Sample.rows(
            [("partitioner", Sample.varchar), ("tokens", Sample.texts)],
            [[Array("org.apache.cassandra.dht.Murmur3Partitioner".utf8), Self.tokens(heard.host)]]))
      }
      if heard.text.contains("system.peers") {
        let address = other.split(separator: ".").compactMap { UInt8($0) }
        return .message(
          .result,
          Sample.rows(
            [("peer", Sample.inet), ("host_id", Sample.uuid), ("tokens", Sample.texts)],
            [[address, Self.id, Self.tokens(other)]]))
      }
      if heard.text.contains("system_schema.keyspaces") {
        let options =
          Hex.bytes("00000002") + Self.cell(["class", "SimpleStrategy", "replication_factor", factor]).dropFirst(4)
        return .message(
          .result,
          Sample.rows([("keyspace_name", Sample.varchar), ("replication", Self.map)], [[Array("k".utf8), options]]))
      }
      return nil
    }
  }

  private func pair(factor: String) async throws -> (ScriptedPeer, ScriptedPeer, CQLCluster) {
    for _ in 0..<20 {
      let first = try ScriptedPeer(Self.script(factor: factor))
      // The port may be taken at the other address.
      if let second = try? ScriptedPeer(host: "127.0.0.2", port: first.port, Self.script(factor: factor)) {
        let session = try await CQLCluster.connect(.to(first))
        for pool in session.plan() { _ = try await pool.connection(until: session.deadline()) }
        return (first, second, session)
      }
      first.stop()
    }
    throw HarnessError(.failed, "no port is free at two addresses")
  }

  /// The sample's answer to PREPARE says that the second value is the key.
  private static func statement(_ key: String) -> CQLStatement {
    CQLStatement("UPDATE t SET a = ? WHERE b = ?", [.text("x"), .text(key)])
  }

  private static func isFirst(_ key: String) -> Bool { Murmur3.token(Array(key.utf8)) <= 0 }

  @Test func `a row is asked for at a node that has it`() async throws {
    let (first, second, session) = try await self.pair(factor: "1")
    // The nodes say what the key is when they are first asked.
    _ = try await session.execute(Self.statement("k"))
    let before = (first.count(.execute), second.count(.execute))
    let keys = (0..<40).map { "key-\($0)" }
    for key in keys { _ = try await session.execute(Self.statement(key)) }
    let ofFirst = keys.count(where: Self.isFirst)
    #expect(ofFirst > 5 && ofFirst < 35)
    #expect(first.count(.execute) - before.0 == ofFirst)
    #expect(second.count(.execute) - before.1 == keys.count - ofFirst)
    // A batch goes where its first row is.
    for key in keys { try await session.batch([Self.statement(key), Self.statement("k")], .unlogged) }
    #expect(first.count(.batch) == ofFirst && second.count(.batch) == keys.count - ofFirst)
    await session.close()
    first.stop()
    second.stop()
  }

  @Test func `nodes that both have it take turns`() async throws {
    let (first, second, session) = try await self.pair(factor: "2")
    for _ in 0..<10 { _ = try await session.execute(Self.statement("key")) }
    #expect(first.count(.execute) == 5 && second.count(.execute) == 5)
    await session.close()
    first.stop()
    second.stop()
  }

  private final class Weak {
    weak var session: CQLCluster?
    init(_ session: CQLCluster) { self.session = session }
  }

  private func opened() async throws -> (ScriptedPeer, ScriptedPeer, Weak) {
    let (first, second, session) = try await self.pair(factor: "1")
    return (first, second, Weak(session))
  }

  @Test func `a session that is dropped ends`() async throws {
    let (first, second, dropped) = try await self.opened()
    #expect(first.openCount + second.openCount > 0)
    while dropped.session != nil || first.openCount + second.openCount > 0 { await Task.yield() }
    first.stop()
    second.stop()
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1:%: connection refused"), ("::1", "[::1]:%: connection refused"),
    ("no..name", "no..name:%: the name cannot be resolved"),
  ])
  func `who cannot be reached is named in plain words`(_ host: String, _ words: String) async throws {
    let peer = try ScriptedPeer()
    var settings = CQLSettings.to(peer)
    peer.stop()
    settings.contactPoints = [host]
    do {
      _ = try await CQLCluster.connect(settings)
      Issue.record("connected to nothing")
    } catch {
      #expect(error == .unavailable(words.split(separator: "%").joined(separator: "\(peer.port)")))
    }
  }
}
