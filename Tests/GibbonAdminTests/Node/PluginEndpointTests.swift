// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import GibbonStore
import Testing

@testable import GibbonAdmin

/// What plugins add to the Admin and Status APIs.
@Suite struct PluginEndpointTests {
  private static let endpoints = [
    PluginEndpoint("GET", "/things/:name", summary: "A thing") { request in
      guard let name = request.parameters["name"], name != "none" else {
        return .message("Not found", status: 404)
      }
      return .init(["name": .string(name), "node": .string("\(request.node.nodeID)")])
    },
    PluginEndpoint("DELETE", "/things/:name", summary: "Takes a thing away", contentType: nil) { _ in
      .init(status: 204)
    },
    PluginEndpoint("GET", "/things/:id/parts/:name", summary: "A part of a thing") { request in
      .init(["id": .string(request.parameters["id"] ?? ""), "name": .string(request.parameters["name"] ?? "")])
    },
    PluginEndpoint("GET", "/entities", summary: "Entities") { request in
      let entities = try await request.entities(of: "thing")
      return .init(["ids": .array(entities.map { .string("\($0.id)") })])
    },
    PluginEndpoint("GET", "/numbers", summary: "Numbers", contentType: "text/plain", onStatusAPI: true) { request in
      .init(contentType: "text/plain", body: Array("requests \(request.node.requests)\n".utf8))
    },
  ]

  private let admin: AdminAPI
  private let status: AdminAPI

  init() async throws {
    let plugins = ["thing", "other"].map { PluginSchema($0, config: [Field]()) }
    let registry = EntityRegistry(plugins: plugins)
    let store = MemoryStore(registry: registry) { 1 }
    try await store.migrate(MigrationPlan(plugins: plugins)) { _ in }
    let access = DataAccess(store: store, registry: registry) { 1 }
    self.admin = AdminAPI.admin(access: access, node: StillNode(), plugins: Self.endpoints) { _ in }
    self.status = AdminAPI.status(access: access, node: StillNode(), plugins: Self.endpoints) { _ in }
  }

  private func answer(_ api: AdminAPI, _ method: String, _ target: String) async -> AdminResponse {
    await api.respond(to: AdminRequest(method: method, target: target))
  }

  @Test func parametersAreDecodedAndTheNodeIsTold() async {
    let answer = await self.answer(self.admin, "GET", "/things/a%20b")
    #expect(answer.status == 200 && answer.contentType == "application/json; charset=utf-8")
    let expected = #"{"name":"a b","node":"\#(StillNode().facts.nodeID)"}"#
    #expect(String(decoding: answer.body, as: UTF8.self) == expected)
    #expect(await self.answer(self.admin, "GET", "/things/none").status == 404)
  }

  /// Two plugins, or one, may name the same place differently.
  @Test func eachEndpointHasItsOwnNames() async {
    let part = await self.answer(self.admin, "GET", "/things/a/parts/b")
    #expect(String(decoding: part.body, as: UTF8.self) == #"{"id":"a","name":"b"}"#)
    #expect(await self.answer(self.admin, "GET", "/things/a").status == 200)
  }

  @Test func entitiesOfThePluginAreFound() async throws {
    var ids: [JSONValue] = []
    let route = try await self.makeRoute()
    for (name, isEnabled) in [("thing", true), ("other", true), ("thing", false)] {
      let place: JSONValue = isEnabled ? .null : ["id": .string(route)]
      let answer = await self.post(
        "/plugins", ["name": .string(name), "enabled": .bool(isEnabled), "route": place])
      #expect(answer["name"]?.stringValue == name, "\(answer)")
      if name == "thing" { ids += [answer["id"]].compactMap { $0 } }
    }
    let found = try JSONParser.parse(await self.answer(self.admin, "GET", "/entities").body).get()
    #expect(Set(found["ids"]?.arrayValue ?? []) == Set(ids) && ids.count == 2)
  }

  private func makeRoute() async throws -> String {
    let service = await self.post("/services", ["name": "s", "host": "h"])
    let route = await self.post("/services/s/routes", ["name": "r", "paths": ["/"]])
    return try #require(route["id"]?.stringValue, "\(service) \(route)")
  }

  private func post(_ target: String, _ body: JSONValue) async -> JSONValue {
    let request = AdminRequest(
      method: "POST", target: target, headers: ["content-type": "application/json"], body: body.serialized())
    return (try? JSONParser.parse(await self.admin.respond(to: request).body).get()) ?? .null
  }

  @Test func methodsOfOnePathAreOneEndpoint() async {
    #expect(await self.answer(self.admin, "DELETE", "/things/a").status == 204)
    #expect(await self.answer(self.admin, "POST", "/things/a").status == 405)
    let options = await self.answer(self.admin, "OPTIONS", "/things/a")
    #expect(options.headers.contains { $0 == ("Allow", "DELETE, GET, HEAD, OPTIONS") })
  }

  @Test func theStatusAPIHasWhatIsMarked() async {
    let numbers = await self.answer(self.status, "GET", "/numbers")
    #expect(numbers.status == 200 && numbers.contentType == "text/plain")
    #expect(numbers.body == Array("requests 0\n".utf8))
    #expect(await self.answer(self.status, "GET", "/things/a").status == 404)
    #expect(await self.answer(self.admin, "GET", "/numbers").status == 200)
  }

  @Test func theyAreListedAndDescribed() async throws {
    let list = await self.answer(self.admin, "GET", "/endpoints")
    #expect(String(decoding: list.body, as: UTF8.self).contains("\"/things/{name}\""))
    let document = try JSONParser.parse(await self.answer(self.admin, "GET", "/openapi.json").body).get()
    let path = try #require(document["paths"]?["/things/{name}"])
    #expect(path["get"]?["summary"] == "A thing" && path["delete"]?["responses"]?["204"] != nil)
    #expect(document["paths"]?["/numbers"]?["get"]?["responses"]?["200"]?["content"]?["text/plain"] != nil)
  }
}
