// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct OpenAPIDocumentTests {
  @Test func itIsServedAsJSONAndListed() async throws {
    let fixture = try await OpenAPIFixture()
    let answer = await fixture.api.respond(to: AdminRequest(method: "GET", target: "/openapi.json"))
    #expect(answer.status == 200)
    #expect(answer.contentType == "application/json; charset=utf-8")
    let list = await fixture.api.respond(to: AdminRequest(method: "GET", target: "/endpoints"))
    #expect(try JSONParser.parse(list.body).get()["data"]?.arrayValue?.contains("/openapi.json") == true)
    #expect(fixture.operation("get", "/openapi.json") != nil)
  }

  @Test(arguments: [[], [OpenAPIFixture.plugin]])
  func itSaysWhatItIs(plugins: [PluginSchema]) async throws {
    let document = try await OpenAPIFixture(plugins: plugins).document
    #expect(document["openapi"] == "3.1.0")
    #expect(document["info"]?["version"] == "1.2.3")
    #expect(document["servers"] == [["url": "http://localhost:8001"]])
    #expect(document.members.map(\.key) == ["openapi", "info", "servers", "tags", "paths", "components"])
  }

  @Test func everyReferenceLeadsSomewhere() async throws {
    let fixture = try await OpenAPIFixture()
    let references = Set(Self.references(.object(fixture.document)))
    #expect(references.count > 40)
    for reference in references { #expect(fixture.checker.resolved(reference) != nil, "\(reference)") }
    #expect(fixture.checker.resolved("#/components/schemas/Nothing") == nil)
  }

  private static func references(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let object):
      object.flatMap { $0.key == "$ref" ? [$0.value.stringValue ?? ""] : Self.references($0.value) }
    case .array(let elements): elements.flatMap(Self.references)
    default: []
    }
  }

  @Test func everyTagIsDeclaredAndDescribedOnce() async throws {
    let fixture = try await OpenAPIFixture()
    let tags = fixture.document["tags"]?.arrayValue ?? []
    let names = tags.compactMap { $0["name"]?.stringValue }
    #expect(names == Set(names).sorted())
    #expect(tags.allSatisfy { $0["description"]?.stringValue?.isEmpty == false })
    let used = Set(fixture.operations.flatMap { $0.operation["tags"]?.arrayValue ?? [] }.compactMap(\.stringValue))
    #expect(used == Set(names))
  }

  @Test func componentsAreThoseOfTheRegistry() async throws {
    let fixture = try await OpenAPIFixture()
    for schema in fixture.registry.schemas where schema.adminPath != nil {
      let name = OpenAPIComponents.name(of: schema)
      #expect(fixture.component(name) != nil && fixture.component(name + "Page") != nil, "\(name)")
    }
    #expect(fixture.component("GreetingCardInput") != nil)
    // What cannot be written has no input, and what the API does not show has no schema.
    for name in ["TagInput", "FilterChainInput", "Parameter", "Workspace"] {
      #expect(fixture.component(name) == nil, "\(name)")
    }
    let without = try await OpenAPIFixture(plugins: [])
    #expect(without.component("PluginConfig.greeting") == nil && without.component("GreetingCard") == nil)
    #expect(without.component("Service") == fixture.component("Service"))
  }

  @Test func errorsOfTheAPIFitTheErrorComponent() async throws {
    let fixture = try await OpenAPIFixture()
    let headers = ["content-type": "application/json"]
    for request in [
      AdminRequest(method: "POST", target: "/services", headers: headers, body: Array(#"{"host":5}"#.utf8)),
      AdminRequest(method: "GET", target: "/services?size=0"), AdminRequest(method: "GET", target: "/nowhere"),
    ] {
      let answer = await fixture.api.respond(to: request)
      #expect(answer.status >= 400)
      let body = try #require(try JSONParser.parse(answer.body).get().objectValue)
      #expect(fixture.checker.violations(body, component: "Error").isEmpty)
    }
    #expect(!fixture.checker.violations(["code": "2"], component: "Error").isEmpty)
  }
}
