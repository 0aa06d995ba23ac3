// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// PUT and PATCH (the notes, 4 and 5).
@Suite struct AdminReplacementTests {
  private typealias Admin = AdminGateway

  private func service(_ name: String, _ more: JSON = [:]) throws -> AdminReply {
    let body: JSON = ["name": .string(name), "host": "h", "retries": 1, "tags": ["t"], "path": "/p"]
    let reply = try Admin.send("POST", "/services", .json(body.with(more)))
    expect(reply, 201)
    return reply
  }

  @Test func putReplacesAndWhatIsNotGivenIsTheDefault() throws {
    let before = try self.service("put-1")
    let after = try Admin.send("PUT", "/services/\(before.id)", .json(["name": "put-1b", "host": "h2"]))
    expect(after, 200)
    #expect(after.id == before.id)
    #expect(after.json["host"] == "h2" && after.json["retries"] == 5)
    #expect(after.json["tags"] == nil && after.json["path"] == nil)
    expect(try Admin.send("GET", "/services/put-1"), 404)
    expect(try Admin.send("GET", "/services/put-1b"), 200, after.json)
  }

  @Test func putByNameKeepsTheIDAndTheName() throws {
    let before = try self.service("put-2")
    let after = try Admin.send(
      "PUT", "/services/put-2", .json(["name": "other", "id": .string(Unknown.id), "host": "h2"]))
    expect(after, 200)
    #expect(after.id == before.id && after.json["name"] == "put-2")
    expect(try Admin.send("GET", "/services/\(Unknown.id)"), 404)
  }

  @Test func putCreatesWhatIsNotThere() throws {
    let id = "0a5f3c1e-7d0b-4b63-9c58-000000000001"
    let byID = try Admin.send("PUT", "/services/\(id)", .json(["host": "h", "name": "put-3"]))
    expect(byID, 200)
    #expect(byID.id == id)
    let byName = try Admin.send("PUT", "/services/put-4", .json(["host": "h"]))
    expect(byName, 200)
    #expect(byName.json["name"] == "put-4")
    let given = "0a5f3c1e-7d0b-4b63-9c58-000000000002"
    let both = try Admin.send("PUT", "/services/put-5", .json(["host": "h", "id": .string(given)]))
    expect(both, 200)
    #expect(both.id == given)
  }

  @Test func putOverAnotherEntityIsRefused() throws {
    let owner = try self.service("put-6")
    let other = try self.service("put-7")
    expect(
      try Admin.send("PUT", "/services/\(other.id)", .json(["name": "put-6", "host": "h"])), 409,
      AdminError.duplicate("name", of: "put-6"))
    let stolen = try Admin.send("PUT", "/services/put-8", .json(["host": "h", "id": .string(owner.id)]))
    expect(stolen, 400)
    #expect(stolen.json["code"] == 3)
    expect(try Admin.send("GET", "/services/put-6"), 200, owner.json)
  }

  @Test func putIsValidated() throws {
    expect(
      try Admin.send("PUT", "/services/put-9", .json([:])), 400, AdminError.violation("host", "required field missing"))
    expect(try Admin.send("PUT", "/services/put-9", .json(["host": 1])), 400)
    expect(
      try Admin.send("PUT", "/routes/put-9", .json(["paths": ["/"], "service": ["name": "ghost"]])), 400,
      AdminError.unresolved("service", "name", "ghost", "services"))
    expect(try Admin.send("GET", "/services/put-9"), 404)
  }

  @Test func patchChangesWhatIsGiven() throws {
    let before = try self.service("patch-1")
    let after = try Admin.send("PATCH", "/services/patch-1", .json(["retries": 3, "path": nil]))
    expect(after, 200)
    #expect(after.json.without("updated_at") == before.json.with(["retries": 3, "path": nil]).without("updated_at"))
    expect(try Admin.send("GET", "/services/\(before.id)"), 200, after.json)
    for body in [AdminBody.json([:]), .none, .json(text: "[]")] {
      let same = try Admin.send("PATCH", "/services/patch-1", body)
      expect(same, 200)
      #expect(same.json.without("updated_at") == after.json.without("updated_at"))
    }
  }

  @Test func patchReplacesListsAndMaps() throws {
    let route: JSON = ["name": "patch-2", "hosts": ["a.test", "b.test"], "headers": ["x-a": ["1"], "x-b": ["2"]]]
    try Admin.make("/routes", route)
    let reply = try Admin.send("PATCH", "/routes/patch-2", .json(["hosts": ["c.test"], "headers": ["x-c": ["3"]]]))
    expect(reply, 200)
    #expect(reply.json["hosts"] == ["c.test"] && reply.json["headers"] == ["x-c": ["3"]])
  }

  @Test func patchIsValidatedWithTheRest() throws {
    let before = try self.service("patch-3")
    let bad: [(JSON, JSON)] = [
      (["foo": 1], AdminError.violation("foo", "unknown field")),
      (["host": nil], AdminError.violation("host", "required field missing")),
      (["port": "80"], AdminError.violation("port", "expected an integer")),
    ]
    for (body, error) in bad { expect(try Admin.send("PATCH", "/services/patch-3", .json(body)), 400, error) }
    let conditional = try Admin.send("PATCH", "/services/patch-3", .json(["protocol": "tcp"]))
    expect(conditional, 400)
    #expect(conditional.json["fields"]["path"] == "value must be null")
    expect(try Admin.send("GET", "/services/patch-3"), 200, before.json)
    try Admin.make("/consumers", ["username": "patch-4"])
    let alone = try Admin.send("PATCH", "/consumers/patch-4", .json(["username": nil]))
    expect(alone, 400)
    #expect(
      alone.json["fields"]["@entity"][0].string?
        .hasSuffix("at least one of these fields must be non-empty: 'custom_id', 'username'") == true)
  }

  @Test func patchOfWhatIsNotThereIsNotFoundWhateverItSays() throws {
    for body: JSON in [["retries": 1], ["foo": 1], [:]] {
      expect(
        try Admin.send("PATCH", "/services/\(Unknown.id)", .json(body)), 404, AdminError.missing(id: Unknown.id))
      expect(try Admin.send("PATCH", "/services/ghost", .json(body)), 404, AdminError.missing("name", "ghost"))
    }
    expect(try Admin.send("PATCH", "/consumers/ghost", .json([:])), 404, AdminError.missing("username", "ghost"))
    expect(try Admin.send("PATCH", "/vaults/ghost", .json([:])), 404, AdminError.missing("prefix", "ghost"))
  }

  @Test func patchDoesNotChangeAnID() throws {
    let mine = try self.service("patch-5")
    let other = try self.service("patch-6")
    expect(try Admin.send("PATCH", "/services/\(mine.id)", .json(["id": .string(mine.id), "retries": 2])), 200)
    for id in [other.id, Unknown.id] {
      expect(try Admin.send("PATCH", "/services/\(mine.id)", .json(["id": .string(id), "retries": 9])), 404)
      let byName = try Admin.send("PATCH", "/services/patch-5", .json(["id": .string(id), "retries": 2]))
      expect(byName, 200)
      #expect(byName.id == mine.id)
    }
    expect(try Admin.send("GET", "/services/patch-6"), 200, other.json)
  }

  @Test func patchToATakenNameIsRefused() throws {
    _ = try self.service("patch-7")
    _ = try self.service("patch-8")
    expect(
      try Admin.send("PATCH", "/services/patch-8", .json(["name": "patch-7"])), 409,
      AdminError.duplicate("name", of: "patch-7"))
  }

  @Test func theURLOfAServiceCanBePatched() throws {
    _ = try self.service("patch-9")
    let reply = try Admin.send("PATCH", "/services/patch-9", .json(["url": "https://new.test:8443"]))
    expect(reply, 200)
    #expect(reply.json["protocol"] == "https" && reply.json["host"] == "new.test")
    #expect(reply.json["port"] == 8443 && reply.json["path"] == nil)
  }
}
