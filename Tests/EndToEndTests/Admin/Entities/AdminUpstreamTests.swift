// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/upstreams` (facts: entities.md 2).
@Suite struct AdminUpstreamTests {
  private typealias Admin = AdminGateway

  @Test func aNewUpstreamHasItsDefaults() throws {
    let reply = try Admin.send("POST", "/upstreams", .json(["name": "defaults.test"]))
    expect(reply, 201)
    let entity = reply.json
    let plain = entity.without("id", "created_at", "updated_at", "healthchecks")
    #expect(
      plain == [
        "name": "defaults.test", "algorithm": "round-robin", "hash_on": "none", "hash_fallback": "none",
        "hash_on_header": nil, "hash_fallback_header": nil, "hash_on_cookie": nil, "hash_on_cookie_path": "/",
        "hash_on_query_arg": nil, "hash_fallback_query_arg": nil, "hash_on_uri_capture": nil,
        "hash_fallback_uri_capture": nil, "slots": 10_000, "tags": nil, "host_header": nil,
        "client_certificate": nil, "use_srv_name": false,
      ])
    #expect(entity["healthchecks"].keys == ["active", "passive", "threshold"])
    #expect(entity["healthchecks"]["active"]["http_path"] == "/")
    #expect(entity["healthchecks"]["passive"]["unhealthy"]["http_statuses"] == [429, 500, 503])
    expect(try Admin.send("GET", "/upstreams/defaults.test"), 200, entity)
  }

  @Test(arguments: [
    ("1.2.3.4", "Invalid name ('1.2.3.4'); no ip addresses allowed"),
    ("a.test:80", "Invalid name ('a.test:80'); no port allowed"),
    ("a b", "Invalid name ('a b'); must be a valid hostname"),
  ]) func nameMustBeAHostname(name: String, message: String) throws {
    expect(
      try Admin.send("POST", "/upstreams", .json(["name": .string(name)])), 400,
      AdminError.violation("name", message))
  }

  static let violations: [(JSON, JSON)] = [
    ([:], ["name": "required field missing"]),
    (["slots": 9], ["slots": "value should be between 10 and 65536"]),
    (["slots": "100"], ["slots": "expected an integer"]),
    (["algorithm": "best"], ["algorithm": .missing]),
    (["healthchecks": ["active": ["timeout": -1]]], ["healthchecks": .missing]),
    (["hash_on": "header"], ["hash_on_header": "required field missing"]),
    (["nope": 1], ["nope": "unknown field"]),
  ]

  @Test(arguments: Self.violations) func whatTheSchemaForbidsIsRefused(more: JSON, fields: JSON) throws {
    let entity: JSON = more == [:] ? more : more.with(["name": "invalid.test"])
    let reply = try Admin.send("POST", "/upstreams", .json(entity))
    expect(reply, 400)
    #expect(reply.json["code"] == 2)
    for (name, value) in fields.object {
      #expect(reply.json["fields"][name] != .missing, "\(reply)")
      if value != .missing { #expect(reply.json["fields"][name] == value) }
    }
  }

  @Test func nameIsUnique() throws {
    try Admin.make("/upstreams", ["name": "unique.test"])
    expect(
      try Admin.send("POST", "/upstreams", .json(["name": "unique.test"])), 409,
      AdminError.duplicate("name", of: "unique.test"))
  }

  @Test func hashingChoosesTheAlgorithm() throws {
    let reply = try Admin.send("POST", "/upstreams", .json(["name": "hashed.test", "hash_on": "ip"]))
    expect(reply, 201)
    #expect(reply.json["algorithm"] == "consistent-hashing")
    let back = try Admin.send("PATCH", "/upstreams/hashed.test", .json(["algorithm": "least-connections"]))
    expect(back, 200)
    #expect(back.json["hash_on"] == "none")
  }

  @Test func healthchecksAreMergedByPatch() throws {
    let before = try Admin.send("POST", "/upstreams", .json(["name": "merged.test"])).json
    let reply = try Admin.send(
      "PATCH", "/upstreams/merged.test", .json(["healthchecks": ["active": ["healthy": ["interval": 5]]]]))
    expect(reply, 200)
    let active = before["healthchecks"]["active"]
    #expect(
      reply.json["healthchecks"]["active"]
        == active.with(["healthy": active["healthy"].with(["interval": 5])]))
    #expect(reply.json["healthchecks"]["passive"] == before["healthchecks"]["passive"])
  }
}
