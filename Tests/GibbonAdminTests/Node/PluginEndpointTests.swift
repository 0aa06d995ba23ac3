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
    PluginEndpoint("GET", "/numbers", summary: "Numbers", contentType: "text/plain", onStatusAPI: true) { request in
      .init(contentType: "text/plain", body: Array("requests \(request.node.requests)\n".utf8))
    },
  ]

  private let admin: AdminAPI
  private let status: AdminAPI

  init() {
    let registry = EntityRegistry()
    let access = DataAccess(store: MemoryStore(registry: registry) { 1 }, registry: registry) { 1 }
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
