// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct RequestTransformerBodyTests {
  private static let form = "application/x-www-form-urlencoded"
  private static let json = "application/json"
  private static let multipart = "multipart/form-data; boundary=B"

  private func run(_ config: JSONValue, _ type: String?, _ body: String?) throws -> FakeRequest {
    let (request, outcome) = try self.decide(config, type.map { [("Content-Type", $0)] } ?? [], body)
    #expect(outcome == "next")
    return request
  }

  private func decide(
    _ config: JSONValue, _ headers: [(String, String)], _ body: String?, passing: Bool = false
  ) throws -> (FakeRequest, String) {
    let request = try FakeRequest("/?q=7", method: "POST", headers: headers, body: body)
    var settings = PluginSettings()
    settings.passesUnreadableBodies = passing
    let plugin = try instance(
      RequestTransformerPlugin.self, config, host: PluginHost(settings: settings))
    return (request, words(try plugin.access(request.context)))
  }

  private static func one(_ operation: String, _ entries: JSONValue...) -> JSONValue {
    [operation: ["body": .array(entries)]]
  }

  static let forms: [(JSONValue, String, String)] = [
    (one("remove", "a"), "a=1&b=2", "b=2"), (one("remove", "x"), "a=1;x=2", "a=1%3Bx%3D2"),
    (one("remove", "a"), "", ""),
    (one("rename", "a:c"), "a=1&b=2", "c=1&b=2"), (one("rename", "x:c"), "a=1;", "a=1;"),
    (one("replace", "a:v"), "a=1&a=2", "a=v"), (one("replace", "x:v"), "a=1", "a=1"),
    (one("add", "p:v1"), "hello=world", "hello=world&p=v1"), (one("add", "p:v1"), "p=x", "p=x"),
    (one("add", "p:1"), "", "p=1"),
    (one("append", "p:1", "p:2", "q:v:1"), "p=0", "p=0&p=1&p=2&q=v%3A1"),
    (one("add", "p:$(query_params.q)"), "", "p=7"),
  ]

  @Test(arguments: Self.forms) func formsAreChanged(config: JSONValue, before: String, after: String) throws {
    #expect(try self.run(config, Self.form, before).bufferedBody?.string == after)
  }

  static let jsons: [(JSONValue, String, String)] = [
    (one("remove", "a"), #"{"a":1,"b":[]}"#, #"{"b":[]}"#), (one("remove", "x"), #"{ "a" : 1, "a" : 2 }"#, #"{"a":2}"#),
    (one("remove", "a"), #"{"x":{"a":1}}"#, #"{"x":{"a":1}}"#), (one("remove", "a"), "", ""),
    (one("rename", "a:b"), #"{"a":[],"b":1}"#, #"{"b":[]}"#), (one("rename", "a:b"), #"{"a":false}"#, #"{"a":false}"#),
    (one("rename", "a:b"), #"{"a":null}"#, #"{"b":null}"#), (one("rename", "x:b"), #"{ "a":1}"#, #"{ "a":1}"#),
    (one("replace", "a:v"), #"{"a":{},"b":1}"#, #"{"a":"v","b":1}"#),
    (one("replace", "a:v"), #"{"a":false}"#, #"{"a":false}"#),
    (one("replace", "x:v"), "{}", "{}"), (one("add", "a:v", "b:1"), #"{"a":0}"#, #"{"a":0,"b":"1"}"#),
    (one("add", "a:v"), #"{"a":false}"#, #"{"a":"v"}"#), (one("add", "a:v"), #"{"a":null}"#, #"{"a":null}"#),
    (one("add", "a:v"), "", #"{"a":"v"}"#), (one("append", "a:2", "a:3"), #"{"a":"1"}"#, #"{"a":["1","2","3"]}"#),
    (one("append", "a:2"), #"{"a":[1]}"#, #"{"a":[1,"2"]}"#), (one("append", "a:2"), #"{"a":1}"#, #"{"a":["2"]}"#),
    (one("append", "a:2"), #"{"a":{}}"#, #"{"a":["2"]}"#),
    (one("append", "a:2"), #"{"a":{"1":0}}"#, #"{"a":{"1":0,"2":"2"}}"#),
    (one("append", "a:2"), "", #"{"a":["2"]}"#), (one("append", "a:$(query_params.q)"), "{}", #"{"a":["7"]}"#),
    (one("add", "a:\"x\\"), "{}", #"{"a":"\"x\\"}"#),
  ]

  @Test(arguments: Self.jsons) func objectsAreChanged(config: JSONValue, before: String, after: String) throws {
    #expect(try self.run(config, Self.json, before).bufferedBody?.string == after)
  }

  static let everything: JSONValue = [
    "remove": ["body": ["a"]], "rename": ["body": ["b:c"]], "replace": ["body": ["c:1"]], "add": ["body": ["d:1"]],
    "append": ["body": ["d:2"]],
  ]

  static let unseen: [([(String, String)], String?, String)] = [
    ([("Content-Type", json)], "malformed json body", "400"), ([("Content-Type", json)], "[1,2]", "400"),
    ([("Content-Type", json)], "\"a\"", "400"), ([("Content-Type", json)], "1", "400"),
    ([("Content-Type", json)], "null", "400"), ([("Content-Type", json)], "{", "400"),
    ([("Content-Type", json)], "{\"a\":1}x", "400"), ([("Content-Type", json)], "{\"a\":1}{\"b\":1}", "400"),
    ([("Content-Type", json)], "{a:1}", "400"), ([("Content-Type", json)], "{\"a\":1,}", "400"),
    ([("Content-Type", json)], String(repeating: "[", count: 5000), "400"), ([("Content-Type", json)], " ", "400"),
    ([("Content-Type", json)], nil, "413"), ([("Content-Type", form)], nil, "413"),
    ([("Content-Type", multipart)], nil, "413"), ([("Content-Type", "text/plain")], nil, "413"), ([], nil, "413"),
    ([("Content-Type", "text/plain")], "a=1", "415"), ([], "a=1", "415"), ([("Content-Type", "")], "a=1", "415"),
    ([("Content-Type", "application/vnd.api+json")], "{\"a\":1}", "415"),
    ([("Content-Type", "application/ld+json")], "{\"a\":1}", "415"),
    ([("Content-Type", "application/xml")], "<a/>", "415"),
    ([("Content-Type", json), ("Content-Type", "text/plain")], "{\"a\":1}", "415"),
    ([("Content-Type", json), ("Content-Encoding", "gzip")], "{\"a\":1}", "415"),
    ([("Content-Type", form), ("Content-Encoding", "br")], "a=1", "415"),
    ([("Content-Type", "multipart/form-data")], "--B--", "400"), ([("Content-Type", multipart)], "no parts", "400"),
    ([("Content-Type", "multipart/form-data; boundary=B; boundary=C")], "--B--", "400"),
    ([("Content-Type", "multipart/form-data; boundary=" + String(repeating: "B", count: 71))], "--B--", "400"),
  ]

  /// What is to be changed and cannot be is refused, and let through only where the operator has said so.
  @Test(arguments: Self.unseen.indices) func aBodyThatCannotBeSeenIsRefused(index: Int) throws {
    let (headers, body, status) = Self.unseen[index]
    let (refused, outcome) = try self.decide(Self.everything, headers, body)
    #expect(outcome.hasPrefix(status), "\(outcome)")
    #expect(
      refused.warnings.count == 1 && refused.warnings[0].hasPrefix("[request-transformer] the request body cannot"))
    let (passed, other) = try self.decide(Self.everything, headers, body, passing: true)
    #expect(other == "next" && passed.bufferedBody?.string == body && passed.warnings.count == 1)
  }

  @Test(arguments: [[], [("Content-Type", "text/plain")], [("Content-Type", json), ("Content-Encoding", "identity")]])
  func aRequestWithoutABodyHasNothingToRefuse(headers: [(String, String)]) throws {
    #expect(try self.decide(Self.one("remove", "a"), headers, "").1 == "next")
  }

  @Test func aFormThatIsTooLargeForTheQueryIsRefused() throws {
    #expect(try self.decide(["http_method": "GET"], [("Content-Type", Self.form)], nil).1.hasPrefix("413"))
    #expect(try self.decide(["http_method": "GET"], [("Content-Type", Self.json)], nil).1 == "next")
  }

  /// A name that looks the same is another one: what reads bytes finds it.
  @Test func membersAreToldApartByTheirBytes() throws {
    let body = #"{"\u212A":1,"K":2,"e\u0301":3,"\u00e9":4}"#
    let (request, _) = try self.decide(Self.one("remove", "K", "\u{e9}"), [("Content-Type", Self.json)], body)
    #expect(request.bufferedBody.map { Array($0.string.utf8) } == Array("{\"\u{212A}\":1,\"e\u{301}\":3}".utf8))
  }

  @Test func aPartWithTwoNamesIsDropped() throws {
    let body = "--B\r\nContent-Disposition: form-data; name=\"b\"; name*=utf-8''a\r\n\r\n1\r\n--B--\r\n"
    #expect(try self.run(Self.one("remove", "a"), Self.multipart, body).bufferedBody?.string == "")
  }

  @Test(arguments: ["{\"a\":1,\"b\":\"x\"}", "a=1&b=x"]) func stepsAreTakenInKongsOrder(body: String) throws {
    let isJSON = body.first == "{"
    let changed = try self.run(Self.everything, isJSON ? Self.json : Self.form, body).bufferedBody?.string
    #expect(changed == (isJSON ? #"{"c":"1","d":["1","2"]}"# : "c=1&d=1&d=2"))
  }

  @Test func multipartIsChanged() throws {
    func field(_ name: String, _ value: String) -> String {
      "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    let body = field("a", "1") + field("b", "x") + field("keep", "k") + "--B--\r\n"
    let changed = try self.run(Self.everything, Self.multipart, body).bufferedBody?.string
    #expect(changed == field("keep", "k") + field("c", "1") + field("d", "1") + "--B--\r\n")
    #expect(
      try self.run(Self.one("add", "p:1"), Self.multipart, "").bufferedBody?.string == field("p", "1") + "--B--\r\n")
    #expect(try self.run(Self.one("append", "p:1"), Self.multipart, body).bufferedBody?.string == body)
  }

  @Test(arguments: ["application/json; charset=utf-8", "APPLICATION/JSON", "text/x, application/json"])
  func typeIsFoundAnywhere(type: String) throws {
    #expect(try self.run(Self.one("remove", "a"), type, #"{"a":1}"#).bufferedBody?.string == "{}")
  }

  /// The content type that counts is the one the service gets.
  @Test func aTypeThePluginAddsCounts() throws {
    let config: JSONValue = [
      "http_method": "POST", "add": ["headers": ["Content-Type:application/json"], "body": ["body:somecontent"]],
    ]
    #expect(try self.run(config, nil, "").bufferedBody?.string == #"{"body":"somecontent"}"#)
  }

  @Test func theBodyIsAskedForOnlyWhereItIsNeeded() throws {
    func wants(_ config: JSONValue) throws -> Bool {
      try instance(RequestTransformerPlugin.self, config).wantsRequestBody
    }
    #expect(try !wants([:]))
    #expect(try !wants(["add": ["headers": ["a:1"], "querystring": ["a:1"]], "http_method": "POST"]))
    for operation in ["remove", "rename", "replace", "add", "append"] { #expect(try wants(Self.one(operation, "a:b"))) }
    for method in ["GET", "HEAD", "TRACE"] { #expect(try wants(["http_method": .string(method)])) }
  }

  @Test func anythingMayArrive() throws {
    var random = SystemRandomNumberGenerator()
    let plugin = try instance(RequestTransformerPlugin.self, Self.everything)
    for _ in 0..<500 {
      let body = String(
        decoding: (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255) }, as: UTF8.self)
      for type in [Self.form, Self.json, Self.multipart] {
        let request = try FakeRequest("/", method: "POST", headers: [("Content-Type", type)], body: body)
        let outcome = words(try plugin.access(request.context))
        #expect(outcome == "next" || outcome.hasPrefix("400"))
      }
    }
  }
}
