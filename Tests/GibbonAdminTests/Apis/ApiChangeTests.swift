// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

/// `PATCH` and `DELETE /apis/{api}`.
@Suite struct ApiChangeTests {
  private func filled() async throws -> AdminFixture {
    let fixture = try await AdminFixture()
    let made = await fixture.post(
      "/apis",
      [
        "name": "books", "hosts": ["a.test"], "uris": ["/b"], "upstream_url": "http://h.test/up", "retries": 1,
        "strip_uri": false,
      ])
    #expect(made.status == 201, "\(made)")
    return fixture
  }

  @Test func onlyGivenFieldsChange() async throws {
    let fixture = try await self.filled()
    var expected = await fixture.get("/apis/books").json.objectValue ?? [:]
    let changed = await fixture.patch("/apis/books", ["request_path": "/c/", "preserve_host": true])
    expected["uris"] = ["/c"]
    expected["request_path"] = "/c"
    expected["preserve_host"] = true
    #expect(changed.status == 200 && changed.json == .object(expected), "\(changed)")
    #expect(await fixture.get("/apis/books").json == changed.json)
    // Both halves in one commit.
    #expect(fixture.commits == 2)
  }

  @Test func whatOnlyTodaysVocabularyHasStays() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.patch("/services/books", ["tags": ["t"], "enabled": false]).status == 200)
    let rules: JSONObject = ["headers": ["x-a": ["1"]], "tags": ["u"], "path_handling": "v1", "protocols": ["http"]]
    #expect(await fixture.patch("/routes/books", rules).status == 200)
    #expect(await fixture.patch("/apis/books", ["retries": 3, "https_only": false]).status == 200)
    let id = await fixture.get("/apis/books")["id"] ?? .null
    let whole: JSONObject = ["id": id, "name": "books", "uris": "/d", "upstream_url": "http://h.test"]
    #expect(await fixture.put("/apis", whole).status == 200)
    let service = await fixture.get("/services/books")
    #expect(service["tags"] == ["t"] && service["enabled"] == false && service["retries"] == 5)
    let route = await fixture.get("/routes/books")
    #expect(route["headers"] == ["x-a": ["1"]] && route["tags"] == ["u"] && route["path_handling"] == "v1")
    #expect(route["protocols"] == ["http"] && route["paths"] == ["/d"])
  }

  @Test func nullUnsetsAField() async throws {
    let fixture = try await self.filled()
    let changed = await fixture.patch("/apis/books", ["hosts": .null, "retries": .null, "strip_uri": .null])
    #expect(changed.status == 200, "\(changed)")
    #expect(changed["hosts"] == nil && changed["request_host"] == nil && changed["uris"] == ["/b"])
    #expect(changed["retries"] == 5 && changed["strip_uri"] == true)
    #expect(await fixture.get("/routes/books")["hosts"] == .null)
  }

  @Test func aWholeAnswerComesBackWithOneFieldChanged() async throws {
    let fixture = try await self.filled()
    let shown = await fixture.get("/apis/books").json.objectValue ?? [:]
    for (name, other, value) in [
      ("request_path", "uris", "/x"), ("request_host", "hosts", "x.test"),
    ] as [(String, String, String)] {
      var body = shown
      body[name] = .string(value)
      #expect(await fixture.patch("/apis/books", body)[other] == [.string(value)])
      #expect(await fixture.put("/apis", shown).json == .object(shown))
      #expect(await fixture.put("/apis", body)[other] == [.string(value)])
      #expect(await fixture.put("/apis", shown).json == .object(shown))
    }
    var body = shown
    body["uris"] = ["/y", "/z"]
    #expect(await fixture.patch("/apis/books", body)["uris"] == ["/y", "/z"])
    body = shown
    body["strip_request_path"] = true
    #expect(await fixture.patch("/apis/books", body)["strip_uri"] == true)
    #expect(await fixture.patch("/apis/books", shown).json == .object(shown))
  }

  @Test func httpsOnlyChangesTheProtocolsBothWays() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.patch("/apis/books", ["https_only": true])["https_only"] == true)
    #expect(await fixture.get("/routes/books")["protocols"] == ["https"])
    #expect(await fixture.patch("/apis/books", ["https_only": false])["https_only"] == false)
    #expect(await fixture.get("/routes/books")["protocols"] == ["http", "https"])
  }

  @Test func aNewNameIsThatOfBothHalves() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.patch("/apis/books", ["name": "shop"]).status == 200)
    for path in ["/apis/shop", "/services/shop", "/routes/shop"] { #expect(await fixture.get(path).status == 200) }
    #expect(await fixture.get("/apis/books").status == 404)
  }

  @Test(
    arguments: [
      ([:], ["message": "empty body"]),
      (["name": .null], ["name": "name is required"]),
      (["upstream_url": .null], ["upstream_url": "upstream_url is required"]),
      (["id": "5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11"], ["id": "id cannot be updated"]),
      (["x": 1], ["x": "x is an unknown field"]),
      (["upstream_url": "http://h.test:99999"], ["upstream_url": "value should be between 0 and 65535"]),
      (
        ["hosts": [], "request_path": .null],
        ["message": "at least one of 'hosts', 'uris' or 'methods' must be specified"]
      ),
    ] as [(JSONObject, JSONObject)])
  func badChangesAreRefusedAndChangeNothing(body: JSONObject, faults: JSONObject) async throws {
    let fixture = try await self.filled()
    let before = await fixture.get("/apis/books")
    let reply = await fixture.patch("/apis/books", body)
    #expect(reply.status == 400 && reply.json == .object(faults), "\(reply)")
    #expect(await fixture.get("/apis/books") == before && fixture.commits == 1)
  }

  @Test func aTakenNameChangesNothing() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.post("/routes", ["name": "taken", "paths": ["/t"]]).status == 201)
    let reply = await fixture.patch("/apis/books", ["name": "taken", "upstream_url": "http://other.test"])
    #expect(reply.status == 409 && reply.json == ["name": "already exists with value 'taken'"], "\(reply)")
    let service = await fixture.get("/services/books")
    #expect(service.status == 200 && service["host"] == "h.test")
  }

  @Test func anUnknownAPIIsNotFound() async throws {
    let fixture = try await self.filled()
    for (method, body) in [("GET", nil), ("DELETE", nil), ("PATCH", ["retries": 1])] as [(String, JSONObject?)] {
      let reply = await fixture.send(method, "/apis/none", body)
      #expect(reply.status == 404 && reply.json == ["message": "Not found"], "\(method)")
    }
    #expect(await fixture.put("/apis/books", ["retries": 1]).status == 405)
  }

  @Test func deletingTakesBothHalvesInOneCommit() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.delete("/apis/books").status == 204)
    #expect(fixture.commits == 2)
    for path in ["/apis/books", "/services/books", "/routes/books"] { #expect(await fixture.get(path).status == 404) }
  }

  @Test func otherRoutesOfTheServiceKeepAnAPIFromBeingDeleted() async throws {
    let fixture = try await self.filled()
    #expect(await fixture.post("/services/books/routes", ["name": "other", "paths": ["/o"]]).status == 201)
    let refused = await fixture.delete("/apis/books")
    #expect(refused.status == 409, "\(refused)")
    #expect(refused["message"]?.stringValue?.hasSuffix("delete them first: other") == true, "\(refused)")
    #expect(await fixture.get("/apis/books").status == 200)
    #expect(await fixture.delete("/routes/other").status == 204)
    #expect(await fixture.delete("/apis/books").status == 204)
  }

  @Test func withoutADatabaseTheyAreReadAndNotWritten() async throws {
    let fixture = try await self.filled()
    let api = fixture.readOnlyAPI
    #expect(await fixture.send("GET", "/apis", to: api)["total"] == 1)
    #expect(await fixture.send("GET", "/apis/books", to: api).status == 200)
    let new: JSONObject = ["name": "a", "uris": "/a", "upstream_url": "http://h.test"]
    for (method, path, body) in [
      ("POST", "/apis", new), ("PATCH", "/apis/books", ["retries": 2]), ("DELETE", "/apis/books", nil),
    ] as [(String, String, JSONObject?)] {
      let reply = await fixture.send(method, path, body, to: api)
      #expect(reply.status == 405 && reply["name"] == "operation unsupported", "\(method) \(reply)")
    }
    #expect(fixture.commits == 1)
  }
}
