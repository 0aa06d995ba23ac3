// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

/// `/apis/{api}/plugins`
@Suite struct ApiPluginTests {
  private static let schema = PluginSchema(
    "greeting",
    config: [
      .string("word", .required), .integer("times", .default(1), .between(1, 9)),
      .array("names", of: .string(), .default([])), .boolean("loud", .default(false)),
      .record("place", [.set("rooms", of: .integer())]),
    ])

  private func filled() async throws -> AdminFixture {
    let fixture = try await AdminFixture(plugins: [Self.schema])
    for name in ["books", "shop"] {
      let made = await fixture.post(
        "/apis", ["name": .string(name), "uris": .string("/\(name)"), "upstream_url": "http://h.test"])
      #expect(made.status == 201, "\(made)")
    }
    return fixture
  }

  private func greeting(_ fixture: AdminFixture) async -> (reply: AdminFixture.Reply, path: String) {
    let reply = await fixture.post("/apis/books/plugins", ["name": "greeting", "config": ["word": "hi"]])
    return (reply, "/apis/books/plugins/\(reply["id"]?.stringValue ?? "")")
  }

  @Test func aPluginIsThatOfTheService() async throws {
    let fixture = try await self.filled()
    let (made, path) = await self.greeting(fixture)
    let api = await fixture.get("/apis/books")["id"] ?? .null
    var expected: JSONObject = [
      "api_id": api, "name": "greeting", "enabled": true, "created_at": .int(Int64(AdminFixture.now) * 1000),
    ]
    expected["config"] = ["word": "hi", "times": 1, "names": [], "loud": false, "place": ["rooms": .null]]
    expected["id"] = made["id"]
    #expect(made.status == 201 && made.json == .object(expected), "\(made)")
    #expect(await fixture.get(path).json == made.json)
    #expect(await fixture.get("/services/books/plugins").data.first?["service"]?["id"] == api)
    #expect(await fixture.get("/apis/books/plugins").json == ["data": [made.json], "total": 1])
    #expect(await fixture.get("/apis/shop/plugins").json == ["data": [], "total": 0])
  }

  @Test func formsAndDottedKeysAndTextsAreTaken() async throws {
    let fixture = try await self.filled()
    let form = await fixture.form(
      "POST", "/apis/books/plugins",
      "name=greeting&config.word=hi&config.names=a,b&config.times=3&config.place.rooms=1,2&enabled=false")
    #expect(form.status == 201, "\(form)")
    #expect(form["config"]?["names"] == ["a", "b"] && form["config"]?["times"] == 3 && form["enabled"] == false)
    #expect(form["config"]?["place"] == ["rooms": [1, 2]])
    let json = await fixture.post(
      "/apis/shop/plugins",
      ["name": "greeting", "config.word": "ho", "config.names": "c", "config": ["loud": "true", "times": "2"]])
    #expect(json.status == 201, "\(json)")
    #expect(json["config"]?["word"] == "ho" && json["config"]?["names"] == ["c"])
    #expect(json["config"]?["loud"] == true && json["config"]?["times"] == 2)
  }

  @Test(
    arguments: [
      ([:], 400, ["name": "name is required"]),
      (["name": "x"], 400, ["config": "Plugin \"x\" not found"]),
      (["name": "greeting"], 400, ["config.word": "word is required"]),
      (
        ["name": "greeting", "config": ["word": "hi", "foo": 1, "times": 10]], 400,
        ["config.foo": "foo is an unknown field", "config.times": "value should be between 1 and 9"]
      ),
      (["name": "greeting", "config": ["word": "hi"], "foo": 1], 400, ["foo": "foo is an unknown field"]),
      (["name": "greeting", "consumer_id": "x"], 400, ["consumer_id": "x is not a valid uuid"]),
      (
        ["name": "greeting", "config": ["word": "hi"], "consumer_id": "5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11"], 404,
        ["consumer_id": "does not exist with value '5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11'"]
      ),
      (
        ["name": "greeting", "route_id": "5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11"], 400,
        ["message": "cannot configure plugin with api_id and one of route_id or service_id"]
      ),
    ] as [(JSONObject, Int, JSONObject)])
  func faultsAreFlatObjects(body: JSONObject, status: Int, faults: JSONObject) async throws {
    let fixture = try await self.filled()
    let reply = await fixture.post("/apis/books/plugins", body)
    #expect(reply.status == status && reply.json == .object(faults), "\(reply)")
    #expect(await fixture.get("/plugins").data.isEmpty)
  }

  @Test func aKeyOfManyDotsIsAnUnknownField() async throws {
    let fixture = try await self.filled()
    let key = "config" + String(repeating: ".a", count: 100_000)
    let body: JSONObject = ["name": "greeting", "config": ["word": "hi"]]
    var deep = body
    deep[key] = 1
    #expect(await fixture.post("/apis/books/plugins", deep).status == 400)
    #expect(await fixture.post("/apis/books/plugins", body).status == 201)
  }

  @Test func theSamePluginTwiceIsAConflictButNotForAConsumer() async throws {
    let fixture = try await self.filled()
    _ = await self.greeting(fixture)
    let again = await self.greeting(fixture).reply
    #expect(again.status == 409 && again.json == ["name": "already exists with value 'greeting'"], "\(again)")
    let consumer = await fixture.post("/consumers", ["username": "ann"])["id"] ?? .null
    let own = await fixture.post(
      "/apis/books/plugins", ["name": "greeting", "config": ["word": "hi"], "consumer_id": consumer])
    #expect(own.status == 201 && own["consumer_id"] == consumer, "\(own)")
    let found = await fixture.get("/apis/books/plugins?consumer_id=\(consumer.stringValue ?? "")")
    #expect(found.json == ["data": [own.json], "total": 1])
  }

  @Test func pluginsAreListedInPagesAndFound() async throws {
    let fixture = try await self.filled()
    _ = await self.greeting(fixture)
    for name in ["ann", "bob"] {
      let consumer = await fixture.post("/consumers", ["username": .string(name)])["id"] ?? .null
      let made = await fixture.post(
        "/apis/books/plugins",
        ["name": "greeting", "config": ["word": "hi"], "consumer_id": consumer, "enabled": false])
      #expect(made.status == 201, "\(made)")
    }
    #expect(await fixture.get("/apis/books/plugins?enabled=false")["total"] == 2)
    let page = await fixture.get("/apis/books/plugins?size=2")
    #expect(page.data.count == 2 && page["total"] == 3)
    let next = page["next"]?.stringValue ?? ""
    #expect(next.hasPrefix("http://admin.test:8001/apis/books/plugins?offset="))
    #expect(await fixture.get(String(next.dropFirst("http://admin.test:8001".count))).data.count == 1)
    let unknown = await fixture.get("/apis/books/plugins?foo=1")
    #expect(unknown.status == 400 && unknown.json == ["foo": "unknown field"])
  }

  @Test func onlyGivenFieldsChange() async throws {
    let fixture = try await self.filled()
    let (made, path) = await self.greeting(fixture)
    let changed = await fixture.form("PATCH", path, "config.names=a,b&enabled=false")
    #expect(changed.status == 200, "\(changed)")
    #expect(changed["config"]?["names"] == ["a", "b"] && changed["config"]?["word"] == "hi")
    #expect(changed["enabled"] == false && changed["id"] == made["id"])
    let renamed = await fixture.patch(path, ["name": "x"])
    #expect(renamed.status == 400 && renamed.json == ["name": "name cannot be updated"])
    let bad = await fixture.patch(path, ["config": ["times": 0]])
    #expect(bad.json == ["config.times": "value should be between 1 and 9"], "\(bad)")
    #expect(await fixture.get(path).json == changed.json)
  }

  @Test func putCreatesWithoutAnIdAndReplacesWithOne() async throws {
    let fixture = try await self.filled()
    let made = await fixture.put(
      "/apis/books/plugins",
      ["name": "greeting", "config": ["word": "hi", "times": 4], "created_at": 1_461_276_890_000])
    #expect(made.status == 201 && made["created_at"] == 1_461_276_890_000, "\(made)")
    let body: JSONObject = ["id": made["id"] ?? .null, "name": "greeting", "config": ["word": "ho"]]
    let replaced = await fixture.put("/apis/books/plugins", body)
    #expect(replaced.status == 200 && replaced["id"] == made["id"], "\(replaced)")
    #expect(replaced["config"]?["word"] == "ho" && replaced["config"]?["times"] == 1)
    #expect(replaced["created_at"] == made["created_at"])
    #expect(await fixture.put("/apis/shop/plugins", body).status == 404)
    let nameless = await fixture.put("/apis/books/plugins", ["id": made["id"] ?? .null])
    #expect(nameless.status == 400 && nameless.json == ["name": "name is required"])
  }

  @Test func aPluginOfAnotherAPIIsNotFound() async throws {
    let fixture = try await self.filled()
    let id = await self.greeting(fixture).reply["id"]?.stringValue ?? ""
    for (method, body) in [("GET", nil), ("DELETE", nil), ("PATCH", ["enabled": false])] as [(String, JSONObject?)] {
      #expect(await fixture.send(method, "/apis/shop/plugins/\(id)", body).status == 404, "\(method)")
      #expect(await fixture.send(method, "/apis/books/plugins/none", body).status == 404, "\(method)")
      #expect(await fixture.send(method, "/apis/none/plugins/\(id)", body).status == 404, "\(method)")
    }
    #expect(await fixture.get("/apis/none/plugins").status == 404)
  }

  @Test func pluginsAreDeletedAloneAndWithTheirAPI() async throws {
    let fixture = try await self.filled()
    let (_, path) = await self.greeting(fixture)
    #expect(await fixture.delete(path).status == 204)
    #expect(await fixture.delete(path).status == 404)
    _ = await self.greeting(fixture)
    #expect(await fixture.delete("/apis/books").status == 204)
    #expect(await fixture.get("/plugins").data.isEmpty)
    #expect(await fixture.get("/apis/shop").status == 200)
  }

  @Test func withoutADatabaseTheyAreReadAndNotWritten() async throws {
    let fixture = try await self.filled()
    let (_, path) = await self.greeting(fixture)
    let api = fixture.readOnlyAPI
    #expect(await fixture.send("GET", path, to: api).status == 200)
    #expect(await fixture.send("PATCH", path, ["enabled": false], to: api).status == 405)
    #expect(await fixture.send("DELETE", path, to: api).status == 405)
    let new: JSONObject = ["name": "greeting", "config": ["word": "hi"]]
    #expect(await fixture.send("POST", "/apis/shop/plugins", new, to: api).status == 405)
  }
}
