// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct EntityComponentTests {
  private static func strings(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }

  @Test func answersHaveEveryField() async throws {
    let fixture = try await OpenAPIFixture()
    for (collection, name) in [
      ("services", "Service"), ("routes", "Route"), ("consumers", "Consumer"), ("targets", "Target"),
    ] {
      let schema = try #require(fixture.registry.schema(named: collection))
      #expect(Self.strings(fixture.component(name)?["required"]) == schema.record.fields.map(\.name))
    }
    #expect(Self.strings(fixture.component("GreetingCard")?["required"]).last == "ttl")
  }

  @Test(
    arguments: [
      ("Service", ["id", "created_at", "protocol", "host", "port", "enabled"], ["name", "path", "tags", "retries"]),
      ("Route", ["id", "protocols", "strip_path"], ["name", "service", "hosts", "paths", "headers", "path_handling"]),
      ("Consumer", ["id", "created_at", "updated_at"], ["username", "custom_id", "tags"]),
      ("Target", ["id", "target", "upstream"], ["weight", "tags"]), ("GreetingCard", ["text", "consumer"], ["ttl"]),
      ("Certificate", ["cert", "snis"], ["cert_alt"]),
      ("ServiceInput", ["host", "port"], ["id", "name", "url", "client_certificate"]),
    ])
  func onlyWhatMayBeUnsetIsNullable(name: String, set: [String], nullable: [String]) async throws {
    let properties = try #require(try await OpenAPIFixture().component(name)?["properties"])
    for field in set { #expect(properties[field]?["type"]?.stringValue != nil, "\(name).\(field)") }
    for field in nullable {
      #expect(Self.strings(properties[field]?["type"]).last == "null", "\(name).\(field)")
    }
  }

  @Test(
    arguments: [
      // A service's url may stand for its host, and the path for the upstream of a target.
      ("ServiceInput", []), ("RouteInput", []), ("ConsumerInput", []), ("TargetInput", ["target"]),
      ("UpstreamInput", ["name"]), ("PluginInput", ["name"]), ("CertificateInput", ["cert", "key"]),
      ("VaultInput", ["prefix", "name"]), ("ServicePatch", []), ("UpstreamPatch", []), ("GreetingCardInput", []),
      // Its old name may stand for the host of redis.
      ("PluginConfig.greeting", ["word"]),
    ])
  func inputsRequireWhatHasNoDefault(name: String, required: [String]) async throws {
    #expect(Self.strings(try await OpenAPIFixture().component(name)?["required"]) == required)
  }

  @Test func shorthandsAreForWritingOnly() async throws {
    let fixture = try await OpenAPIFixture()
    #expect(fixture.component("ServiceInput")?["properties"]?["url"]?["writeOnly"] == true)
    #expect(fixture.component("Service")?["properties"]?["url"] == nil)
    let old = fixture.component("PluginConfig.greeting")?["properties"]?["redis_host"]
    #expect(old?["deprecated"] == true && old?["writeOnly"] == true)
    #expect(old?["description"] == "redis_host is deprecated, please use redis.host instead")
  }

  @Test func timesOfChangeAreNotWritten() async throws {
    let fixture = try await OpenAPIFixture()
    #expect(fixture.component("Service")?["properties"]?["updated_at"]?["readOnly"] == true)
    #expect(fixture.component("ServiceInput")?["properties"]?["updated_at"] == nil)
    #expect(fixture.component("ServiceInput")?["properties"]?["created_at"] != nil)
  }

  @Test func defaultsApplyToInputsAndNotToPatches() async throws {
    let fixture = try await OpenAPIFixture()
    #expect(fixture.component("ServiceInput")?["properties"]?["retries"]?["default"] == 5)
    #expect(fixture.component("ServicePatch")?["properties"]?["retries"]?["default"] == nil)
  }

  @Test func parentsMayBeNamedByAUniqueField() async throws {
    let fixture = try await OpenAPIFixture()
    let input = try #require(fixture.component("RouteInput")?["properties"]?["service"]?.objectValue)
    let answer = try #require(fixture.component("Route")?["properties"]?["service"]?.objectValue)
    let id: JSONValue = ["id": "6f1d2c3b-0000-4000-8000-000000000001"]
    #expect(fixture.checker.violations(["name": "s"], as: input).isEmpty)
    #expect(fixture.checker.violations(id, as: input).isEmpty && fixture.checker.violations(id, as: answer).isEmpty)
    #expect(!fixture.checker.violations(["name": "s"], as: answer).isEmpty)
    #expect(!fixture.checker.violations([:], as: input).isEmpty)
  }

  @Test func pluginsKeepTheirConfigurationOpen() async throws {
    let fixture = try await OpenAPIFixture()
    for name in ["Plugin", "PluginInput"] {
      #expect(fixture.component(name)?["properties"]?["config"]?["type"] == "object")
      #expect(fixture.component(name)?["properties"]?["config"]?["properties"] == nil)
    }
    let config = fixture.component("PluginConfig.greeting")?["properties"]
    #expect(config?["word"]?["description"] == "What is said")
    #expect(config?["times"] == ["type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": 1])
  }
}
