// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/apis`, the vocabulary of Kong's first versions (docs/apis-of-the-first-kong.md).
@Suite struct AdminApisTests {
  private struct Fixture {
    let origin: Origin
    let gateway: GatewayProcess
    let url: String

    init() throws {
      self.origin = try Origin { try $0.echo() }
      self.gateway = try GatewayProcess(administered: nil)
      self.url = "http://127.0.0.1:\(self.origin.port)"
    }

    func make(_ api: JSON) throws -> AdminReply { try self.gateway.admin("POST", "/apis", .json(api)) }
  }

  @Test func theFirstGenerationIsServed() throws {
    let fixture = try Fixture()
    let made = try fixture.gateway.admin(
      "POST", "/apis",
      .form("name=books&request_path=/books&strip_request_path=true&upstream_url=\(fixture.url)/library"))
    #expect(made.status == 201, "\(made.text)")
    #expect(made.json["name"].string == "books" && made.json["request_path"].string == "/books")
    #expect(made.json["upstream_url"].string == fixture.url + "/library")
    #expect((made.json["created_at"].integer ?? 0) > 1_700_000_000_000)
    let answer = try fixture.gateway.get("/books/dune")
    #expect(answer.status == 200 && answer.text.contains("/library/dune"))
  }

  @Test func theSecondGenerationIsServed() throws {
    let fixture = try Fixture()
    let made = try fixture.make([
      "name": "shop", "hosts": "a.test, b.test", "uris": ["/shop"], "methods": "GET,HEAD", "strip_uri": false,
      "upstream_url": .string(fixture.url), "retries": 2, "upstream_read_timeout": 1234,
    ])
    #expect(made.status == 201, "\(made.text)")
    #expect(made.json["hosts"] == ["a.test", "b.test"] && made.json["methods"] == ["GET", "HEAD"])
    #expect(made.json["retries"].integer == 2 && made.json["upstream_read_timeout"].integer == 1234)
    // With two hosts there is no one request_host.
    #expect(made.json["request_host"] == .missing && made.json["request_path"].string == "/shop")
    let answer = try fixture.gateway.get("/shop/x", headers: [("Host", "b.test")])
    #expect(answer.status == 200 && answer.text.contains("/shop/x"))
    #expect(try fixture.gateway.get("/shop/x", headers: [("Host", "c.test")]).status == 404)
  }

  @Test func anAPIIsAServiceAndARoute() throws {
    let fixture = try Fixture()
    let id = try fixture.make(["name": "books", "uris": "/b", "upstream_url": .string(fixture.url)]).json["id"].string
    let service = try fixture.gateway.admin("GET", "/services/books").json
    #expect(service["id"].string == id && service["host"].string == "127.0.0.1")
    let route = try fixture.gateway.admin("GET", "/routes/books").json
    #expect(route["service"]["id"].string == id && route["paths"] == ["/b"] && route["strip_path"].bool == true)
    // A service by itself is no API.
    try #require(try fixture.gateway.admin("POST", "/services", .json(["name": "s", "host": "h"])).status == 201)
    #expect(try fixture.gateway.admin("GET", "/apis").json["total"].integer == 1)
    #expect(try fixture.gateway.admin("GET", "/apis/s").status == 404)
  }

  @Test func apisAreListedAndFound() throws {
    let fixture = try Fixture()
    for number in 0..<5 {
      let name = "api-\(number)"
      let made = try fixture.make(["name": .string(name), "uris": .string("/\(name)"), "upstream_url": "http://h"])
      try #require(made.status == 201, "\(made.text)")
    }
    let gateway = fixture.gateway
    #expect(try gateway.admin("GET", "/apis?name=api-3").json["data"].array.map { $0["name"] } == ["api-3"])
    #expect(try gateway.admin("GET", "/apis?name=none").json == ["data": [], "total": 0])
    #expect(try gateway.admin("GET", "/apis?nmae=x").json == ["nmae": "unknown field"])
    var seen: [String] = []
    var target = "/apis?size=2"
    while true {
      let page = try gateway.admin("GET", target).json
      #expect(page["total"].integer == 5)
      seen += page["data"].array.compactMap { $0["name"].string }
      guard let offset = page["offset"].string else { break }
      #expect(page["next"].string?.hasPrefix("http://") == true)
      target = "/apis?size=2&offset=\(offset)"
    }
    #expect(seen.sorted() == (0..<5).map { "api-\($0)" })
    #expect(try gateway.admin("GET", "/apis?offset=!").status == 400)
  }

  @Test func fieldsAreChangedOneByOne() throws {
    let fixture = try Fixture()
    let made = try fixture.make([
      "name": "books", "hosts": "a.test", "uris": "/b", "upstream_url": .string(fixture.url), "retries": 1,
    ]).json
    let changed = try fixture.gateway.admin(
      "PATCH", "/apis/books", .json(["request_path": "/c", "preserve_host": true]))
    #expect(changed.status == 200, "\(changed.text)")
    #expect(changed.json["uris"] == ["/c"] && changed.json["hosts"] == ["a.test"])
    #expect(changed.json["id"] == made["id"] && changed.json["created_at"] == made["created_at"])
    #expect(changed.json["retries"].integer == 1 && changed.json["preserve_host"].bool == true)
    #expect(try fixture.gateway.get("/c/x", headers: [("Host", "a.test")]).status == 200)
    #expect(try fixture.gateway.get("/b/x", headers: [("Host", "a.test")]).status == 404)
    #expect(try fixture.gateway.admin("PATCH", "/apis/books", .json([:])).json == ["message": "empty body"])
    #expect(try fixture.gateway.admin("PATCH", "/apis/none", .json(["retries": 1])).status == 404)
  }

  /// A service can be disabled, a route can want headers: the first words know neither.
  @Test(arguments: ["PATCH", "PUT"]) func whatTheFirstWordsCannotSayIsKept(method: String) throws {
    let fixture = try Fixture()
    let made = try fixture.make(["name": "a", "uris": "/a", "upstream_url": .string(fixture.url)])
    let headers: JSON = ["x-a": ["1"]]
    let admin = fixture.gateway.admin
    #expect(try admin("PATCH", "/services/a", .json(["enabled": false, "tags": ["t"]]), []).status == 200)
    #expect(try admin("PATCH", "/routes/a", .json(["headers": headers]), []).status == 200)
    let changed: JSON = ["name": "a", "uris": "/b", "upstream_url": .string(fixture.url)]
    let reply =
      method == "PUT"
      ? try admin("PUT", "/apis", .json(changed.with(["id": made.json["id"]])), [])
      : try admin("PATCH", "/apis/a", .json(["uris": "/b"]), [])
    #expect(reply.status == 200 && reply.json["uris"] == ["/b"], "\(reply)")
    let service = try admin("GET", "/services/a", .none, []).json
    #expect(service["enabled"] == false && service["tags"] == ["t"])
    #expect(try admin("GET", "/routes/a", .none, []).json["headers"] == headers)
  }

  @Test func putCreatesOrReplaces() throws {
    let fixture = try Fixture()
    let api: JSON = ["name": "books", "uris": "/b", "upstream_url": .string(fixture.url)]
    let made = try fixture.gateway.admin("PUT", "/apis", .json(api))
    #expect(made.status == 201)
    let replaced = try fixture.gateway.admin(
      "PUT", "/apis", .json(api.with(["id": made.json["id"], "uris": "/d"])))
    #expect(replaced.status == 200 && replaced.json["uris"] == ["/d"])
    let unknown = api.with(["id": "5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11"])
    #expect(try fixture.gateway.admin("PUT", "/apis", .json(unknown)).status == 404)
  }

  @Test func deletingTakesBothHalvesAndWhatHangsOnThem() throws {
    let fixture = try Fixture()
    let gateway = fixture.gateway
    _ = try fixture.make(["name": "books", "uris": "/b", "upstream_url": .string(fixture.url)])
    try #require(try gateway.admin("POST", "/apis/books/plugins", .json(["name": "key-auth"])).status == 201)
    let other = try gateway.admin("POST", "/services/books/routes", .json(["name": "other", "paths": ["/o"]]))
    try #require(other.status == 201)
    #expect(try gateway.admin("DELETE", "/apis/books").status == 409)
    #expect(try gateway.admin("DELETE", "/routes/other").status == 204)
    #expect(try gateway.admin("DELETE", "/apis/books").status == 204)
    for path in ["/apis/books", "/services/books", "/routes/books"] {
      #expect(try gateway.admin("GET", path).status == 404, "\(path)")
    }
    #expect(try gateway.admin("GET", "/plugins").json["data"] == [])
    #expect(try gateway.admin("DELETE", "/apis/books").status == 404)
    #expect(try gateway.get("/b/x").status == 404)
  }

  @Test(
    arguments: [
      (["uris": "/a"], 400, ["name": "name is required", "upstream_url": "upstream_url is required"]),
      (["name": "a", "uris": "/a", "upstream_url": "books"], 400, ["upstream_url": "upstream_url is not a url"]),
      (["upstream_url": "http://h"], 400, ["name": "name is required"]),
      (
        ["name": "a", "upstream_url": "http://h"], 400,
        ["message": "at least one of 'hosts', 'uris' or 'methods' must be specified"]
      ),
      (["name": "a", "upstream_url": "http://h", "uris": "/a", "x": 1], 400, ["x": "x is an unknown field"]),
      (
        ["name": "a", "upstream_url": "http://h", "uris": "/a", "retries": "many"], 400,
        ["retries": "retries is not a number"]
      ),
      (
        ["name": "taken", "upstream_url": "http://h", "uris": "/a"], 409, ["name": "already exists with value 'taken'"]
      ),
    ] as [(JSON, Int, JSON)])
  func faultsAreFlatObjects(api: JSON, status: Int, body: JSON) throws {
    let fixture = try Fixture()
    _ = try fixture.make(["name": "taken", "uris": "/t", "upstream_url": "http://h"])
    let reply = try fixture.make(api)
    #expect(reply.status == status && reply.json == body, "\(reply.text)")
    // Nothing is left of what was refused.
    #expect(try fixture.gateway.admin("GET", "/services").json["data"].array.count == 1)
  }

  @Test func badHostsAndUrisAreNamed() throws {
    let fixture = try Fixture()
    let hosts = try fixture.make(["name": "a", "upstream_url": "http://h", "hosts": "a.*.b"])
    let host = "host with value 'a.*.b' is invalid: Invalid wildcard placement"
    #expect(hosts.status == 400 && hosts.json["hosts"].string == host, "\(hosts.text)")
    let uris = try fixture.make(["name": "a", "upstream_url": "http://h", "uris": "a"])
    let uri = "uri with value 'a' is invalid: must be prefixed with slash"
    #expect(uris.status == 400 && uris.json["uris"].string == uri, "\(uris.text)")
  }

  @Test func pluginsOfAnAPIWork() throws {
    let fixture = try Fixture()
    let gateway = fixture.gateway
    let api = try fixture.make(["name": "books", "uris": "/b", "upstream_url": .string(fixture.url)]).json
    let made = try gateway.admin("POST", "/apis/books/plugins", .form("name=key-auth&config.key_names=token"))
    #expect(made.status == 201, "\(made.text)")
    #expect(made.json["api_id"] == api["id"] && made.json["config"]["key_names"] == ["token"])
    #expect(try gateway.get("/b/x").status == 401)
    let path = "/apis/books/plugins/\(made.json["id"].string ?? "")"
    #expect(try gateway.admin("GET", path).json == made.json)
    #expect(try gateway.admin("GET", "/apis/books/plugins").json["total"].integer == 1)
    #expect(try gateway.admin("PATCH", path, .json(["enabled": false])).json["enabled"].bool == false)
    #expect(try gateway.get("/b/x").status == 200)
    #expect(try gateway.admin("POST", "/apis/books/plugins", .json([:])).json == ["name": "name is required"])
    let unknown = try gateway.admin(
      "POST", "/apis/books/plugins", .json(["name": "request-termination", "config": ["x": 1]]))
    #expect(unknown.json == ["config.x": "x is an unknown field"])
    #expect(try gateway.admin("DELETE", path).status == 204)
    #expect(try gateway.admin("GET", path).status == 404)
  }

  @Test func withoutADatabaseTheyCanOnlyBeRead() throws {
    let gateway = try GatewayProcess(administered: nil, declarative: "_format_version: \"3.0\"\n")
    #expect(try gateway.admin("GET", "/apis").json == ["data": [], "total": 0])
    let refused = try gateway.admin(
      "POST", "/apis", .json(["name": "a", "uris": "/a", "upstream_url": "http://h"]))
    #expect(refused.status == 405)
  }
}
