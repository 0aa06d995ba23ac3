// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Where key-auth looks for a key, in which order, and what it makes of what it finds.
@Suite struct KeyAuthTests {
  private static let consumer = Consumer(username: "ann", customID: "c-1")
  private static let credential = Credential(id: .random(), consumer: consumer, fields: ["key": "good"])
  private static let directory = FakeDirectory(
    "keyauth_credentials", ["good": credential], consumers: [Consumer(username: "nobody")])

  private static func decide(_ config: JSONValue, _ request: FakeRequest) throws -> String {
    words(try instance(KeyAuthPlugin.self, config, directory: directory).access(request.context))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var config: JSONValue = [:]
    var method = "GET"
    var target = "/"
    var headers: [(String, String)] = []
    var body: String?
    var expected = "next"
  }

  private static let form = ("Content-Type", "application/x-www-form-urlencoded")
  private static let json = ("Content-Type", "application/json; charset=utf-8")
  private static let multipart = ("Content-Type", "multipart/form-data; boundary=B")
  private static let missing = "401 No API key found in request"
  private static let twice = "401 Duplicate API key found"

  static let cases: [Case] = [
    Case(testDescription: "in a header", headers: [("apikey", "good")]),
    Case(testDescription: "header names have no case", headers: [("ApiKey", "good")]),
    Case(testDescription: "in the query", target: "/?a=b&apikey=good"),
    Case(testDescription: "in the query, escaped", target: "/?api%6Bey=%67ood"),
    Case(testDescription: "none", expected: missing),
    Case(testDescription: "an empty header", headers: [("apikey", "")], expected: missing),
    Case(testDescription: "an empty argument", target: "/?apikey=", expected: missing),
    Case(testDescription: "an argument without a value", target: "/?apikey", expected: missing),
    Case(testDescription: "unknown", headers: [("apikey", "bad")], expected: "401 Unauthorized"),
    Case(testDescription: "keys have a case", headers: [("apikey", "GOOD")], expected: "401 Unauthorized"),
    Case(testDescription: "two headers", headers: [("apikey", "good"), ("apikey", "good")], expected: twice),
    Case(testDescription: "two arguments", target: "/?apikey=good&apikey=x", expected: twice),
    Case(
      testDescription: "the header before the query", target: "/?apikey=bad", headers: [("apikey", "good")]),
    Case(
      testDescription: "the query before the body", config: ["key_in_body": true], method: "POST",
      target: "/?apikey=good", headers: [form], body: "apikey=bad"),
    Case(
      testDescription: "names in their order", config: ["key_names": ["one", "two"]],
      headers: [("two", "good"), ("one", "bad")], expected: "401 Unauthorized"),
    Case(testDescription: "the second name", config: ["key_names": ["one", "two"]], target: "/?two=good"),
    Case(
      testDescription: "headers are off", config: ["key_in_header": false], headers: [("apikey", "good")],
      expected: missing),
    Case(
      testDescription: "the query is off", config: ["key_in_query": false], target: "/?apikey=good", expected: missing),
    Case(
      testDescription: "the body is off", method: "POST", headers: [form], body: "apikey=good", expected: missing),
    Case(
      testDescription: "in a form", config: ["key_in_body": true], method: "POST", headers: [form],
      body: "a=b&apikey=good"),
    Case(
      testDescription: "in JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"{"apikey":"good"}"#),
    Case(
      testDescription: "twice in a form", config: ["key_in_body": true], method: "POST", headers: [form],
      body: "apikey=good&apikey=good", expected: twice),
    Case(
      testDescription: "several in JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"{"apikey":["good","x"]}"#, expected: twice),
    Case(
      testDescription: "broken JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"{"apikey":"#, expected: missing),
    Case(
      testDescription: "a body of another type", config: ["key_in_body": true], method: "POST",
      headers: [("Content-Type", "text/plain")], body: "apikey=good", expected: missing),
    Case(
      testDescription: "in a part", config: ["key_in_body": true], method: "POST", headers: [multipart],
      body: part("apikey", "good") + "--B--"),
    Case(
      testDescription: "in two parts", config: ["key_in_body": true], method: "POST", headers: [multipart],
      body: part("apikey", "good") + part("apikey", "x") + "--B--", expected: twice),
    Case(
      testDescription: "a number in JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"{"apikey":1}"#, expected: missing),
    Case(
      testDescription: "an object in JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"{"apikey":{"a":"good"}}"#, expected: twice),
    Case(
      testDescription: "an array of JSON", config: ["key_in_body": true], method: "POST", headers: [json],
      body: #"["apikey"]"#, expected: missing),
    Case(
      testDescription: "an empty one ends the search", config: ["key_names": ["one", "two"]],
      headers: [("one", ""), ("two", "good")], expected: missing),
    Case(
      testDescription: "an argument without a value does not", config: ["key_names": ["one", "two"]],
      target: "/?one&two=good"),
    Case(
      testDescription: "a dash for an underscore", config: ["key_names": ["api_key"]], headers: [("Api-Key", "good")]),
    Case(testDescription: "an underscore", config: ["key_names": ["api_key"]], headers: [("api_key", "good")]),
    Case(
      testDescription: "no underscore for a dash", config: ["key_names": ["api-key"]], headers: [("api_key", "good")],
      expected: missing),
    Case(
      testDescription: "names are bytes", config: ["key_names": ["K"], "key_in_body": true], method: "POST",
      target: "/?%E2%84%AA=good", headers: [json], body: "{\"\u{212A}\":\"good\"}", expected: missing),
    Case(testDescription: "a preflight", method: "OPTIONS", expected: missing),
    Case(testDescription: "a preflight let through", config: ["run_on_preflight": false], method: "OPTIONS"),
    Case(testDescription: "anonymous for a bad key", config: ["anonymous": "nobody"], headers: [("apikey", "bad")]),
    Case(testDescription: "anonymous for no key", config: ["anonymous": "nobody"]),
    Case(
      testDescription: "an anonymous consumer that does not exist", config: ["anonymous": "ghost"],
      expected: "500 An unexpected error occurred"),
  ]

  @Test(arguments: cases)
  func findsTheKey(example: Case) throws {
    let request = try FakeRequest(
      example.target, method: example.method, headers: example.headers, body: example.body)
    #expect(try Self.decide(example.config, request) == example.expected)
  }

  @Test func theConsumerIsToldToTheService() throws {
    let request = try FakeRequest(
      headers: [("apikey", "good"), ("X-Anonymous-Consumer", "true"), ("X-Consumer-Username", "root")])
    #expect(try Self.decide([:], request) == "next")
    #expect(request.consumer?.id == Self.consumer.id && request.credential?.id == Self.credential.id)
    #expect(request.upstreamHeader("X-Consumer-ID") == ["\(Self.consumer.id)"])
    #expect(request.upstreamHeader("X-Consumer-Username") == ["ann"])
    #expect(request.upstreamHeader("X-Consumer-Custom-ID") == ["c-1"])
    #expect(request.upstreamHeader("X-Credential-Identifier") == ["\(Self.credential.id)"])
    #expect(request.upstreamHeader("X-Anonymous-Consumer").isEmpty)
    #expect(request.upstreamHeader("apikey") == ["good"])
  }

  @Test func theAnonymousConsumerIsToldAsSuch() throws {
    let request = try FakeRequest(headers: [("X-Credential-Identifier", "forged"), ("X-Consumer-Custom-ID", "forged")])
    #expect(try Self.decide(["anonymous": "nobody"], request) == "next")
    #expect(request.consumer?.username == "nobody" && request.credential == nil)
    #expect(request.upstreamHeader("X-Anonymous-Consumer") == ["true"])
    #expect(request.upstreamHeader("X-Credential-Identifier").isEmpty)
    #expect(request.upstreamHeader("X-Consumer-Custom-ID").isEmpty)
  }

  @Test func withAnonymousAnEarlierIdentityIsKept() throws {
    let request = try FakeRequest()
    request.credential = Self.credential
    #expect(try Self.decide(["anonymous": "ghost"], request) == "next")
    #expect(request.upstreamHeader("X-Anonymous-Consumer").isEmpty)
  }

  @Test func hiddenCredentialsDoNotReachTheService() throws {
    let config: JSONValue = ["hide_credentials": true, "key_in_body": true]
    let header = try FakeRequest("/?a=1", headers: [("apikey", "good")])
    #expect(try Self.decide(config, header) == "next")
    #expect(header.upstreamHeader("apikey").isEmpty && header.upstreamQuery == nil)
    let both = try FakeRequest("/?a=%31&apikey=bad", headers: [("apikey", "good")])
    #expect(try Self.decide(config, both) == "next")
    #expect(both.upstreamHeader("apikey").isEmpty && both.upstreamQuery == "a=1")
    let query = try FakeRequest("/?a=%31&apikey=good&b")
    #expect(try Self.decide(config, query) == "next")
    #expect(query.upstreamQuery == "a=1&b=")
    let form = try FakeRequest("/", method: "POST", headers: [Self.form], body: "a=1&apikey=good&b=2")
    #expect(try Self.decide(config, form) == "next")
    #expect(form.bufferedBody?.string == "a=1&b=2")
    let json = try FakeRequest("/", method: "POST", headers: [Self.json], body: #"{"a":1,"apikey":"good"}"#)
    #expect(try Self.decide(config, json) == "next")
    #expect(json.bufferedBody?.string == #"{"a":1}"#)
    let parts = Self.part("a", "1") + Self.part("apikey", "good") + "--B--\r\n"
    let multipart = try FakeRequest("/", method: "POST", headers: [Self.multipart], body: parts)
    #expect(try Self.decide(config, multipart) == "next")
    #expect(multipart.bufferedBody?.string == Self.part("a", "1") + "--B--\r\n")
  }

  /// Whatever becomes of the request, what was sent as a key is no business of the service's.
  @Test(arguments: ["bad", "good"]) func aKeyIsHiddenWhoseverTheRequestIs(key: String) throws {
    let config: JSONValue = ["hide_credentials": true, "key_in_body": true, "anonymous": "nobody"]
    let places = [
      try FakeRequest("/?x=1", headers: [("apikey", key)]), try FakeRequest("/?apikey=\(key)&x=1"),
      try FakeRequest("/?x=1&apikey=\(key)&apikey=other"),
      try FakeRequest("/?x=1", headers: [("apikey", key), ("APIKEY", "2")]),
      try FakeRequest("/?x=1", method: "POST", headers: [Self.form], body: "apikey=\(key)&x=1"),
    ]
    for request in places {
      #expect(try Self.decide(config, request) == "next")
      #expect(request.upstreamHeader("apikey").isEmpty)
      #expect(
        !(request.upstreamQuery ?? "x=1").contains("apikey") && !(request.bufferedBody?.string ?? "").contains("apikey")
      )
    }
  }

  @Test func aBodyThatMayHoldAKeyAndCannotBeReadIsRefused() throws {
    let config: JSONValue = ["hide_credentials": true, "key_in_body": true]
    func decide(_ headers: [(String, String)], _ body: String?, _ config: JSONValue) throws -> String {
      try Self.decide(config, FakeRequest("/", method: "POST", headers: headers + [("apikey", "good")], body: body))
    }
    #expect(try decide([Self.json], nil, config) == "413 Request body too large")
    #expect(try decide([Self.json], "{\"apikey\":\"good\"", config) == "400 Malformed request body")
    #expect(try decide([("Content-Type", "text/plain")], "apikey=good", config) == "next")
    // Nothing is to be hidden.
    #expect(try decide([Self.json], nil, ["key_in_body": true]) == "next")
  }

  @Test func hidingWaitsUntilTheKeyIsKnown() throws {
    let directory = FakeDirectory("keyauth_credentials", isPending: true)
    let request = try FakeRequest("/?apikey=good")
    let plugin = try instance(KeyAuthPlugin.self, ["hide_credentials": true], directory: directory)
    #expect(words(try plugin.access(request.context)) == "suspend")
    #expect(request.upstreamQuery == nil)
  }

  @Test func bothSpellingsOfAHeaderAreHidden() throws {
    let config: JSONValue = ["hide_credentials": true, "key_names": ["api_key"]]
    let request = try FakeRequest(headers: [("api-key", "good")])
    #expect(try Self.decide(config, request) == "next")
    #expect(request.upstreamHeader("api-key").isEmpty)
  }

  @Test func keysInTheQueryAreNotShownInLogs() throws {
    #expect(try instance(KeyAuthPlugin.self, ["key_names": ["a", "b"]]).secretArguments == ["a", "b"])
    #expect(try instance(KeyAuthPlugin.self, ["key_in_query": false]).secretArguments.isEmpty)
  }

  private static func part(_ name: String, _ value: String) -> String {
    "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
  }

  @Test(arguments: [([:], "Key"), (["realm": "my api"], #"Key realm="my api""#)] as [(JSONValue, String)])
  func aRefusalNamesTheScheme(config: JSONValue, challenge: String) throws {
    let plugin = try instance(KeyAuthPlugin.self, config, directory: Self.directory)
    let request = try FakeRequest()
    guard case .respond(let response) = try plugin.access(request.context) else {
      Issue.record("not refused")
      return
    }
    #expect(response.headers.contains { $0 == ("WWW-Authenticate", challenge) })
    withExtendedLifetime(request) {}
  }

  @Test func aKeyThatMustBeReadFirstSuspends() throws {
    let plugin = try instance(KeyAuthPlugin.self, directory: FakeDirectory("keyauth_credentials", isPending: true))
    let request = try FakeRequest(headers: [("apikey", "good")])
    #expect(words(try plugin.access(request.context)) == "suspend")
    #expect(request.suspensions == 1 && request.consumer == nil)
  }

  @Test func onlyKeyInBodyAsksForTheBody() throws {
    #expect(try !instance(KeyAuthPlugin.self).wantsRequestBody)
    #expect(try instance(KeyAuthPlugin.self, ["key_in_body": true]).wantsRequestBody)
  }
}
