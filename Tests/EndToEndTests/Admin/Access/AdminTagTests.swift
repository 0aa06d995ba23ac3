// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/tags`, `/tags/:tags` and `?tags=` (facts: admin-api.md 2; the notes).
@Suite(.serialized) struct AdminTagTests {
  private static let shared = Result {
    let gateway = try GatewayProcess(administered: nil)
    try gateway.create("/services", ["name": "a", "host": "h", "tags": ["red", "blue"]])
    try gateway.create("/services", ["name": "b", "host": "h", "tags": ["red", "grün und weiß"]])
    try gateway.create("/services", ["name": "c", "host": "h", "tags": ["blue"]])
    try gateway.create("/services", ["name": "d", "host": "h"])
    try gateway.create("/consumers", ["username": "e", "tags": ["red"]])
    return gateway
  }

  private func get(_ target: String) throws -> AdminReply { try Self.shared.get().admin("GET", target) }

  @Test(arguments: [
    ("red", ["a", "b"]), ("red,blue", ["a"]), ("red/blue", ["a", "b", "c"]),
    ("gr%C3%BCn%20und%20wei%C3%9F", ["b"]), ("none", []), ("red,none", []), ("none/blue", ["a", "c"]),
    ("red&tags=none", ["a", "b"]),
  ]) func aListCanBeAskedForTags(tags: String, names: [String]) throws {
    let reply = try self.get("/services?tags=\(tags)")
    expect(reply, 200)
    #expect(reply.data.map { $0["name"].string ?? "" }.sorted() == names)
  }

  @Test(arguments: [
    ("", "cannot be null"), ("a,b/c", "invalid filter syntax"), (",", "invalid filter syntax"),
    ("blue,", "invalid filter syntax"),
    ("a,b,c,d,e,f", "cannot query more than 5 tags"), ("a/b/c/d/e/f", "cannot query more than 5 tags"),
  ]) func badFilterIsRefused(tags: String, message: String) throws {
    expect(try self.get("/services?tags=\(tags)"), 400, AdminError.invalidOption("tags", message))
    expect(try self.get("/services/a/routes?tags=\(tags)"), 400, AdminError.invalidOption("tags", message))
  }

  @Test func nestedListsDoNotFilter() throws {
    let route = try Self.shared.get().create("/services/d/routes", ["paths": ["/d"]]).json
    expect(try self.get("/services/d/routes?tags=red"), 200, ["data": [route], "next": nil])
  }

  @Test func allUsesOfTagsAreListed() throws {
    let id = try self.get("/services/a").id
    let all = try self.get("/tags").data
    #expect(all.count == 6)
    #expect(all.contains(["tag": "red", "entity_name": "services", "entity_id": .string(id)]))
    #expect(all.filter { $0["entity_name"] == "consumers" }.map { $0["tag"] } == ["red"])
    let red = try self.get("/tags/red").data
    #expect(red.count == 3 && red.allSatisfy { $0["tag"] == "red" })
    #expect(try self.get("/tags/gr%C3%BCn%20und%20wei%C3%9F").data.count == 1)
    expect(try self.get("/tags/none"), 200, ["data": [], "next": nil])
  }

  @Test(arguments: [("/tags", 6), ("/tags/red", 3)]) func usesComeInPages(path: String, count: Int) throws {
    var seen: [JSON] = []
    var next: String? = "\(path)?size=2"
    while let target = next, seen.count < 20 {
      let page = try self.get(target)
      #expect(page.data.count <= 2 || !target.contains("size"))
      seen += page.data
      next = page.json["next"].string
    }
    #expect(seen.count == count && Set(seen).count == count)
  }

  @Test func tagsAreNotWrittenHere() throws {
    let refusal = AdminError.violation("tags", "does not support insert/upsert/update/delete operations")
    let gateway = try Self.shared.get()
    expect(try gateway.admin("POST", "/tags", .json(["tag": "x"])), 400, refusal)
    for method in ["PUT", "PATCH", "DELETE"] { expect(try gateway.admin(method, "/tags/red"), 400, refusal) }
  }

  @Test func aTagThatCannotBeIsRefused() throws {
    let reply = try self.get("/tags/a%2Cb")
    expect(reply, 400)
    #expect(reply.json["code"] == 10 && reply.json["name"] == "invalid unique tag")
  }

  @Test func tagsFollowTheirEntities() throws {
    let gateway = try Self.shared.get()
    let id = try gateway.create("/upstreams", ["name": "tagged.test", "tags": ["passing"]]).id
    #expect(
      try self.get("/tags/passing").data == [
        ["tag": "passing", "entity_name": "upstreams", "entity_id": .string(id)]
      ])
    expect(try gateway.admin("PATCH", "/upstreams/\(id)", .json(["tags": ["passed"]])), 200)
    #expect(try self.get("/tags/passing").data == [])
    #expect(try self.get("/tags/passed").data.count == 1)
    expect(try gateway.admin("DELETE", "/upstreams/\(id)"), 204)
    #expect(try self.get("/tags/passed").data == [])
  }
}
