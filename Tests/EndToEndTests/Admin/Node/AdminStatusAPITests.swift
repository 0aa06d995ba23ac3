// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The Status API (facts: admin-api.md 6).
@Suite struct AdminStatusAPITests {
  private func get(_ target: String) throws -> AdminReply { try AdminGateway.shared().statusAPI("GET", target) }

  @Test func aNodeThatServesIsReady() throws {
    expect(try self.get("/status/ready"), 200, ["message": "ready"])
    #expect(try AdminGateway.shared().statusAPI("HEAD", "/status/ready").status == 200)
  }

  @Test func itShowsTheStatus() throws {
    let reply = try self.get("/status")
    expect(reply, 200)
    #expect(reply.json["database"] == ["reachable": true])
    #expect(reply["Server"] == Wire.serverToken)
    expect(try self.get("/status/dns"), 501)
  }

  @Test func itHasNothingElse() throws {
    for path in ["/", "/services", "/config", "/endpoints", "/nope"] {
      expect(try self.get(path), 404, AdminError.notFound)
    }
    expect(try AdminGateway.shared().statusAPI("POST", "/services", .json(["host": "h"])), 404, AdminError.notFound)
    expect(try AdminGateway.shared().admin("GET", "/status/ready"), 404, AdminError.notFound)
  }
}
