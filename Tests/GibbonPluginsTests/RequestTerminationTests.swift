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
  }
}
