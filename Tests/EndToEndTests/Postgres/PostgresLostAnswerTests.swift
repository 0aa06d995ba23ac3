// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Connections that are cut in the middle of a write.
@Suite struct PostgresLostAnswerTests {
  private struct Cut {
    let nodes: PostgresNodes
    let relay: PostgresRelay
    let gateway: GatewayProcess

    /// - Parameter isFresh: nothing was written yet.
    init(isFresh: Bool = false) throws {
      self.nodes = try PostgresNodes()
      self.relay = try PostgresRelay(to: self.nodes.cluster.port)
      self.gateway = try self.nodes.start(["pg_port": "\(self.relay.port)", "db_update_frequency": "3600"])
      if !isFresh { try self.nodes.makeRoute("r", at: self.gateway) }
    }

    func remove() {
      self.gateway.stop()
      self.relay.close()
      self.nodes.remove()
    }

    func count(_ name: String) throws -> String {
      try self.nodes.cluster.run(
        "SELECT count(*) FROM services WHERE name = '\(name)'", database: self.nodes.database)
    }

    func post(_ name: String) throws -> AdminReply {
      try self.gateway.admin("POST", "/services", .json(["name": .string(name), "host": "h", "tags": ["t"]]))
    }
  }

  @Test func anAnswerThatIsLostLeavesItOpenAndNothingDoubled() throws {
    let cut = try Cut()
    defer { cut.remove() }
    let before = cut.gateway.revision
    cut.relay.cutNext(.after("COMMIT\0"))
    let reply = try cut.post("open")
    #expect(reply.status == 503, "\(reply)")
    #expect(reply.json["message"].string?.contains("it may or may not have been done") == true, "\(reply)")
    #expect(cut.relay.cuts == 1)
    // It was done, once, and is served.
    #expect(try cut.count("open") == "1")
    try Deadline.wait(for: "the change to be followed") { cut.gateway.revision == before + 1 }
    expect(try cut.gateway.admin("GET", "/services/open"), 200)
    // Whoever tries again is told so.
    expect(try cut.post("open"), 409)
    #expect(try cut.gateway.admin("GET", "/services?tags=t").json["data"].array.count == 1)
    try cut.gateway.await("/r", 200)
  }

  @Test func aCommitThatDoesNotArriveLeavesItOpenToo() throws {
    let cut = try Cut()
    defer { cut.remove() }
    cut.relay.cutNext(.before("COMMIT\0"))
    let reply = try cut.post("open")
    #expect(reply.status == 503, "\(reply)")
    #expect(reply.json["message"].string?.contains("it may or may not have been done") == true, "\(reply)")
    // It was not done; whoever tries again has it.
    #expect(try cut.count("open") == "0")
    expect(try cut.post("open"), 201)
    #expect(try cut.count("open") == "1")
  }

  @Test(arguments: ["INSERT INTO \"services\"", "WITH f AS"], [true, false])
  func whatIsCutEarlierIsDoneAgain(at statement: String, arrives: Bool) throws {
    // The first write of a gateway has the statements' texts on the wire.
    let cut = try Cut(isFresh: true)
    defer { cut.remove() }
    cut.relay.cutNext(arrives ? .after(statement) : .before(statement))
    expect(try cut.post("again"), 201)
    #expect(cut.relay.cuts == 1)
    #expect(try cut.count("again") == "1")
  }
}
