// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/upstreams/:upstreams/targets` (the notes on targets).
@Suite struct AdminTargetTests {
  private typealias Admin = AdminGateway

  private func upstream(_ name: String) throws -> String {
    try Admin.make("/upstreams", ["name": .string(name)])
    return "/upstreams/\(name)/targets"
  }

  @Test func aNewTargetHasItsDefaults() throws {
    let path = try self.upstream("target-defaults.test")
    let upstream = try Admin.send("GET", "/upstreams/target-defaults.test").id
    let reply = try Admin.send("POST", path, .json(["target": "a.test"]))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at", "updated_at") == [
        "target": "a.test:8000", "weight": 100, "tags": nil, "upstream": ["id": .string(upstream)],
      ])
    for id in [reply.id, "a.test:8000"] { expect(try Admin.send("GET", "\(path)/\(id)"), 200, reply.json) }
    for id in ["a.test", "b.test:8000", Unknown.id] {
      expect(try Admin.send("GET", "\(path)/\(id)"), 404, AdminError.notFound)
    }
  }

  @Test func theNewestIsFirst() throws {
    let path = try self.upstream("newest.test")
    for number in 1...5 {
      let body: JSON = ["target": "10.0.0.\(number):80", "created_at": .number(1_700_000_000.25 + Double(number))]
      try Admin.make(path, body)
    }
    let names = { (reply: AdminReply) in reply.data.map { $0["target"].string ?? "" } }
    let expected = (1...5).reversed().map { "10.0.0.\($0):80" }
    #expect(names(try Admin.send("GET", path)) == expected)
    let first = try Admin.send("GET", "\(path)?size=2")
    #expect(names(first) == Array(expected[..<2]))
    #expect(first.json["offset"] == "2")
    #expect(first.json["next"] == .string("\(path)?offset=2"))
    #expect(names(try Admin.send("GET", "\(path)?size=2&offset=4")) == [expected[4]])
    let all = try Admin.send("GET", "\(path)/all?size=3")
    #expect(all.data.map { $0["id"].string ?? "" } == all.data.map { $0["id"].string ?? "" }.sorted())
    #expect(all.data.count == 3)
    let next = try #require(all.json["next"].string)
    #expect(next.hasPrefix("\(path)/all?offset="))
    #expect(try Admin.send("GET", next).data.count == 2)
  }

  @Test func aTargetStandsOnceInItsUpstream() throws {
    let path = try self.upstream("once.test")
    let upstream = try Admin.send("GET", "/upstreams/once.test").id
    try Admin.make(path, ["target": "10.0.0.1:80"])
    expect(
      try Admin.send("POST", path, .json(["target": "10.0.0.1:80"])), 409,
      AdminError.duplicate(
        "target=\"10.0.0.1:80\",upstream={id=\"\(upstream)\"}",
        ["target": "10.0.0.1:80", "upstream": ["id": .string(upstream)]]))
    try Admin.make(try self.upstream("other-once.test"), ["target": "10.0.0.1:80"])
  }

  static let violations: [(JSON, String, String)] = [
    ([:], "target", "required field missing"),
    (["target": "a b"], "target", "Invalid target; not a valid hostname or ip address"),
    (["target": 7], "target", "expected a string"),
    (["target": "a.test", "weight": 65_536], "weight", "value should be between 0 and 65535"),
    (["target": "a.test", "weight": -1], "weight", "value should be between 0 and 65535"),
    (["target": "a.test", "nope": 1], "nope", "unknown field"),
  ]

  @Test(arguments: Self.violations) func badTargetIsRefused(body: JSON, field: String, message: String) throws {
    _ = try Admin.send("PUT", "/upstreams/bad-target.test", .json([:]))
    expect(
      try Admin.send("POST", "/upstreams/bad-target.test/targets", .json(body)), 400,
      AdminError.violation(field, message))
  }

  @Test func putChangesAndNeverCreates() throws {
    let path = try self.upstream("put.test")
    let target = try Admin.send("POST", path, .json(["target": "10.0.0.1:80", "tags": ["kept"]]))
    let changed = try Admin.send("PUT", "\(path)/10.0.0.1:80", .json(["weight": 5]))
    expect(changed, 200)
    #expect(changed.json.without("updated_at") == target.json.with(["weight": 5]).without("updated_at"))
    let patched = try Admin.send("PATCH", "\(path)/\(target.id)", .json(["weight": 0]))
    expect(patched, 200)
    #expect(patched.json["weight"] == 0)
    #expect(try Admin.send("GET", path).data.count == 1)
    for method in ["PUT", "PATCH"] {
      for id in ["10.0.0.2:80", Unknown.id] {
        expect(try Admin.send(method, "\(path)/\(id)", .json(["weight": 5])), 404, AdminError.notFound)
      }
      expect(
        try Admin.send(method, "\(path)/\(target.id)", .json(["weight": "5"])), 400,
        AdminError.violation("weight", "expected an integer"))
    }
  }

  @Test func deletingWhatIsNotThereIsNotFound() throws {
    let path = try self.upstream("delete.test")
    try Admin.make(path, ["target": "10.0.0.1:80"])
    expect(try Admin.send("DELETE", "\(path)/10.0.0.1:80"), 204)
    expect(try Admin.send("DELETE", "\(path)/10.0.0.1:80"), 404, AdminError.notFound)
    expect(try Admin.send("DELETE", "\(path)/\(Unknown.id)"), 404, AdminError.notFound)
    expect(try Admin.send("GET", path), 200, ["data": [], "next": nil])
  }

  @Test func targetsOfOthersAreNotFound() throws {
    let path = try self.upstream("mine.test")
    let theirs = try Admin.make(try self.upstream("theirs.test"), ["target": "10.0.0.1:80"])
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
      expect(try Admin.send(method, "\(path)/\(theirs)", .json(["weight": 1])), 404, AdminError.notFound)
    }
    for (method, tail) in [("GET", ""), ("POST", ""), ("GET", "/all"), ("GET", "/a.test:80")] {
      expect(
        try Admin.send(method, "/upstreams/ghost.test/targets\(tail)", .json(["target": "a"])), 404,
        AdminError.notFound)
    }
  }

  @Test func anUpstreamTakesItsTargetsAlong() throws {
    let path = try self.upstream("gone.test")
    try Admin.make(path, ["target": "10.0.0.1:80"])
    expect(try Admin.send("DELETE", "/upstreams/gone.test"), 204)
    expect(try Admin.send("GET", path), 404, AdminError.notFound)
  }

  @Test func thereIsNoListOfAllTargets() throws {
    for target in ["/targets", "/targets/\(Unknown.id)", "/targets/\(Unknown.id)/upstream"] {
      expect(try Admin.send("GET", target), 404, AdminError.notFound)
    }
    for method in ["PUT", "PATCH", "DELETE"] {
      expect(try Admin.send(method, "/upstreams/x.test/targets"), 405, AdminError.notAllowed)
    }
  }
}
