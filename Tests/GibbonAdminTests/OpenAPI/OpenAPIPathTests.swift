// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct OpenAPIPathTests {
  /// As `/endpoints` writes it.
  private static func template(_ endpoint: Endpoint) -> String {
    endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(":") ? "{" + $0.dropFirst() + "}" : String($0) }.joined(separator: "/")
  }

  @Test func theOperationsAreThoseThatAreNotRefused() async throws {
    let fixture = try await OpenAPIFixture()
    let wanted = fixture.api.endpoints.flatMap { endpoint in
      endpoint.operations.filter { !$0.isRefusal }.map { "\($0.method.lowercased()) \(Self.template(endpoint))" }
    }
    let found = fixture.operations.map { "\($0.method) \($0.path)" }
    #expect(found.sorted() == wanted.sorted())
    #expect(found.count > 150)
    // Paths of which nothing is left.
    #expect(fixture.document["paths"]?["/filter-chains"] == nil && fixture.document["paths"]?["/targets"] == nil)
    #expect(fixture.operation("delete", "/routes/{routes}/service") == nil)
  }

  @Test func everyOperationHasAnIdentifierOfItsOwn() async throws {
    let fixture = try await OpenAPIFixture()
    let names = fixture.operations.compactMap { $0.operation["operationId"]?.stringValue }
    #expect(names.count == fixture.operations.count && Set(names).count == names.count)
    #expect(fixture.operation("patch", "/services/{services}")?["operationId"] == "patch_services_services")
    let again = try await OpenAPIFixture()
    #expect(again.document == fixture.document)
  }

  @Test func everyPathParameterIsDeclaredAndDescribed() async throws {
    let fixture = try await OpenAPIFixture()
    for path in fixture.document["paths"]?.objectValue ?? [:] {
      let wanted = path.key.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
      let parameters = path.value["parameters"]?.arrayValue ?? []
      #expect(parameters.compactMap { $0["name"]?.stringValue } == wanted.map(String.init), "\(path.key)")
      for parameter in parameters {
        #expect(parameter["in"] == "path" && parameter["required"] == true && parameter["schema"] != nil)
        #expect(parameter["description"]?.stringValue?.isEmpty == false, "\(path.key)")
      }
    }
  }

  @Test(
    arguments: [
      ("/services/{services}", "id or name"), ("/consumers/{consumers}", "id or username"),
      ("/ca_certificates/{ca_certificates}", "id"), ("/certificates/{certificates}", "id, or one of its server names"),
      ("/certificates/{certificates}/services", "id"),
    ])
  func parametersSayHowAnEntityIsNamed(path: String, text: String) async throws {
    let parameters = try await OpenAPIFixture().document["paths"]?[path]?["parameters"]
    #expect(parameters?[0]?["description"]?.stringValue == text)
  }

  @Test func listsTakeTheParametersOfPages() async throws {
    let fixture = try await OpenAPIFixture()
    func names(_ path: String) -> [String] {
      (fixture.operation("get", path)?["parameters"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
    #expect(names("/services") == ["size", "offset", "tags"])
    // Nothing to filter by, and a list that does not filter.
    #expect(names("/tags") == ["size", "offset"])
    #expect(names("/services/{services}/routes") == ["size", "offset"])
    #expect(names("/services/{services}") == [])
    let size = fixture.operation("get", "/services")?["parameters"]?[0]?["schema"]
    #expect(size == ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100])
  }

  @Test func entitiesAreWrittenAsJSONOrForms() async throws {
    let fixture = try await OpenAPIFixture()
    for (method, path, name, isRequired) in [
      ("post", "/services", "ServiceInput", true), ("put", "/services/{services}", "ServiceInput", true),
      ("patch", "/services/{services}", "ServicePatch", false), ("post", "/consumers", "ConsumerInput", false),
      ("post", "/consumers/{consumers}/cards", "GreetingCardInput", false),
    ] {
      let body = try #require(fixture.operation(method, path)?["requestBody"])
      for type in ["application/json", "application/x-www-form-urlencoded"] {
        #expect(body["content"]?[type]?["schema"]?["$ref"] == .string("#/components/schemas/\(name)"), "\(path)")
      }
      #expect((body["required"] == true) == isRequired, "\(path)")
    }
    #expect(fixture.operation("get", "/services")?["requestBody"] == nil)
  }

  @Test(
    arguments: [
      ("get", "/services", ["200", "default"]), ("post", "/services", ["201", "405", "409", "415", "default"]),
      ("get", "/services/{services}", ["200", "404", "default"]),
      ("patch", "/services/{services}", ["200", "404", "405", "409", "415", "default"]),
      ("put", "/services/{services}", ["200", "405", "409", "415", "default"]),
      ("delete", "/services/{services}", ["204", "405", "default"]),
      ("delete", "/services/{services}/routes/{routes}", ["204", "404", "405", "default"]),
      ("delete", "/certificates/{certificates}", ["204", "404", "405", "default"]),
      ("put", "/routes/{routes}/service", ["200", "404", "405", "409", "415", "default"]),
      ("delete", "/cache", ["204", "default"]), ("get", "/cache/{key}", ["200", "404", "default"]),
      ("post", "/schemas/plugins/validate", ["200", "415", "default"]),
    ])
  func responsesAreThoseThatApply(method: String, path: String, statuses: [String]) async throws {
    let responses = try await OpenAPIFixture().operation(method, path)?["responses"]?.objectValue
    #expect(responses?.members.map(\.key) == statuses)
  }
}
