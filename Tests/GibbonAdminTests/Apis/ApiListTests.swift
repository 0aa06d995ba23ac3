// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonAdmin

/// `GET /apis`, and which services are APIs.
@Suite struct ApiListTests {
  /// Five APIs, and a service with a route that is none.
  private func filled() async throws -> AdminFixture {
    let fixture = try await AdminFixture()
    for number in 0..<5 {
      let made = await fixture.post(
        "/apis",
        [
          "name": .string("api-\(number)"), "uris": .string("/\(number)"), "retries": .int(Int64(number % 2)),
          "upstream_url": .string("http://h\(number).test"), "https_only": .bool(number == 4),
        ])
      #expect(made.status == 201, "\(made)")
    }
    #expect(await fixture.post("/services", ["name": "service", "host": "h.test"]).status == 201)
    #expect(await fixture.post("/services/service/routes", ["name": "r", "paths": ["/r"]]).status == 201)
    return fixture
  }

  private func names(_ reply: AdminFixture.Reply) -> [String] {
    reply.data.compactMap { $0["name"]?.stringValue }.sorted()
  }

  @Test func noAPIsAreAnEmptyList() async throws {
    let fixture = try await AdminFixture()
    #expect(await fixture.get("/apis").json == ["data": [], "total": 0])
  }

  @Test func onlyPairsAreListed() async throws {
    let fixture = try await self.filled()
    let list = await fixture.get("/apis/")
    #expect(list["total"] == 5 && self.names(list) == (0..<5).map { "api-\($0)" })
    #expect(list["next"] == nil && list["offset"] == nil)
    #expect(await fixture.get("/apis/service").status == 404)
    // Today's vocabulary shows them too.
    #expect(await fixture.get("/services").data.count == 6)
    #expect(await fixture.get("/routes").data.count == 6)
  }

  @Test(arguments: [
    ("name=api-3", ["api-3"]), ("name=none", []), ("retries=1", ["api-1", "api-3"]), ("https_only=true", ["api-4"]),
    ("request_path=/2", ["api-2"]), ("uris=/2", ["api-2"]), ("upstream_url=http://h0.test", ["api-0"]),
    ("retries=0&https_only=false", ["api-0", "api-2"]),
  ]) func everyFieldFilters(query: String, names: [String]) async throws {
    let list = try await self.filled().get("/apis?\(query)")
    #expect(self.names(list) == names && list["total"] == .int(Int64(names.count)), "\(list)")
  }

  @Test func aFilterByIdFindsOne() async throws {
    let fixture = try await self.filled()
    let id = await fixture.get("/apis/api-2")["id"]?.stringValue ?? ""
    let list = await fixture.get("/apis?id=\(id)")
    #expect(self.names(list) == ["api-2"])
  }

  @Test(
    arguments: [
      ("foo=1", ["foo": "unknown field"]), ("id=x", ["id": "x is not a valid uuid"]),
      ("retries=x", ["retries": "retries is not a number"]), ("offset=!", ["message": "Invalid offset"]),
      ("offset=LTE=", ["message": "Invalid offset"]), ("size=0", ["message": "size must be a number of at least 1"]),
      ("size=x", ["message": "size must be a number of at least 1"]),
    ] as [(String, JSONValue)])
  func badQueriesAreRefused(query: String, body: JSONValue) async throws {
    let reply = try await self.filled().get("/apis?\(query)")
    #expect(reply.status == 400 && reply.json == body, "\(reply)")
  }

  @Test func pagesAreFollowedToTheEnd() async throws {
    let fixture = try await self.filled()
    var seen: [String] = []
    var target: String? = "/apis?size=2"
    var pages = 0
    while let next = target, pages < 9 {
      let page = await fixture.get(next)
      #expect(page["total"] == 5)
      seen += self.names(page)
      pages += 1
      let link = page["next"]?.stringValue
      #expect((link == nil) == (page["offset"] == nil))
      if let link { #expect(link.hasPrefix("http://admin.test:8001/apis?offset=")) }
      target = link.map { String($0.dropFirst("http://admin.test:8001".count)) }
    }
    #expect(pages == 3 && seen.sorted() == (0..<5).map { "api-\($0)" })
  }

  @Test func anOffsetBeyondAllNumbersIsAnEmptyPage() async throws {
    let offset = Base64.standard.encoded(Array("\(Int.max)".utf8))
    let page = try await self.filled().get("/apis?size=1000&offset=\(PercentEncoding.encoded(offset))")
    #expect(page.status == 200 && page.json == ["data": [], "total": 5], "\(page)")
  }

  @Test func moreThanAThousandAreNotShownAtOnce() async throws {
    #expect(try await self.filled().get("/apis?size=1000000").data.count == 5)
  }

  @Test func aRouteThatWasMovedAwayMakesNoAPI() async throws {
    let fixture = try await self.filled()
    let service = await fixture.get("/services/service")["id"] ?? .null
    #expect(await fixture.patch("/routes/api-0", ["service": ["id": service]]).status == 200)
    #expect(await fixture.get("/apis/api-0").status == 404)
    #expect(await fixture.get("/apis")["total"] == 4)
  }

  @Test func anAPIIsFoundByANameThatLooksLikeAnId() async throws {
    let fixture = try await AdminFixture()
    let name = "5b1e7a40-91f0-4f6c-9a0a-0d3f3c6f2b11"
    let api: JSONObject = ["name": .string(name), "uris": "/a", "upstream_url": "http://h.test"]
    #expect(await fixture.post("/apis", api).status == 201)
    #expect(await fixture.get("/apis/\(name)")["name"] == .string(name))
  }

  @Test func aTimeBeyondAllNumbersIsLeftOut() async throws {
    let fixture = try await self.filled()
    let changed = await fixture.patch("/services/api-0", ["created_at": .int(Int64.max)])
    let api = await fixture.get("/apis/api-0")
    #expect(api.status == 200 && (changed.status != 200 || api["created_at"] == nil), "\(changed)")
  }
}
