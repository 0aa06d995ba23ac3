// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The OpenAPI document says what the API really does.
@Suite struct AdminOpenAPITests {
  private static let shared = Result { try GatewayProcess(administered: nil) }

  private static func gateway() throws -> GatewayProcess { try Self.shared.get() }

  private static func document() throws -> JSON { try Self.gateway().admin("GET", "/openapi.json").json }

  private static func operations(_ document: JSON) -> [(path: String, method: String, operation: JSON)] {
    document["paths"].object.flatMap { path, item in
      item.object.filter { $0.key != "parameters" }.map { (path, $0.key, $0.value) }
    }
  }

  @Test func theDocumentIsWellFormed() throws {
    let document = try Self.document()
    #expect(document["openapi"].string == "3.1.0")
    let operations = Self.operations(document)
    #expect(operations.count > 150)
    let names = operations.compactMap { $0.operation["operationId"].string }
    #expect(names.count == operations.count && Set(names).count == names.count)
    for (path, method, operation) in operations {
      let responses = operation["responses"].object
      #expect(responses.keys.contains("default"), "\(method) \(path)")
      #expect(responses.keys.filter { $0.hasPrefix("2") }.count == 1, "\(method) \(path)")
    }
  }

  @Test func parametersOfPathsAreDeclared() throws {
    for (path, item) in try Self.document()["paths"].object {
      let wanted = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
      #expect(item["parameters"].array.compactMap { $0["name"].string } == wanted, "\(path)")
    }
  }

  @Test func everyReferenceLeadsSomewhere() throws {
    let document = try Self.document()
    func references(_ value: JSON) -> [String] {
      switch value {
      case .object(let members):
        (members["$ref"]?.string.map { [$0] } ?? []) + members.values.flatMap(references)
      case .array(let elements): elements.flatMap(references)
      default: []
      }
    }
    let all = Set(references(document))
    #expect(all.count > 20)
    for reference in all {
      let target = reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
      #expect(target != .missing, "\(reference)")
    }
  }

  /// Every path of `/endpoints` that does anything is in the document.
  @Test func nothingIsLeftOut() throws {
    let document = try Self.document()["paths"].object
    for path in try Self.gateway().admin("GET", "/endpoints").json["data"].array.compactMap(\.string) {
      let methods = try Self.gateway().admin("OPTIONS", path.replacing("{", with: "").replacing("}", with: ""))
      guard methods.status == 204 else { continue }
      #expect(document[path] != nil, "\(path)")
    }
  }

  @Test(
    arguments: [
      ("/services", "Service", ["name": "a", "url": "http://example.com/y"]),
      ("/services/a/routes", "Route", ["name": "r", "paths": ["/a"], "tags": ["x"]]),
      ("/consumers", "Consumer", ["username": "ann"]),
      ("/consumers/ann/key-auth", "KeyauthCredential", ["ttl": 60]),
      ("/plugins", "Plugin", ["name": "key-auth"]),
      ("/upstreams", "Upstream", ["name": "up"]),
      ("/upstreams/up/targets", "Target", ["target": "h:80"]),
      ("/vaults", "Vault", ["name": "env", "prefix": "my-env"]),
      ("/key-sets", "KeySet", ["name": "set"]),
    ] as [(String, String, JSON)])
  func whatIsAnsweredFitsTheDocument(path: String, name: String, entity: JSON) throws {
    let gateway = try GatewayProcess(administered: nil)
    let document = try gateway.admin("GET", "/openapi.json").json
    for (parent, input) in [
      ("/services", ["name": "a", "host": "h"]), ("/consumers", ["username": "ann"]), ("/upstreams", ["name": "up"]),
    ] as [(String, JSON)] where path.hasPrefix(parent + "/") {
      try #require(try gateway.admin("POST", parent, .json(input)).status == 201)
    }
    #expect(JSONSchema(component: name + "Input", of: document).violations(entity).isEmpty)
    let made = try gateway.admin("POST", path, .json(entity))
    try #require(made.status == 201, "\(made.text)")
    let schema = JSONSchema(component: name, of: document)
    #expect(schema.violations(made.json).isEmpty, "\(schema.violations(made.json))")
    let page = try gateway.admin("GET", path).json
    #expect(JSONSchema(component: name + "Page", of: document).violations(page).isEmpty)
    // The checker finds what does not fit.
    #expect(!schema.violations(made.json.with(["id": 5])).isEmpty)
    #expect(!schema.violations(made.json.without("id")).isEmpty)
  }

  @Test func errorsFitTheDocument() throws {
    let document = try Self.document()
    for reply in [
      try Self.gateway().admin("POST", "/services", .json(["host": 5])), try Self.gateway().admin("GET", "/nowhere"),
      try Self.gateway().admin("PATCH", "/services/none", .json([:])),
    ] {
      #expect(reply.status >= 400)
      #expect(JSONSchema(component: "Error", of: document).violations(reply.json).isEmpty, "\(reply.text)")
    }
  }
}
