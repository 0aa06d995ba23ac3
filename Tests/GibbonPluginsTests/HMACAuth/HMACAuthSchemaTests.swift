// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// What the configuration and the credentials may say, with Kong's words.
@Suite struct HMACAuthSchemaTests {
  @Test func theDefaults() {
    #expect(
      outcome("hmac-auth", [:])
        == #"{"hide_credentials":false,"clock_skew":300,"anonymous":null,"validate_request_body":false,"#
        + #""enforce_headers":[],"algorithms":["hmac-sha1","hmac-sha256","hmac-sha384","hmac-sha512"],"realm":null}"#)
  }

  @Test(
    arguments: [
      ["clock_skew": 10], ["clock_skew": 0.5], ["enforce_headers": ["date", "@request-target"]],
      ["algorithms": ["hmac-sha512"]],
    ] as [JSONValue]) func accepts(config: JSONValue) throws
  { _ = try validate("hmac-auth", config).get() }

  @Test(
    arguments: [
      (["clock_skew": -10], "schema violation (config.clock_skew: value must be greater than 0)"),
      (["clock_skew": 0], "schema violation (config.clock_skew: value must be greater than 0)"),
      (
        ["algorithms": ["sha1024"]],
        "schema violation (config.algorithms: {\n"
          + "  \"expected one of: hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512\"\n})"
      ),
      (["validate_request_body": .null], "schema violation (config.validate_request_body: required field missing)"),
    ] as [(JSONValue, String)]) func refuses(config: JSONValue, expected: String)
  {
    #expect(outcome("hmac-auth", config) == expected)
  }

  @Test func consumersCannotHaveIt() {
    let consumer: JSONObject = ["consumer": ["id": "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"]]
    #expect(outcome("hmac-auth", [:], consumer).contains("consumer: value must be null"))
  }

  private static func credential(_ fields: JSONObject) throws -> Result<JSONObject, ValidationFailure> {
    let schema = try #require(HMACAuthPlugin.descriptor.schema.entities.first)
    var entity = fields
    entity["consumer"] = ["id": "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"]
    return Validator(now: 1_700_000_000).validate(.object(entity), as: schema)
  }

  @Test func aSecretIsMade() throws {
    #expect(try Self.credential(["username": "ann"]).get()["secret"]?.stringValue?.utf8.count == 32)
    #expect(try Self.credential(["username": "ann", "secret": "s"]).get()["secret"] == "s")
  }

  @Test func aNameIsNeeded() throws {
    guard case .failure(let failure) = try Self.credential(["secret": "s"]) else {
      Issue.record("accepted")
      return
    }
    #expect(failure.message == "schema violation (username: required field missing)")
  }

  @Test func theMigrationMakesWhatTheSchemaNeeds() throws {
    let schema = HMACAuthPlugin.descriptor.schema
    let layout = TableLayout(try #require(schema.entities.first))
    #expect(schema.migrations == [Migration("000_base_hmac_auth", [.createTable(layout)])])
  }
}
