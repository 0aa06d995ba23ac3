// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/basic-auths` and `/consumers/:consumers/basic-auth` (facts: entities.md 3).
@Suite struct AdminBasicAuthTests {
  private typealias Admin = AdminGateway

  /// `sha1sum` of `kong` and this id.
  private static let consumer = "dc76a6a7-5e46-4a05-9a5e-ca1e0b1b3ac8"
  private static let hash: JSON = "b3abf9938f2edd47ff50d74ccb33ac73bd0e6715"
  private static let incomplete = "all or none of these fields must be set: 'password', 'consumer.id'"

  private func consumer(_ name: String) throws -> String {
    try Admin.make("/consumers", ["username": .string(name)])
  }

  private static func violation(_ messages: String..., fields: JSON) -> JSON {
    let list = messages.joined(separator: "; ")
    return AdminError.violation(
      messages.count == 1 ? "schema violation (\(list))" : "\(messages.count) schema violations (\(list))", fields)
  }

  @Test func thePasswordIsKeptAsItsHash() throws {
    expect(try Admin.send("PUT", "/consumers/\(Self.consumer)", .json(["username": "hashed"])), 200)
    let path = "/consumers/hashed/basic-auth"
    let reply = try Admin.send("POST", path, .json(["username": "hashed-name", "password": "kong"]))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at") == [
        "consumer": ["id": .string(Self.consumer)], "username": "hashed-name", "password": Self.hash, "tags": nil,
      ])
    for target in ["/basic-auths/hashed-name", "/basic-auths/\(reply.id)", "\(path)/hashed-name"] {
      expect(try Admin.send("GET", target), 200, reply.json)
    }
    let form = try Admin.send("POST", path, .form("username=form-name&password=kong"))
    expect(form, 201)
    #expect(form.json["password"] == Self.hash)
    expect(
      try Admin.send("POST", path, .json(["username": "hashed-name", "password": "x"])), 409,
      AdminError.duplicate("username", of: "hashed-name"))
  }

  @Test func fieldsAreDemanded() throws {
    _ = try self.consumer("demanding")
    expect(
      try Admin.send("POST", "/consumers/demanding/basic-auth", .json([:])), 400,
      Self.violation(
        "password: required field missing", "username: required field missing",
        fields: ["password": "required field missing", "username": "required field missing"]))
    for method in ["POST", "PUT"] {
      let target = method == "PUT" ? "/basic-auths/nobodys" : "/basic-auths"
      expect(
        try Admin.send(method, target, .json(["username": "nobodys"])), 400,
        Self.violation(
          "consumer: required field missing", "password: required field missing",
          fields: ["consumer": "required field missing", "password": "required field missing"]))
      expect(
        try Admin.send(method, target, .json(["username": "nobodys", "password": "x"])), 400,
        Self.violation(
          Self.incomplete, "consumer: required field missing",
          fields: ["@entity": [.string(Self.incomplete)], "consumer": "required field missing"]))
    }
  }

  @Test func replacingByNameMakesAndChanges() throws {
    let owner = try self.consumer("replacing")
    let made = try Admin.send("PUT", "/consumers/replacing/basic-auth/robert", .json(["password": "one"]))
    expect(made, 200)
    #expect(made.json["username"] == "robert" && made.json["consumer"] == ["id": .string(owner)])
    let again = try Admin.send(
      "PUT", "/basic-auths/robert", .json(["password": "two", "consumer": ["username": "replacing"]]))
    expect(again, 200)
    #expect(again.id == made.id && again.json["password"] != made.json["password"])
  }

  @Test func aPasswordIsHashedWhenItChangesAndOnlyThen() throws {
    let owner = try self.consumer("patching")
    let path = "/consumers/patching/basic-auth"
    let made = try Admin.send("POST", path, .json(["username": "patched", "password": "kong"]))
    let changed = try Admin.send("PATCH", "\(path)/patched", .json(["password": "other"]))
    expect(changed, 200)
    #expect(changed.json["password"].string?.utf8.count == 40)
    #expect(changed.json["password"] != made.json["password"])
    for target in [path, "/basic-auths"] {
      let renamed = try Admin.send("PATCH", "\(target)/\(made.id)", .json(["username": "patched", "tags": ["t"]]))
      expect(renamed, 200, changed.json.with(["tags": ["t"]]))
    }
    let back = try Admin.send("PATCH", "\(path)/\(made.id)", .form("password=kong"))
    expect(back, 200)
    #expect(back.json["password"] == made.json["password"])
    let named: JSON = ["password": "other", "consumer": ["id": .string(owner)]]
    let top = try Admin.send("PATCH", "/basic-auths/patched", .json(named))
    expect(top, 200)
    #expect(top.json["password"] == changed.json["password"])
  }

  /// A kept password cannot be hashed for somebody else, and Kong wants both to be named.
  @Test func passwordAndConsumerChangeTogether() throws {
    _ = try self.consumer("leaving-owner")
    let next = try self.consumer("next-owner")
    let made = try Admin.send(
      "POST", "/consumers/leaving-owner/basic-auth", .json(["username": "moving", "password": "kong"]))
    let refusal = Self.violation(Self.incomplete, fields: ["@entity": [.string(Self.incomplete)]])
    let target = "/basic-auths/moving"
    expect(try Admin.send("PATCH", target, .json(["consumer": ["id": .string(next)]])), 400, refusal)
    expect(try Admin.send("PATCH", target, .json(["password": "kong"])), 400, refusal)
    expect(try Admin.send("GET", target), 200, made.json)
    let moved = try Admin.send(
      "PATCH", target, .json(["password": "kong", "consumer": ["id": .string(next)]]))
    expect(moved, 200)
    #expect(moved.json["consumer"] == ["id": .string(next)] && moved.json["password"] != made.json["password"])
    expect(
      try Admin.send("PATCH", target, .json(["username": 123])), 400,
      AdminError.violation("username", "expected a string"))
  }

  @Test func credentialsOfOthersAreNotFound() throws {
    for name in ["basic-first", "basic-second"] { _ = try self.consumer(name) }
    let id = try Admin.make("/consumers/basic-first/basic-auth", ["username": "firsts", "password": "x"])
    for method in ["GET", "PATCH", "DELETE"] {
      for name in [id, "firsts", "nobodys-name"] {
        expect(
          try Admin.send(method, "/consumers/basic-second/basic-auth/\(name)", .json([:])), 404, AdminError.notFound)
      }
    }
    expect(try Admin.send("DELETE", "/consumers/basic-first"), 204)
    expect(try Admin.send("GET", "/basic-auths/\(id)"), 404, AdminError.notFound)
  }
}
