// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// One node of several that the gateways cannot reach, while the others can: what a node that dies looks like to a
/// gateway, but for its rows. Those cannot be taken away from here: docs/cassandra.md has what happens then.
@Suite(
  .enabled(
    if: CassandraRelays.isPossible && CassandraServer.given?.hosts.count ?? 0 > 1,
    "GIBBON_TEST_CASSANDRA=host:port,host:port names no two nodes of this machine"))
struct CassandraNodeAwayTests {
  @Test func everythingGoesOnWithoutOneNode() throws {
    let nodes = try CassandraNodes(isRelayed: true)
    let relays = try #require(nodes.relays)
    let gateways = [try nodes.start(), try nodes.start()]
    try nodes.makeClosedRoute("closed", key: "k", at: gateways[0])
    let key = [("apikey", "k")]
    for gateway in gateways { try gateway.await("/closed", 200, headers: key) }
    let traffic = try gateways.map { try Traffic("/closed", headers: key, at: $0) }
    let writers = Writers(2, at: gateways)
    try self.awaitWrites(writers, "before")
    // Each of them, and the first one again. What is away next is all that was left before: that it may go shows that
    // the one before was found again.
    for (number, relay) in (relays.nodes + relays.nodes.prefix(1)).enumerated() {
      relay.cut()
      try self.awaitWrites(writers, "without a node, round \(number)")
      for gateway in gateways { try Deadline.wait(for: "a way around it") { try gateway.isDatabaseReachable } }
      // Keys that nobody has in memory are found at the others.
      let name = "late-\(number)"
      try gateways[0].create("/consumers/ada/key-auth", ["key": .string(name)])
      try gateways[1].await("/closed", 200, headers: [("apikey", name)])
      try relay.mend()
      try self.awaitWrites(writers, "with all nodes, round \(number)")
      try self.awaitConnections(relay, number)
    }
    try writers.stop()
    for one in traffic { #expect(try one.stop() == [200]) }
    // Only what was under way at a node when it went may be open, and says so.
    for refusal in writers.refusals { #expect(refusal.status == 503, "\(refusal)") }
    // Nothing that was acknowledged is lost, and both have the same.
    for gateway in gateways {
      for name in writers.acknowledged { expect(try gateway.admin("GET", "/services/\(name)"), 200) }
    }
    try Deadline.wait(for: "the same revision") { gateways[0].revision == gateways[1].revision }
    let hashes = try gateways.map { try $0.admin("GET", "/status").json["configuration"]["hash"] }
    #expect(hashes[0] == hashes[1])
  }

  private func awaitWrites(_ writers: Writers, _ phase: String) throws {
    let before = writers.acknowledged.count
    try Deadline.wait(for: "writes \(phase); refused were \(writers.refusals.suffix(3))", seconds: 60) {
      writers.acknowledged.count >= before + 20
    }
  }

  /// A node that came back is used again, without anybody's help.
  private func awaitConnections(_ relay: Relay, _ round: Int) throws {
    try Deadline.wait(for: "connections to the node, round \(round)", seconds: 90) { relay.connections > 0 }
  }
}
