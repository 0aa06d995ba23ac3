// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/key-auths` and `/consumers/:consumers/key-auth` (facts: entities.md 3; the notes on `ttl`).
@Suite struct AdminCredentialTests {
  private typealias Admin = AdminGateway

  private func consumer(_ name: String) throws -> String {
    try Admin.make("/consumers", ["username": .string(name)])
  }

  @Test func aKeyIsMadeWhenNoneIsGiven() throws {
    let consumer = try self.consumer("made-key")
    let reply = try Admin.send("POST", "/consumers/made-key/key-auth")
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at", "key") == [
        "consumer": ["id": .string(consumer)], "tags": nil, "ttl": nil,
      ])
    let key = try #require(reply.json["key"].string)
    #expect(key.utf8.count == 32)
    for target in [
      "/key-auths/\(key)", "/key-auths/\(reply.id)", "/consumers/made-key/key-auth/\(key)",
      "/consumers/\(consumer)/key-auth/\(reply.id)",
    ] {
      expect(try Admin.send("GET", target), 200, reply.json)
    }
    expect(try Admin.send("GET", "/consumers/made-key/key-auth"), 200, ["data": [reply.json], "next": nil])
    expect(try Admin.send("GET", "/key-auths/\(key)/consumer"), 200, try Admin.send("GET", "/consumers/made-key").json)
  }

  @Test func theTopLevelNeedsAConsumer() throws {
    let consumer = try self.consumer("top-level")
    for reference: JSON in [["username": "top-level"], ["id": .string(consumer)]] {
      let reply = try Admin.send("POST", "/key-auths", .json(["consumer": reference]))
      expect(reply, 201)
      #expect(reply.json["consumer"] == ["id": .string(consumer)])
    }
    expect(
      try Admin.send("POST", "/key-auths", .json(["key": "no-consumer"])), 400,
      AdminError.violation("consumer", "required field missing"))
    expect(
      try Admin.send("POST", "/key-auths", .json(["consumer": ["username": "ghost"]])), 400,
      AdminError.unresolved("consumer", "username", "ghost", "consumers"))
    expect(
      try Admin.send("POST", "/key-auths", .json(["consumer": ["id": .string(Unknown.id)]])), 400,
      AdminError.unknownReference("consumer", Unknown.id, "consumers"))
    expect(try Admin.send("POST", "/consumers/ghost/key-auth"), 404, AdminError.notFound)
  }

  @Test func badKeysAreRefused() throws {
    _ = try self.consumer("bad-keys")
    let path = "/consumers/bad-keys/key-auth"
    expect(try Admin.send("POST", path, .json(["key": 7])), 400, AdminError.violation("key", "expected a string"))
    expect(
      try Admin.send("POST", path, .json(["key": ""])), 400, AdminError.violation("key", "length must be at least 1"))
    expect(try Admin.send("POST", path, .json(["nope": 1])), 400, AdminError.violation("nope", "unknown field"))
    try Admin.make(path, ["key": "taken-key"])
    expect(
      try Admin.send("POST", path, .json(["key": "taken-key"])), 409, AdminError.duplicate("key", of: "taken-key"))
  }

  @Test func timeToLiveIsPrintedAsWhatRemains() throws {
    _ = try self.consumer("ttl")
    let path = "/consumers/ttl/key-auth"
    let reply = try Admin.send("POST", path, .json(["key": "ttl-key", "ttl": 600]))
    expect(reply, 201)
    let left = { (reply: AdminReply) in (500...600).contains(reply.json["ttl"].integer ?? -1) }
    #expect(left(reply))
    #expect(left(try Admin.send("GET", "/key-auths/ttl-key")))
    #expect(left(try Admin.send("PATCH", "\(path)/ttl-key", .json(["tags": ["t"]]))))
    #expect(try Admin.send("PATCH", "\(path)/ttl-key", .json(["ttl": 0])).json["ttl"] == nil)
    #expect(left(try Admin.send("PATCH", "\(path)/ttl-key", .form("ttl=600"))))
    #expect(try Admin.send("PUT", "\(path)/ttl-key", .json([:])).json["ttl"] == nil)
    #expect(try Admin.send("POST", path, .json(["ttl": nil])).json["ttl"] == nil)
  }

  @Test(arguments: [-1, 1.5, 100_000_001, "60", "abc", true] as [JSON]) func badTimeToLiveIsRefused(ttl: JSON) throws {
    _ = try Admin.send("PUT", "/consumers/bad-ttl", .json([:]))
    expect(
      try Admin.send("POST", "/consumers/bad-ttl/key-auth", .json(["ttl": ttl])), 400,
      AdminError.invalidOption("ttl", "must be an integer between 0 and 100000000"))
  }

  @Test func whatHasExpiredIsNotThere() throws {
    _ = try self.consumer("expiring")
    let path = "/consumers/expiring/key-auth"
    let id = try Admin.make(path, ["key": "expiring-key", "ttl": 1])
    try Deadline.wait(for: "the credential to expire") { try Admin.send("GET", "\(path)/\(id)").status == 404 }
    expect(try Admin.send("GET", path), 200, ["data": [], "next": nil])
    expect(try Admin.send("GET", "/key-auths/expiring-key"), 404, AdminError.notFound)
    expect(try Admin.send("POST", path, .json(["key": "expiring-key"])), 201)
  }

  @Test func credentialsOfOthersAreNotFound() throws {
    _ = try self.consumer("first-owner")
    _ = try self.consumer("second-owner")
    let id = try Admin.make("/consumers/first-owner/key-auth", ["key": "first-key"])
    for method in ["GET", "PATCH", "DELETE"] {
      for name in [id, "first-key"] {
        expect(
          try Admin.send(method, "/consumers/second-owner/key-auth/\(name)", .json([:])), 404, AdminError.notFound)
      }
    }
    expect(try Admin.send("DELETE", "/consumers/first-owner/key-auth/first-key"), 204)
    expect(try Admin.send("DELETE", "/consumers/first-owner/key-auth/first-key"), 404, AdminError.notFound)
    expect(try Admin.send("DELETE", "/key-auths/first-key"), 204)
  }
}
