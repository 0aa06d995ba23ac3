// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@Suite struct OtherEntitiesTests {
  private static let pem = TestPEM.authority
  private static let key = TestPEM.key

  @Test(
    arguments: [
      ("consumers", [:], "at least one of these fields must be non-empty: 'custom_id', 'username'"),
      ("consumers", ["username": ""], "username: length must be at least 1"),
      ("consumers", ["username": "a", "tags": ["a/b"]], "tags.1: invalid tag 'a/b'"),
      ("plugins", ["name": "none"], "name: plugin 'none' not enabled; add it to the 'plugins' configuration property"),
      ("plugins", [:], "schema violation (name: required field missing)"),
      ("plugins", ["name": "test"], "schema violation (config.limit: required field missing)"),
      ("plugins", ["name": "test", "config": ["limit": 1, "x": 1]], "schema violation (config.x: unknown field)"),
      ("plugins", ["name": "test", "config": ["limit": 1], "consumer": reference], "consumer: value must be null"),
      (
        "plugins", ["name": "test", "config": ["limit": 1], "protocols": ["tcp"]],
        "protocols.1: expected one of: grpc, grpcs, http, https"
      ),
      ("targets", ["target": "a"], "upstream: required field missing"),
      (
        "targets", ["upstream": reference, "target": "a", "weight": 65536],
        "weight: value should be between 0 and 65535"
      ),
      ("certificates", ["cert": "x", "key": .string(key)], "cert: invalid certificate: not a well-formed PEM text"),
      ("certificates", ["cert": .string(pem), "key": "x"], "key: invalid key: not a well-formed PEM text"),
      (
        "certificates", ["cert": .string(pem), "key": .string(key), "cert_alt": .string(pem)],
        "all or none of these fields must be set: 'cert_alt', 'key_alt'"
      ),
      (
        "certificates", ["cert": .string(pem), "key": .string(TestPEM.otherKey)], "certificate does not match key"
      ),
      (
        "certificates",
        [
          "cert": .string(pem), "key": .string(key), "cert_alt": .string(TestPEM.leaf), "key_alt": .string(key),
        ], "certificate and alternative certificate need to have different type"
      ),
      (
        "certificates",
        [
          "cert": .string(pem), "key": .string(key), "cert_alt": .string(TestPEM.rsa), "key_alt": .string(key),
        ], "alternative certificate does not match key"
      ),
      (
        "certificates",
        ["cert": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "key": .string(key)],
        "cert: invalid certificate: "
      ),
      ("ca_certificates", ["cert": .string(TestPEM.leaf)], "missing the \"CA\" basic constraint"),
      ("ca_certificates", ["cert": .string(TestPEM.expired)], "certificate expired"),
      ("snis", ["name": "1.2.3.4", "certificate": reference], "name: must not be an IP"),
      ("ca_certificates", ["cert": .string(pem + "\n" + pem)], "please submit only one certificate at a time"),
      ("keys", ["kid": "k"], "at least one of these fields must be non-empty: 'jwk', 'pem'"),
      ("keys", ["kid": "k", "jwk": "{"], "could not json decode jwk string"),
      ("keys", ["kid": "k", "jwk": #"{"kid":"x"}"#], "kid in jwk.kid must be equal to keys.kid"),
      ("keys", ["kid": "k", "jwk": #"{"kid":"k"}"#], "could not load JWK, likely not a valid key"),
      ("keys", ["kid": "k", "pem": ["private_key": "x"]], "pem: could not load private key"),
      (
        "keys", ["kid": "k", "jwk": #"{"kid":"k","kty":"RSA"}"#, "pem": ["private_key": .string(key)]],
        "only one or none of these fields must be set: 'jwk', 'pem'"
      ),
      ("vaults", ["prefix": "env", "name": "env"], "prefix: must not be one of: env"),
      ("vaults", ["prefix": "1x", "name": "env"], "prefix: invalid value: 1x"),
      ("vaults", ["prefix": "ab", "name": "hcv"], "name: vault 'hcv' is not installed"),
      ("vaults", ["prefix": "ab", "name": "env", "config": ["prefix": "a b"]], "config.prefix: invalid value: a b"),
      ("workspaces", ["name": "services"], "name: must not be one of: workspaces, consumers,"),
      ("clustering_data_planes", ["ip": "x", "hostname": "h"], "ip: not an ip address: x"),
      (
        "clustering_data_planes", ["ip": "::1", "hostname": "h", "version": "3..9"],
        "version: must not have empty version segments"
      ),
      ("filter_chains", ["service": reference, "filters": [["name": "f"]]], "wasm support is not enabled"),
      ("parameters", ["key": "k"], "value: required field missing"),
    ] as [(String, JSONObject, String)])
  func refuses(collection: String, input: JSONObject, message: String) {
    let found = outcome(collection, input)
    #expect(found.contains(message), "\(found)")
  }

  @Test func typesTheOthers() throws {
    let plugin = try entity(
      [
        "name": "anywhere", "instance_name": "i", "route": reference, "service": reference, "consumer": reference,
        "config": ["x": "y"], "protocols": ["tcp", "http"], "enabled": false, "tags": ["t"],
      ], as: PluginEntity.self)
    #expect(plugin.name == "anywhere" && plugin.instanceName == "i" && !plugin.isEnabled && plugin.tags == ["t"])
    #expect([plugin.route, plugin.service, plugin.consumer] == Array(repeating: Workspace.defaultID, count: 3))
    #expect(plugin.config == ["x": "y"] && plugin.protocols == [.tcp, .http])

    let target = try entity(["upstream": reference, "target": "a:1", "weight": 0], as: Target.self)
    #expect(target.upstream == Workspace.defaultID && target.target == "a:1" && target.weight == 0)

    let certificate = try entity(["cert": .string(Self.pem), "key": .string(Self.key)], as: Certificate.self)
    #expect(certificate.cert == Self.pem && certificate.key == Self.key && certificate.alternativeCert == nil)

    let pairs = try entity(
      [
        "cert": .string(Self.pem), "key": .string(Self.key), "cert_alt": .string(TestPEM.rsa),
        "key_alt": .string(TestPEM.rsaKey),
      ], as: Certificate.self)
    #expect(pairs.alternativeKey == TestPEM.rsaKey)

    let sni = try entity(["name": "*.a", "certificate": reference], as: SNI.self)
    #expect(sni.name == "*.a" && sni.certificate == Workspace.defaultID)

    let consumer = try entity(["custom_id": "1"], as: Consumer.self)
    #expect(consumer.customID == "1" && consumer.username == nil)

    let key = try entity(["kid": "k", "set": reference, "pem": ["private_key": .string(Self.key)]], as: Key.self)
    #expect(key.kid == "k" && key.set == Workspace.defaultID && key.privateKey == Self.key && key.publicKey == nil)

    #expect(try entity(["name": "s"], as: KeySet.self).name == "s")
    #expect(try entity(["prefix": "ab", "name": "env"], as: Vault.self).config == ["prefix": .null])
    #expect(try entity(["cert": .string(Self.pem)], as: CACertificate.self).cert == Self.pem)
    #expect(try entity(["ip": "::1", "hostname": "h"], as: ClusteringDataPlane.self).syncStatus == "unknown")
  }

  @Test func anIncompleteObjectIsNoEntity() {
    #expect(Service(validated: ["id": someID]) == nil)
    #expect(Route(validated: [:]) == nil)
    #expect(Target(validated: ["id": someID, "target": "a"]) == nil)
  }

  @Test func targetsAndAuthoritiesAreTransformedOnWrite() throws {
    let validator = Validator(now: 0)
    let target = try validator.transformed(["target": "a"], as: TargetsSchema.schema).get()
    #expect(target["target"] == "a:8000")
    let authority = try validator.transformed(["cert": .string(Self.pem)], as: CACertificatesSchema.schema).get()
    #expect(authority["cert_digest"]?.stringValue == TestPEM.authorityDigest)
  }
}
