// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/consumers` (facts: entities.md 2; the one filter, `custom_id`).
@Suite struct AdminConsumerTests {
  private typealias Admin = AdminGateway

  @Test func aConsumerIsFoundByIDAndByUsername() throws {
    let reply = try Admin.send("POST", "/consumers", .json(["username": "héloïse & co", "tags": ["t1"]]))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at", "updated_at") == [
        "username": "héloïse & co", "custom_id": nil, "tags": ["t1"],
      ])
    expect(try Admin.send("GET", "/consumers/\(reply.id)"), 200, reply.json)
    expect(try Admin.send("GET", "/consumers/h%C3%A9lo%C3%AFse%20%26%20co"), 200, reply.json)
    expect(try Admin.send("GET", "/consumers/nobody-here"), 404, AdminError.notFound)
  }

  @Test func oneNameIsNeeded() throws {
    let message = "at least one of these fields must be non-empty: 'custom_id', 'username'"
    let body = AdminError.violation("schema violation (\(message))", ["@entity": [.string(message)]])
    expect(try Admin.send("POST", "/consumers", .json([:])), 400, body)
    expect(try Admin.send("POST", "/consumers"), 400, body)
    expect(try Admin.send("PUT", "/consumers/\(Unknown.id)", .json([:])), 400, body)
    expect(try Admin.send("POST", "/consumers", .json(["custom_id": "only-this"])), 201)
    expect(try Admin.send("PUT", "/consumers/named-by-path", .json([:])), 200)
  }

  @Test(arguments: ["username", "custom_id"]) func bothNamesAreUnique(field: String) throws {
    let value = "unique-\(field)"
    try Admin.make("/consumers", [field: .string(value)])
    expect(
      try Admin.send("POST", "/consumers", .json([field: .string(value)])), 409,
      AdminError.duplicate(field, of: value))
    expect(
      try Admin.send("PUT", "/consumers/\(Unknown.id)", .json([field: .string(value)])), 409,
      AdminError.duplicate(field, of: value))
  }

  @Test(arguments: [JSON.integer(7), JSON.array([]), JSON.string("")]) func badUsernameIsRefused(value: JSON) throws {
    let message = value == "" ? "length must be at least 1" : "expected a string"
    let reply = try Admin.send("POST", "/consumers", .json(["custom_id": "bad-username", "username": value]))
    expect(reply, 400, AdminError.violation("username", message))
  }

  @Test func aListCanBeAskedForOneCustomID() throws {
    let entity = try Admin.send("POST", "/consumers", .json(["custom_id": "shop #7"])).json
    expect(try Admin.send("GET", "/consumers?custom_id=shop%20%237"), 200, ["data": [entity], "next": nil])
    expect(try Admin.send("GET", "/consumers?custom_id=none"), 200, ["data": [], "next": nil])
    let refusal: JSON = ["message": "custom_id must be an unempty string"]
    expect(try Admin.send("GET", "/consumers?custom_id="), 400, refusal)
    expect(try Admin.send("GET", "/consumers?custom_id=a&custom_id=b"), 400, refusal)
  }

  @Test func noOtherFieldFilters() throws {
    let id = try Admin.make("/consumers", ["username": "not-filtered"])
    let reply = try Admin.send("GET", "/consumers?username=somebody-else&size=1000")
    expect(reply, 200)
    #expect(reply.data.contains { $0["id"] == .string(id) })
  }

  @Test func whatBelongsToAConsumerGoesWithIt() throws {
    try Admin.make("/consumers", ["username": "leaving"])
    let plugin = try Admin.make("/consumers/leaving/plugins", ["name": "request-termination"])
    let credential = try Admin.make("/consumers/leaving/key-auth", ["key": "leaving-key"])
    expect(try Admin.send("DELETE", "/consumers/leaving"), 204)
    for target in ["/consumers/leaving", "/plugins/\(plugin)", "/key-auths/\(credential)"] {
      expect(try Admin.send("GET", target), 404, AdminError.notFound)
    }
  }
}
