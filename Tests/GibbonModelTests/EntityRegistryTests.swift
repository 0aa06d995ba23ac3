// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

enum EntityRegistryNames {
  static let core = EntityRegistry.coreNames
}

@Suite struct EntityRegistryTests {
  @Test func knowsAllCoreEntities() {
    #expect(Set(EntityRegistry().schemas.map(\.name)) == Set(EntityRegistry.coreNames))
    #expect(EntityRegistry.coreNames.count == 17)
  }

  @Test func putsParentsFirst() {
    let credential = EntitySchema(
      "creds", RecordSchema([.id, .foreign("consumer", to: "consumers", .required, .cascade)]))
    let token = EntitySchema("tokens", RecordSchema([.id, .foreign("cred", to: "creds")]))
    let registry = EntityRegistry(plugins: [PluginSchema("p", config: [], entities: [token, credential])])
    var seen: Set<String> = []
    for schema in registry.schemas {
      for reference in schema.references { #expect(seen.contains(reference.entity), "\(schema.name)") }
      seen.insert(schema.name)
    }
    #expect(registry.schema(named: "tokens") === token)
  }

  @Test func knowsWhoRefersToWhom() {
    let registry = EntityRegistry()
    func children(_ name: String) -> Set<String> {
      Set(registry.children(of: name).map { "\($0.schema.name).\($0.field) \($0.deletion)" })
    }
    #expect(
      children("services") == ["routes.service restrict", "plugins.service cascade", "filter_chains.service cascade"])
    #expect(
      children("certificates") == [
        "services.client_certificate restrict", "upstreams.client_certificate restrict", "snis.certificate restrict",
      ])
    #expect(children("upstreams") == ["targets.upstream cascade"])
    #expect(children("key_sets") == ["keys.set cascade"])
  }

  @Test(
    arguments: [
      ("services", "name", nil), ("routes", "name", nil), ("consumers", "username", nil),
      ("plugins", "instance_name", ["name", "route", "service", "consumer"]), ("upstreams", "name", nil),
      ("targets", "target", ["upstream", "target"]), ("snis", "name", nil), ("vaults", "prefix", ["prefix"]),
      ("keys", "name", ["kid", "set"]), ("key_sets", "name", nil), ("certificates", nil, nil),
      ("ca_certificates", nil, nil),
    ] as [(String, String?, [String]?)])
  func keysAreKongs(name: String, endpointKey: String?, cacheKey: [String]?) throws {
    let schema = try #require(EntityRegistry().schema(named: name))
    #expect(schema.endpointKey == endpointKey)
    #expect(schema.cacheKey == cacheKey)
    #expect(schema.primaryKey == ["id"])
  }
}

@Suite struct SchemaDescriptionTests {
  @Test func describesFieldsInKongsWords() {
    let fields = ServicesSchema.schema.description["fields"]?.arrayValue ?? []
    #expect(fields.count == 18)
    #expect(fields[0].description == #"{"id":{"type":"string","auto":true,"uuid":true}}"#)
    #expect(
      fields[5].description == """
        {"protocol":{"type":"string","required":true,"default":"http",\
        "one_of":["grpc","grpcs","http","https","tcp","tls","tls_passthrough","udp"]}}
        """)
    #expect(fields[13].description == #"{"client_certificate":{"type":"foreign","reference":"certificates"}}"#)
  }

  @Test func describesChecks() {
    let checks = ServicesSchema.schema.description["entity_checks"]?.arrayValue ?? []
    #expect(
      checks.first?.description == """
        {"conditional":{"if_field":"protocol","if_match":{"one_of":["tcp","tls","udp","grpc","grpcs"]},\
        "then_field":"path","then_match":{"eq":null}}}
        """)
    #expect(ConsumersSchema.schema.description["entity_checks"] == [["at_least_one_of": ["custom_id", "username"]]])
  }

  @Test func describesPlugins() {
    let schema = PluginSchema("test", config: [.integer("limit", .required)], forbidding: [.consumer])
    #expect(
      JSONValue.object(schema.description).description == """
        {"fields":[{"consumer":{"type":"foreign","reference":"consumers","eq":null}},{"protocols":{"type":"set",\
        "elements":{"type":"string","required":true,"one_of":["grpc","grpcs","http","https"]},"required":true,\
        "default":["grpc","grpcs","http","https"]}},{"config":{"type":"record","fields":[{"limit":{"type":"integer",\
        "required":true}}],"required":true}}]}
        """)
  }
}
