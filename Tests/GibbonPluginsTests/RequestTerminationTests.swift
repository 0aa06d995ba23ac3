// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct RequestTerminationTests {
  private static func decide(_ config: JSONValue, _ request: FakeRequest) throws -> String {
    words(try instance(RequestTerminationPlugin.self, config).access(request.context))
  }

  @Test(
    arguments: [
      ([:], #"503 {"message":"Service unavailable"}"#),
      (["status_code": 401], #"401 {"message":"Unauthorized"}"#),
      (["status_code": 404], #"404 {"message":"Not found"}"#),
      (["status_code": 418], "418"),
      (["status_code": 418, "message": "teapot"], #"418 {"message":"teapot"}"#),
      (["status_code": 200, "body": "<p>"], "200 <p>"),
    ] as [(JSONValue, String)])
  func answersAsConfigured(config: JSONValue, expected: String) throws {
    #expect(try Self.decide(config, FakeRequest()) == expected)
  }

  @Test(
    arguments: [
      ("/", [], "next"), ("/?other=1", [("Other", "1")], "next"), ("/", [("x-stop", "")], "503"),
      ("/?X-Stop=1", [], "503"), ("/?X-Stop", [], "503"),
    ] as [(String, [(String, String)], String)])
  func aTriggerIsAHeaderOrAnArgument(target: String, headers: [(String, String)], expected: String) throws {
    let decided = try Self.decide(["trigger": "X-Stop"], FakeRequest(target, headers: headers))
    #expect(decided.hasPrefix(expected))
  }

  @Test func echoShowsTheRequest() throws {
    let request = try FakeRequest("/a/b?x=1&y=%32", method: "POST", headers: [("X-One", "1")], body: "content")
    let answer = try Self.decide(["echo": true, "message": "hi"], request)
    let json = try JSONParser.parse(Array(answer.dropFirst(4).utf8)).get()
    #expect(json["message"] == "hi")
    let shown = json["request"]
    #expect(shown?["method"] == "POST" && shown?["path"] == "/a/b" && shown?["host"] == "example.test")
    #expect(shown?["query"] == ["x": "1", "y": "2"])
    #expect(shown?["raw_body"] == "content" && shown?["scheme"] == "http" && shown?["port"] == 8000)
    #expect(shown?["headers"]?["x-one"] == "1")
    #expect(json["kong"]?["worker_pid"] != nil && json["matched_route"] == nil)
    // A body of no type that can be read is shown as it came alone.
    #expect(shown?["body"] == nil)
  }

  @Test(
    arguments: [
      ("application/json", #"{"a":[1,null]}"#, #"{"a":[1,null]}"#), ("Application/JSON; charset=x", "[1]", "[1]"),
      ("application/json", "3", "nothing"), ("application/json", "{", "nothing"),
      ("application/x-www-form-urlencoded", "a=1&b&a=%32", #"{"a":["1","2"],"b":true}"#),
      ("text/plain", "{}", "nothing"),
    ]) func echoShowsWhatBodiesSay(type: String, body: String, shown: String) throws
  {
    let request = try FakeRequest(
      "/?x&y=1&y=2", method: "POST", headers: [("Content-Type", type), ("A", "1"), ("a", "2")], body: body)
    let answer = try Self.decide(["echo": true], request)
    let json = try JSONParser.parse(Array(answer.dropFirst(4).utf8)).get()
    let found = json["request"]?["body"].map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "nothing"
    #expect(found == shown)
    #expect(
      json["request"]?["query"] == ["x": true, "y": ["1", "2"]] && json["request"]?["headers"]?["a"] == ["1", "2"])
    #expect(json["message"] == "Service unavailable")
  }

  @Test func aBodyWithoutATypeIsText() throws {
    let plugin = try instance(RequestTerminationPlugin.self, ["body": "{}"])
    guard case .respond(let response) = try plugin.access(FakeRequest().context) else {
      Issue.record("it did not answer")
      return
    }
    #expect(response.headers.map { "\($0.name): \($0.value)" } == ["Content-Type: text/plain; charset=UTF-8"])
  }
}
