// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A Cassandra that cannot be used, as a reload says it.
@Suite(.enabled(if: CassandraServer.given != nil, "GIBBON_TEST_CASSANDRA=host:port names no server"))
struct CassandraReloadTests {
  @Test func whatCannotBeUsedIsRefusedAndTheOldOneGoesOn() throws {
    let nodes = try CassandraNodes()
    let gateway = try nodes.start()
    try nodes.makeRoute("r", at: gateway)
    let port = try FreePort()
    let empty = nodes.given.makeKeyspaceName()
    let mistakes: [(change: [String: String], words: [String])] = [
      (["cassandra_port": "\(port.number)"], [":\(port.number)", "refused"]),
      (["cassandra_contact_points": "no.such.host.invalid"], ["no.such.host.invalid"]),
      (["cassandra_keyspace": empty], [empty, "is not set up", "gibbon migrations bootstrap"]),
    ]
    for (number, mistake) in mistakes.enumerated() {
      try gateway.change(nodes.settings.merging(mistake.change) { $1 })
      let result = try gateway.reload()
      #expect(result.exitCode == 1, "\(mistake.change): \(result.allOutput)")
      for word in mistake.words { #expect(result.errorOutput.contains(word), "\(result.allOutput)") }
      try gateway.await("/r", 200)
      try nodes.makeRoute("r-\(number)", at: gateway)
      try gateway.await("/r-\(number)", 200)
    }
  }
}
