// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct CORSTests {
  private static let asking = [
    ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT"),
  ]

  private static func preflight(_ config: JSONValue, _ more: [(String, String)] = []) throws -> [String: String]? {
    let request = try FakeRequest("/", method: "OPTIONS", headers: Self.asking + more)
    let plugin = try instance(CORSPlugin.self, config)
    guard case .respond(let answer) = try plugin.access(request.context) else { return nil }
    try plugin.headerFilter(request.context)
    #expect(answer.status == 200 && request.responseEdits.isEmpty)
    return Dictionary(uniqueKeysWithValues: answer.headers.map { ($0.name, $0.value) })
  }

  /// What a request's response gets: Allow-Origin, Vary, Allow-Credentials, Expose-Headers.
  private static func response(_ config: JSONValue, origin: String?) throws -> [String?] {
    let request = try FakeRequest("/", headers: origin.map { [("Origin", $0)] } ?? [])
    let plugin = try instance(CORSPlugin.self, config)
    guard case .next = try plugin.access(request.context) else { return [] }
    try plugin.headerFilter(request.context)
    let names = [
      "Access-Control-Allow-Origin", "Vary", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
    ]
    return names.map { request.context.response.header($0) }
  }

  @Test func aPreflightIsAnswered() throws {
    let answer = try Self.preflight([:], [("Access-Control-Request-Headers", "x-one, x-two")])
    #expect(
      answer == [
        "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "x-one, x-two",
        "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT",
      ])
  }

  @Test func aPreflightSaysWhatIsConfigured() throws {
    let config: JSONValue = [
      "origins": ["https://shop.example"], "headers": ["X-One", "X-Two"], "methods": ["GET", "PUT"], "max_age": 60,
      "credentials": true, "private_network": true,
    ]
    let answer = try Self.preflight(config, [("Access-Control-Request-Private-Network", "true")])
    #expect(
      answer == [
        "Access-Control-Allow-Origin": "https://shop.example", "Vary": "Origin",
        "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Headers": "X-One,X-Two",
        "Access-Control-Allow-Methods": "GET,PUT", "Access-Control-Max-Age": "60",
        "Access-Control-Allow-Private-Network": "true",
      ])
  }

  @Test func thePreflightMayBeTheServices() throws {
    #expect(try Self.preflight(["preflight_continue": true]) == nil)
  }

  @Test func anOPTIONSRequestWithoutQuestionIsNoPreflight() throws {
    let request = try FakeRequest("/", method: "OPTIONS", headers: [("Origin", "https://shop.example")])
    #expect(words(try instance(CORSPlugin.self).access(request.context)) == "next")
  }

  @Test(
    arguments: [
      ([:], "https://a.example", ["*", nil, nil, nil]),
      (["credentials": true], "https://a.example", ["https://a.example", "Origin", "true", nil]),
      (["credentials": true], nil, ["*", nil, nil, nil]),
      (["exposed_headers": ["X-A", "X-B"]], nil, ["*", nil, nil, "X-A,X-B"]),
      (["origins": ["https://a.example"]], nil, ["https://a.example", "Origin", nil, nil]),
      (
        ["origins": ["https://a.example", "https://b.example"]], "https://b.example:443",
        ["https://b.example", "Origin", nil, nil]
      ),
      (["origins": ["https://a.example", "https://b.example"]], "https://c.example", [nil, "Origin", nil, nil]),
      (["origins": ["https://a.example", "*"]], "https://c.example", ["*", "Origin", nil, nil]),
      (["origins": [#".*\.example"#]], nil, [nil, "Origin", nil, nil]),
    ] as [(JSONValue, String?, [String?])])
  func responsesSayWhoMayReadThem(config: JSONValue, origin: String?, expected: [String?]) throws {
    #expect(try Self.response(config, origin: origin) == expected)
  }

  @Test func badConfigurationsAreRefused() {
    #expect(outcome("cors", ["origins": ["("]]).contains("'(' is not a valid regex"))
    #expect(outcome("cors", ["methods": ["FETCH"]]).contains("expected one of"))
  }
}
