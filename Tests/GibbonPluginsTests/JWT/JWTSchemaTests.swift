// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPlugins

/// What the configuration and the credentials may say, with Kong's words.
@Suite struct JWTSchemaTests {
  @Test func theDefaults() {
    #expect(
      outcome("jwt", [:])
        == #"{"uri_param_names":["jwt"],"cookie_names":[],"key_claim_name":"iss","secret_is_base64":false,"#
        + #""claims_to_verify":null,"anonymous":null,"run_on_preflight":true,"maximum_expiration":0,"#
        + #""header_names":["authorization"],"realm":null}"#)
  }

  @Test(
    arguments: [
      ["maximum_expiration": 60, "claims_to_verify": ["exp", "nbf"]],
      ["maximum_expiration": 31_536_000, "claims_to_verify": ["exp"]],
      ["maximum_expiration": 0, "claims_to_verify": ["nbf"]], ["uri_param_names": [], "header_names": []],
    ] as [JSONValue]) func accepts(config: JSONValue) throws
  { _ = try validate("jwt", config).get() }

  static let invalid: [(JSONValue, String)] = [
    (
      ["maximum_expiration": -1, "claims_to_verify": ["exp"]],
      "schema violation (config.maximum_expiration: value should be between 0 and 31536000)"
    ),
    (
      ["maximum_expiration": 60, "claims_to_verify": ["nbf"]],
      "2 schema violations (failed conditional validation given value of field 'config.maximum_expiration'; "
        + "config.claims_to_verify: expected to contain: exp)"
    ),
    (
      ["claims_to_verify": ["iat"]],
      "schema violation (config.claims_to_verify: {\n  \"expected one of: exp, nbf\"\n})"
    ),
    (["secret_is_base64": "yes"], "schema violation (config.secret_is_base64: expected a boolean)"),
    (["cookie": ["a"]], "schema violation (config.cookie: unknown field)"),
  ]

  @Test(arguments: invalid) func refuses(config: JSONValue, expected: String) {
    #expect(outcome("jwt", config) == expected)
  }

  @Test func consumersCannotHaveIt() {
    let consumer: JSONObject = ["consumer": ["id": "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"]]
    #expect(outcome("jwt", [:], consumer).contains("consumer: value must be null"))
  }

  // MARK: Credentials

  private static func credential(_ fields: JSONObject) throws -> Result<JSONObject, ValidationFailure> {
    let schema = try #require(JWTPlugin.descriptor.schema.entities.first)
    var entity = fields
    entity["consumer"] = ["id": "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"]
    return Validator(now: 1_700_000_000).validate(.object(entity), as: schema)
  }

  @Test func keyAndSecretAreMade() throws {
    let entity = try Self.credential([:]).get()
    #expect(entity["algorithm"] == "HS256" && entity["rsa_public_key"] == .null)
    #expect(entity["key"]?.stringValue?.utf8.count == 32 && entity["secret"]?.stringValue?.utf8.count == 32)
  }

  @Test(
    arguments: [
      ["algorithm": "RS256", "rsa_public_key": .string(TokenKeys.rsa)],
      ["algorithm": "PS512", "rsa_public_key": .string(TokenKeys.rsaPKCS1)],
      ["algorithm": "EdDSA", "rsa_public_key": .string(TokenKeys.ed25519)],
      ["algorithm": "ES256", "rsa_public_key": .string(TokenKeys.p256)],
      // Of these, Kong does not ask for a key.
      ["algorithm": "ES384"], ["algorithm": "HS512", "rsa_public_key": "test"],
      ["key": "a", "secret": "b", "tags": ["c"]],
    ] as [JSONObject]) func credentialsAreAccepted(fields: JSONObject) throws
  { _ = try Self.credential(fields).get() }

  @Test(arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"])
  func mostPublicAlgorithmsNeedAKey(algorithm: String) throws {
    let conditional = "failed conditional validation given value of field 'algorithm'"
    for (key, reason) in [(nil, "required field missing"), ("test", "invalid key"), (TokenKeys.ed448, "invalid key")] {
      var fields: JSONObject = ["algorithm": .string(algorithm)]
      if let key { fields["rsa_public_key"] = .string(key) }
      guard case .failure(let failure) = try Self.credential(fields) else {
        Issue.record("accepted \(algorithm) with \(key ?? "no key")")
        continue
      }
      #expect(failure.message == "2 schema violations (\(conditional); rsa_public_key: \(reason))")
    }
  }

  @Test func otherAlgorithmsAreUnknown() throws {
    guard case .failure(let failure) = try Self.credential(["algorithm": "none"]) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.message.hasPrefix("schema violation (algorithm: expected one of: HS256, HS384, HS512, RS256"))
  }

  @Test func theMigrationMakesWhatTheSchemaNeeds() throws {
    let schema = JWTPlugin.descriptor.schema
    let layout = TableLayout(try #require(schema.entities.first))
    #expect(schema.migrations == [Migration("000_base_jwt", [.createTable(layout)])])
  }
}
