// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/acls` and `/consumers/:consumers/acls`, where a group may stand for the id (facts: admin-api.md).
@Suite struct AdminGroupTests {
  private typealias Admin = AdminGateway

  private func consumer(_ name: String) throws -> String {
    try Admin.make("/consumers", ["username": .string(name)])
  }

  @Test func aGroupIsAnEntityOfItsConsumer() throws {
    let owner = try self.consumer("grouped")
    let reply = try Admin.send("POST", "/consumers/grouped/acls", .json(["group": "a b/ü", "tags": ["t"]]))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at") == [
        "consumer": ["id": .string(owner)], "group": "a b/ü", "tags": ["t"],
      ])
    for target in [
      "/acls/\(reply.id)", "/consumers/grouped/acls/\(reply.id)", "/consumers/\(owner)/acls/a%20b%2F%C3%BC",
    ] {
      expect(try Admin.send("GET", target), 200, reply.json)
    }
    expect(try Admin.send("GET", "/consumers/grouped/acls"), 200, ["data": [reply.json], "next": nil])
    expect(
      try Admin.send("GET", "/acls/\(reply.id)/consumer"), 200, try Admin.send("GET", "/consumers/grouped").json)
  }

  @Test func theTopLevelKnowsIdsOnly() throws {
    let owner = try self.consumer("top-grouped")
    let made = try Admin.send("POST", "/acls", .json(["group": "top", "consumer": ["id": .string(owner)]]))
    expect(made, 201)
    expect(try Admin.send("GET", "/acls/top"), 400, AdminError.invalidPrimaryKey)
    expect(
      try Admin.send("POST", "/acls", .json(["group": "top"])), 400,
      AdminError.violation("consumer", "required field missing"))
    expect(
      try Admin.send("POST", "/consumers/top-grouped/acls", .json([:])), 400,
      AdminError.violation("group", "required field missing"))
    let id = "5d1f1ed1-21a1-4b5e-8a57-00000000ac10"
    let put = try Admin.send("PUT", "/acls/\(id)", .json(["group": "put", "consumer": ["id": .string(owner)]]))
    expect(put, 200)
    #expect(put.id == id)
    expect(
      try Admin.send("PUT", "/consumers/top-grouped/acls/\(id)", .json(["group": 123])), 400,
      AdminError.violation("group", "expected a string"))
    expect(
      try Admin.send("PUT", "/consumers/top-grouped/acls/\(id)", .json([:])), 400,
      AdminError.violation("group", "required field missing"))
  }

  @Test func aConsumerIsInAGroupOnce() throws {
    let owner = try self.consumer("once")
    _ = try self.consumer("once-more")
    try Admin.make("/consumers/once/acls", ["group": "single"])
    try Admin.make("/consumers/once-more/acls", ["group": "single"])
    expect(
      try Admin.send("POST", "/consumers/once/acls", .json(["group": "single"])), 409,
      AdminError.duplicate(
        "consumer={id=\"\(owner)\"},group=\"single\"", ["consumer": ["id": .string(owner)], "group": "single"]))
  }

  @Test func puttingAGroupMakesItOrKeepsIt() throws {
    _ = try self.consumer("putting")
    let made = try Admin.send("PUT", "/consumers/putting/acls/pro")
    expect(made, 200)
    #expect(made.json["group"] == "pro")
    expect(try Admin.send("PUT", "/consumers/putting/acls/pro", .json([:])), 200)
    #expect(try Admin.send("GET", "/consumers/putting/acls").data.map { $0["id"] } == [.string(made.id)])
    let renamed = try Admin.send("PUT", "/consumers/putting/acls/pro", .json(["group": "master"]))
    expect(renamed, 200)
    #expect(renamed.id == made.id && renamed.json["group"] == "master")
    let other = try Admin.send("PUT", "/consumers/putting/acls/any", .form("group=other"))
    #expect(other.json["group"] == "other" && other.id != made.id)
    expect(try Admin.send("PUT", "/consumers/ghost/acls/pro"), 404, AdminError.notFound)
  }

  @Test func groupsAreFoundUnderTheirConsumerOnly() throws {
    let names = ["group-first", "group-second"]
    for name in names { _ = try self.consumer(name) }
    let made = try names.map { try Admin.send("PUT", "/consumers/\($0)/acls/shared") }
    for (name, entity) in zip(names, made) {
      expect(try Admin.send("GET", "/consumers/\(name)/acls/shared"), 200, entity.json)
    }
    try Admin.make("/consumers/group-first/acls", ["group": "own"])
    for method in ["GET", "PATCH", "DELETE"] {
      for name in ["own", "no-such-group", made[0].id] {
        expect(
          try Admin.send(method, "/consumers/group-second/acls/\(name)", .json([:])), 404, AdminError.notFound)
      }
    }
  }

  @Test func aGroupIsChangedAndDeletedByName() throws {
    _ = try self.consumer("changing")
    let id = try Admin.make("/consumers/changing/acls", ["group": "before"])
    let changed = try Admin.send("PATCH", "/consumers/changing/acls/before", .json(["group": "after"]))
    expect(changed, 200)
    #expect(changed.id == id && changed.json["group"] == "after")
    expect(try Admin.send("GET", "/consumers/changing/acls/before"), 404, AdminError.notFound)
    expect(
      try Admin.send("PATCH", "/consumers/changing/acls/after", .json(["group": 123])), 400,
      AdminError.violation("group", "expected a string"))
    expect(try Admin.send("DELETE", "/consumers/changing/acls/after"), 204)
    expect(try Admin.send("DELETE", "/consumers/changing/acls/after"), 404, AdminError.notFound)
    expect(try Admin.send("GET", "/acls/\(id)"), 404, AdminError.notFound)
  }
}
