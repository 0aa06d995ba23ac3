// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonAdmin

/// Entities that the validator makes are what the document says.
@Suite struct EntityInstanceTests {
  private static let id = "6f1d2c3b-0000-4000-8000-000000000001"
  private static let minimal: [(collection: String, name: String, input: JSONObject)] = [
    ("services", "Service", ["host": "example.com"]),
    ("services", "Service", ["url": "https://example.com:8443/a", "name": "s", "tags": ["x"], "retries": 0]),
    ("routes", "Route", ["paths": ["/a"], "service": ["id": .string(id)]]),
    ("routes", "Route", ["protocols": ["tcp"], "sources": [["ip": "10.0.0.0/8"]], "headers": .null]),
    ("routes", "Route", ["protocols": ["grpc"], "hosts": ["a.com"], "headers": ["x-a": ["b"]]]),
    ("consumers", "Consumer", ["username": "ann"]),
    ("plugins", "Plugin", ["name": "greeting", "config": ["word": "hi", "redis_host": "r"]]),
    ("upstreams", "Upstream", ["name": "up"]),
    ("upstreams", "Upstream", ["name": "up", "hash_on": "header", "hash_on_header": "x", "slots": 10]),
    ("targets", "Target", ["target": "h:80", "upstream": ["id": .string(id)]]),
    ("vaults", "Vault", ["name": "env", "prefix": "my-env", "config": ["prefix": "A_"]]),
  ]

  private static func entity(_ input: JSONObject, _ collection: String, _ fixture: OpenAPIFixture) throws -> JSONObject
  {
    let schema = try #require(fixture.registry.schema(named: collection))
    return try Validator(now: 1_700_000_000).validate(object: input, as: schema).get()
  }

  @Test(arguments: Self.minimal.indices)
  func aValidEntityFits(index: Int) async throws {
    let (collection, name, input) = Self.minimal[index]
    let fixture = try await OpenAPIFixture()
    #expect(fixture.checker.violations(input, component: name + "Input").isEmpty)
    #expect(fixture.checker.violations(input, component: name + "Patch").isEmpty)
    let entity = try Self.entity(input, collection, fixture)
    let violations = fixture.checker.violations(entity, component: name)
    #expect(violations.isEmpty, "\(violations)")
    let page: JSONObject = ["data": [.object(entity)], "next": .null]
    #expect(fixture.checker.violations(page, component: name + "Page").isEmpty)
  }

  @Test(arguments: Self.minimal.indices)
  func anEntityThatLacksAFieldOrIsOfAnotherTypeDoesNotFit(index: Int) async throws {
    let (collection, name, input) = Self.minimal[index]
    let fixture = try await OpenAPIFixture()
    let entity = try Self.entity(input, collection, fixture)
    for member in entity {
      var lacking = entity
      lacking[member.key] = nil
      #expect(!fixture.checker.violations(lacking, component: name).isEmpty, "\(name) without \(member.key)")
    }
    for (field, value) in [("id", "x"), ("id", .null), ("created_at", 0), ("created_at", "now"), ("tags", ["a", "a"])]
      as [(String, JSONValue)]
    {
      var wrong = entity
      wrong[field] = value
      #expect(!fixture.checker.violations(wrong, component: name).isEmpty, "\(name).\(field) \(value)")
    }
  }

  @Test(
    arguments: [
      ("services", "Service", ["host": "h", "port": 65536]), ("services", "Service", ["host": "h", "protocol": "ftp"]),
      ("services", "Service", ["host": "h", "path": "a"]), ("services", "Service", ["host": "h", "retries": 1.5]),
      ("services", "Service", ["host": "h", "client_certificate": ["id": "x"]]), ("services", "Service", ["host": ""]),
      ("services", "Service", ["host": "h", "enabled": .null]), ("services", "Service", ["name": "s"]),
      ("routes", "Route", ["paths": "/a"]), ("routes", "Route", ["paths": ["/a"], "protocols": []]),
      ("routes", "Route", ["paths": ["/a"], "https_redirect_status_code": 300]),
      ("routes", "Route", ["headers": ["x-a": "b"]]), ("consumers", "Consumer", ["username": 5]),
      ("plugins", "Plugin", ["name": .null]), ("plugins", "Plugin", ["config": ["word": "hi"]]),
      ("upstreams", "Upstream", ["name": "up", "algorithm": "random"]), ("upstreams", "Upstream", ["slots": 10]),
      ("upstreams", "Upstream", ["name": "up", "healthchecks": ["active": ["healthy": ["successes": 256]]]]),
      ("targets", "Target", ["weight": 1]), ("vaults", "Vault", ["name": "env", "prefix": "env"]),
    ] as [(String, String, JSONObject)])
  func whatTheValidatorRefusesDoesNotFit(collection: String, name: String, input: JSONObject) async throws {
    let fixture = try await OpenAPIFixture()
    #expect(throws: ValidationFailure.self) { try Self.entity(input, collection, fixture) }
    #expect(!fixture.checker.violations(input, component: name + "Input").isEmpty)
  }

  @Test func theConfigurationOfAPluginFitsItsComponent() async throws {
    let checker = try await OpenAPIFixture().checker
    let name = "PluginConfig.greeting"
    #expect(checker.violations(["word": "hi", "redis": ["host": "r"], "times": .null], component: name).isEmpty)
    for wrong in [["word": "hi", "times": 10], [:], ["word": "hi", "redis": ["port": "x"]]] as [JSONObject] {
      #expect(!checker.violations(wrong, component: name).isEmpty)
    }
  }
}
