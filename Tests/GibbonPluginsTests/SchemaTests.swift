// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// What each plugin's schema takes and refuses, with Kong's words (facts of the plugins).
@Suite struct PluginSchemaTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let plugin: String
    let config: JSONValue
    let expected: String
    var testDescription: String { "\(self.plugin) \(self.config)" }

    init(_ plugin: String, _ config: JSONValue, _ expected: String) {
      self.plugin = plugin
      self.config = config
      self.expected = expected
    }
  }

  static let valid: [Case] = [
    Case(
      "key-auth", [:],
      #"{"key_names":["apikey"],"hide_credentials":false,"anonymous":null,"key_in_header":true,"key_in_query":true,"#
        + #""key_in_body":false,"run_on_preflight":true,"realm":null}"#),
    Case(
      "key-auth", ["key_names": ["X-Key", "k_1"], "realm": "r", "anonymous": "nobody", "key_in_body": true],
      #"{"key_names":["X-Key","k_1"],"hide_credentials":false,"anonymous":"nobody","key_in_header":true,"#
        + #""key_in_query":true,"key_in_body":true,"run_on_preflight":true,"realm":"r"}"#),
    Case(
      "correlation-id", [:],
      #"{"header_name":"Kong-Request-ID","generator":"uuid#counter","echo_downstream":false}"#),
    Case(
      "correlation-id", ["header_name": "X-ID", "generator": "tracker", "echo_downstream": true],
      #"{"header_name":"X-ID","generator":"tracker","echo_downstream":true}"#),
    Case(
      "request-termination", [:],
      #"{"status_code":503,"message":null,"content_type":null,"body":null,"echo":false,"trigger":null}"#),
    Case(
      "request-termination", ["status_code": 100, "body": "x", "content_type": "text/plain", "trigger": "X-Stop"],
      #"{"status_code":100,"message":null,"content_type":"text/plain","body":"x","echo":false,"trigger":"X-Stop"}"#),
    Case(
      "request-termination", ["status_code": 599, "message": "bye", "echo": true],
      #"{"status_code":599,"message":"bye","content_type":null,"body":null,"echo":true,"trigger":null}"#),
  ]

  /// A field that is not set is no reason to ask for others.
  @Test(arguments: [
    Case("rate-limiting", ["minute": 1, "limit_by": .null], ""),
    Case("rate-limiting", ["minute": 1, "policy": .null], ""),
    Case("response-ratelimiting", ["limits": ["a": ["minute": 1]], "policy": .null], ""),
    Case("jwt", ["maximum_expiration": .null, "claims_to_verify": ["nbf"]], ""),
    Case("jwt", ["maximum_expiration": .null], ""), Case("hmac-auth", ["clock_skew": .null, "algorithms": .null], ""),
    Case("redirect", ["location": "https://a.test", "keep_incoming_path": .null], ""),
    Case("request-termination", ["message": .null, "body": .null], ""),
    Case("cors", ["max_age": .null, "origins": .null], ""),
  ])
  func conditionsLookAtWhatIsSet(example: Case) throws {
    #expect(
      !outcome(example.plugin, example.config).contains("violation"), "\(outcome(example.plugin, example.config))")
  }

  @Test(arguments: valid)
  func acceptsAndCompletes(example: Case) throws {
    let entity = try validate(example.plugin, example.config).get()
    let expected = try JSONParser.parse(Array(example.expected.utf8)).get()
    #expect(entity["config"] == expected)
  }

  static let invalid: [Case] = [
    Case("key-auth", ["key_names": "apikey"], "config.key_names: expected an array"),
    Case(
      "key-auth", ["key_names": ["a b"]],
      "config.key_names: {\n  [1] = \"bad header name 'a b', allowed characters are A-Z, a-z, 0-9, '_', and '-'\"\n}"),
    Case("key-auth", ["key_names": .null], "config.key_names: required field missing"),
    Case("key-auth", ["hide_credentials": "yes"], "config.hide_credentials: expected a boolean"),
    Case("key-auth", ["hide_credentials": .null], "config.hide_credentials: required field missing"),
    Case("key-auth", ["key_in_header": 1], "config.key_in_header: expected a boolean"),
    Case("key-auth", ["anonymous": true], "config.anonymous: expected a string"),
    Case("key-auth", ["anonymous": ""], "config.anonymous: length must be at least 1"),
    Case("key-auth", ["realm": 7], "config.realm: expected a string"),
    Case("key-auth", ["keys": []], "config.keys: unknown field"),
    Case("correlation-id", ["generator": "guid"], "config.generator: expected one of: uuid, uuid#counter, tracker"),
    Case("correlation-id", ["generator": .null], "config.generator: required field missing"),
    Case("correlation-id", ["header_name": 1], "config.header_name: expected a string"),
    Case("correlation-id", ["echo_downstream": "true"], "config.echo_downstream: expected a boolean"),
    Case("request-termination", ["status_code": 99], "config.status_code: value should be between 100 and 599"),
    Case("request-termination", ["status_code": 600], "config.status_code: value should be between 100 and 599"),
    Case("request-termination", ["status_code": 200.5], "config.status_code: expected an integer"),
    Case("request-termination", ["status_code": "503"], "config.status_code: expected an integer"),
    Case(
      "request-termination", ["trigger": "not a name"],
      "config.trigger: bad header name 'not a name', allowed characters are A-Z, a-z, 0-9, '_', and '-'"),
    Case("request-termination", ["echo": .null], "config.echo: required field missing"),
  ]

  @Test(arguments: invalid)
  func refusesWithKongsWords(example: Case) {
    #expect(outcome(example.plugin, example.config) == "schema violation (\(example.expected))")
  }

  /// The rules across fields of Kong 3.9's request-termination, in its words.
  @Test(
    arguments: [
      (["message": "m", "body": "b"], "message cannot be used with content_type or body"),
      (["message": "m", "content_type": "text/plain"], "message cannot be used with content_type or body"),
      (["content_type": "text/plain"], "content_type requires a body"),
      (["echo": true, "body": "b"], "echo cannot be used with content_type and body"),
    ] as [(JSONValue, String)])
  func requestTerminationRefusesWhatDoesNotGoTogether(config: JSONValue, message: String) {
    #expect(outcome("request-termination", config).contains(message))
  }

  @Test func keyAuthMayNotBeAttachedToAConsumer() {
    let consumer: JSONValue = ["id": "0dc6f45b-8f8d-40d2-a504-473544ee190b"]
    #expect(outcome("key-auth", [:], ["consumer": consumer]) == "schema violation (consumer: value must be null)")
    for name in ["correlation-id", "request-termination"] {
      #expect(!outcome(name, [:], ["consumer": consumer]).contains("violation"), "\(name)")
    }
  }

  // MARK: What the plugin gets

  @Test func keyAuthDecodes() throws {
    let plain = try configured(KeyAuthPlugin.self)
    #expect(plain.keyNames == ["apikey"] && !plain.hideCredentials && plain.anonymous == nil && plain.realm == nil)
    #expect(plain.keyInHeader && plain.keyInQuery && !plain.keyInBody && plain.runOnPreflight)
    let given = try configured(
      KeyAuthPlugin.self, ["key_names": ["a", "b"], "hide_credentials": true, "run_on_preflight": false, "realm": "x"])
    #expect(given.keyNames == ["a", "b"] && given.hideCredentials && !given.runOnPreflight && given.realm == "x")
  }

  @Test(
    arguments: [("uuid", .uuid), ("uuid#counter", .counter), ("tracker", .tracker)]
      as [(String, CorrelationIDPlugin.Configuration.Generator)])
  func correlationIDDecodes(name: String, generator: CorrelationIDPlugin.Configuration.Generator) throws {
    let configuration = try configured(CorrelationIDPlugin.self, ["generator": .string(name)])
    #expect(configuration.generator == generator && configuration.headerName == "Kong-Request-ID")
    #expect(!configuration.echoDownstream)
    #expect(try configured(CorrelationIDPlugin.self, ["header_name": .null]).headerName == nil)
  }

  @Test func requestTerminationDecodes() throws {
    let configuration = try configured(RequestTerminationPlugin.self, ["status_code": 418, "message": "teapot"])
    #expect(configuration.statusCode == 418 && configuration.message == "teapot")
    #expect(configuration.body == nil && configuration.contentType == nil && configuration.trigger == nil)
    #expect(!configuration.echo)
  }

  // MARK: Entities

  @Test func keysBelongToAConsumerAndAreUnique() throws {
    let schema = try #require(KeyAuthPlugin.descriptor.schema.entities.first)
    #expect(schema.name == "keyauth_credentials")
    let validator = Validator(now: 1_700_000_000)
    let owner: JSONValue = ["id": "0dc6f45b-8f8d-40d2-a504-473544ee190b"]
    let made = try validator.validate(["consumer": owner], as: schema).get()
    let key = try #require(made["key"]?.stringValue)
    #expect(key.utf8.count == 32 && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
    #expect(try validator.validate(["consumer": owner, "key": "k"], as: schema).get()["key"] == "k")
    guard case .failure(let failure) = validator.validate(["key": "k"], as: schema) else {
      Issue.record("a key without a consumer")
      return
    }
    #expect(failure.message == "schema violation (consumer: required field missing)")
  }
}
