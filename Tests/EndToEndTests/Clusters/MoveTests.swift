// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Entities that move from one kind of datastore to another.
@Suite struct MoveTests {
  private func export(_ gateway: GatewayProcess) throws -> String {
    let result = try gateway.command("config", "db_export", "-", "-c", gateway.configurationFile.path)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    return result.output
  }

  /// All but when it was written last, which an import does.
  private func lasting(_ export: String) -> [Substring] {
    export.split(separator: "\n").filter { !$0.contains("updated_at: ") }
  }

  @Test(arguments: SharedDatastore.there)
  func everythingArrivesAsItWas(in datastore: SharedDatastore) throws {
    let nodes = try datastore.nodes()
    defer { nodes.remove() }
    let embedded = try GatewayProcess(administered: nil, settings: ["database": "sqlite"])
    try nodes.makeRoute("r", at: embedded)
    try embedded.create("/services/r/plugins", ["name": "key-auth", "tags": ["z", "a"]])
    try embedded.create("/consumers", ["username": "ada \u{1F511}", "custom_id": "1"])
    try embedded.create("/consumers/ada%20%F0%9F%94%91/key-auth", ["key": "k"])
    try embedded.create("/upstreams", ["name": "u"])
    try embedded.create("/upstreams/u/targets", ["target": "10.0.0.1:80", "weight": 7])
    let exported = try self.export(embedded)
    #expect(exported.contains("key: k"))

    let cluster = try nodes.start()
    let file = try cluster.folder.write(exported, to: "moved.yml")
    for _ in 0..<2 {
      // A second time changes nothing.
      let result = try cluster.command("config", "db_import", file.path, "-c", cluster.configurationFile.path)
      #expect(result.exitCode == 0, "\(result.allOutput)")
      #expect(self.lasting(try self.export(cluster)) == self.lasting(exported))
    }
    try cluster.await("/r", 200, headers: [("apikey", "k")])

    // And back, into a database that has nothing.
    let back = try GatewayProcess(administered: nil, settings: ["database": "sqlite"])
    let result = try back.command("config", "db_import", file.path, "-c", back.configurationFile.path)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    #expect(self.lasting(try self.export(back)) == self.lasting(exported))
    try back.await("/r", 200, headers: [("apikey", "k")])
  }
}
