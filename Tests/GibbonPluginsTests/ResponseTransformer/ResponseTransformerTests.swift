// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct ResponseTransformerTests {
  private func response(_ config: JSONValue, _ headers: [(String, String)]) throws -> ResponseView {
    let request = try FakeRequest()
    try request.receive(headers: headers)
    try instance(ResponseTransformerPlugin.self, config).headerFilter(request.context)
    return request.context.response
  }

  @Test func headersAreRemoved() throws {
    let config: JSONValue = ["remove": ["headers": ["H1", "h2:ignored", "h_3", "absent"]]]
    let response = try self.response(config, [("h1", "a"), ("h1", "b"), ("h2", "c"), ("h-3", "d"), ("h4", "e")])
    for name in ["h1", "h2", "h-3"] { #expect(response.headers(name) == [], "\(name)") }
    #expect(response.headers("h4") == ["e"])
  }

  @Test func headersAreRenamedWithAllTheirValues() throws {
    let config: JSONValue = ["rename": ["headers": ["h1:h2", "h3:h4", "h5:H5", "absent:h6"]]]
    let response = try self.response(
      config, [("H1", "a"), ("h1", "b"), ("h2", "old"), ("h3", ""), ("h5", "x"), ("h6", "y")])
    #expect(response.headers("h1") == [])
    #expect(response.headers("h2") == ["a", "b"])
    #expect(response.headers("h3") == [] && response.headers("h4") == [""])
    #expect(response.headers("h5") == ["x"] && response.headers("h6") == ["y"])
  }

  @Test func headersAreReplacedWhereTheyAre() throws {
    let config: JSONValue = ["replace": ["headers": ["h1:v1", "h2:value:2", "h3:"]]]
    let response = try self.response(config, [("h2", "a"), ("H2", "b"), ("h3", "c")])
    #expect(response.headers("h1") == [] && response.headers("h2") == ["value:2"] && response.headers("h3") == ["c"])
  }

  @Test func headersAreAddedWhereTheyAreNot() throws {
    let config: JSONValue = ["add": ["headers": ["h1:a", "h2:v2", "h3:1", "h3:2", "h_4:4"]]]
    let response = try self.response(config, [("h2", "v3")])
    #expect(response.headers("h1") == ["a"] && response.headers("h2") == ["v3"])
    #expect(response.headers("h3") == ["2"] && response.headers("h-4") == ["4"])
  }

  @Test func valuesAreAppended() throws {
    let config: JSONValue = ["append": ["headers": ["h1:v2", "h1:v3", "h2:w", "h3:"]]]
    let response = try self.response(config, [("h1", "v1")])
    #expect(response.headers("h1") == ["v1", "v2", "v3"])
    #expect(response.headers("h2") == ["w"] && response.headers("h3") == [])
  }

  /// Kong looks at the headers once, before it changes any.
  @Test func whatWasThereAtFirstCounts() throws {
    let config: JSONValue = [
      "remove": ["headers": ["h1", "h5"]], "rename": ["headers": ["h2:h3", "h5:h6"]],
      "replace": ["headers": ["h3:replaced", "h2:back"]], "add": ["headers": ["h1:added", "h3:added", "h4:added"]],
      "append": ["headers": ["h4:appended"]],
    ]
    let response = try self.response(config, [("h1", "1"), ("h2", "2"), ("h5", "5")])
    #expect(response.headers("h1") == [])
    #expect(response.headers("h2") == ["back"])
    #expect(response.headers("h3") == ["added"])
    #expect(response.headers("h4") == ["added", "appended"])
    #expect(response.headers("h6") == ["5"])
  }

  @Test func answersOfTheGatewayAreChangedToo() throws {
    let request = try FakeRequest()
    request.localHeaders = [("X-A", "1"), ("x-a", "2"), ("WWW-Authenticate", "Key")]
    let config: JSONValue = [
      "remove": ["headers": ["www-authenticate"]], "rename": ["headers": ["X-A:X-B"]], "add": ["headers": ["x-c:3"]],
    ]
    try instance(ResponseTransformerPlugin.self, config).headerFilter(request.context)
    let response = request.context.response
    #expect(response.headers("www-authenticate") == [] && response.headers("x-a") == [])
    #expect(response.headers("x-b") == ["1", "2"] && response.headers("x-c") == ["3"])
  }

  // MARK: Body

  private static let json = [("Content-Type", "application/json")]

  private func body(_ config: JSONValue, _ parts: [String]) throws -> String? {
    let request = try FakeRequest()
    try request.receive(headers: Self.json)
    return try request.filter(instance(ResponseTransformerPlugin.self, config), parts)
  }

  static let bodies: [(JSONValue, String, String)] = [
    (["remove": ["json": ["p1", "p2:x"]]], #"{"p1":1,"p2":2,"a":[]}"#, #"{"a":[]}"#),
    (["remove": ["json": ["p1"]]], #"{"a":{"p1":1}}"#, #"{"a":{"p1":1}}"#),
    (
      ["rename": ["json": ["p1:k1", "p2:k2", "p3:k3", "p4:"]]], #"{"p1":false,"p2":[],"k2":1,"p4":4}"#,
      #"{"k2":[],"p4":4,"k1":false}"#
    ),
    (["rename": ["json": ["a:a"]]], #"{"a":1}"#, #"{"a":1}"#),
    (["replace": ["json": ["p1:v2", "p2:\"v2\"", "p9:x"]]], #"{"p1":1,"p2":null}"#, #"{"p1":"v2","p2":"\"v2\""}"#),
    (["replace": ["json": ["p1:/hello/world", "p2:a\\b"]]], #"{"p1":false,"p2":1}"#, #"{"p1":false,"p2":"a\\b"}"#),
    (
      [
        "replace": [
          "json": ["a:-1", "b:false", "c:true", "d:yes", "e:x"],
          "json_types": ["number", "boolean", "boolean", "boolean", "number"],
        ]
      ],
      #"{"a":"","b":"","c":"","d":"","e":"kept"}"#, #"{"a":-1,"b":false,"c":true,"d":false,"e":"kept"}"#
    ),
    (
      [
        "add": [
          "json": ["p1:v1", "p3:value:3", "p4:\"v1\"", "p5:-1", "p6:false", "p7:0.5"],
          "json_types": ["string", "string", "string", "number", "boolean", "number"],
        ]
      ],
      #"{"p2":"v1"}"#, #"{"p2":"v1","p1":"v1","p3":"value:3","p4":"\"v1\"","p5":-1,"p6":false,"p7":0.5}"#
    ),
    (["add": ["json": ["a:1", "b:2", "c:3"]]], #"{"a":false,"b":null}"#, #"{"a":"1","b":null,"c":"3"}"#),
    (
      ["add": ["json": ["a:", "b:", "c:"], "json_types": ["string", "number", "boolean"]]], "{}",
      #"{"a":"null","c":false}"#
    ),
    (
      [
        "append": [
          "json": ["p1:v1", "p3:\"v1\"", "p4:-1", "p5:false"], "json_types": ["string", "string", "number", "boolean"],
        ]
      ],
      #"{"p1":"v2","p4":[],"p5":7}"#, #"{"p1":["v2","v1"],"p4":[-1],"p5":[false],"p3":["\"v1\""]}"#
    ),
    (
      [
        "remove": ["json": ["p1"]], "rename": ["json": ["p4:p2"]], "replace": ["json": ["p2:v2"]],
        "add": ["json": ["p3:v1"]], "append": ["json": ["p3:v2"]],
      ],
      #"{"p1":"v1","p4":"v1","a":[]}"#, #"{"a":[],"p2":"v2","p3":["v1","v2"]}"#
    ),
    (["remove": ["json": ["a"]]], "[1,{\"a\":1}]", "[1,{\"a\":1}]"), (["add": ["json": ["a:1"]]], "\"x\"", "\"x\""),
    (["add": ["json": ["a:1"]]], "12", "12"),
  ]

  @Test(arguments: Self.bodies) func objectsAreChanged(config: JSONValue, before: String, after: String) throws {
    #expect(try self.body(config, [before]) == after)
    #expect(try self.body(config, before.map { String($0) }) == after, "in single bytes")
  }

  @Test(
    arguments: [
      ("12", "12"), ("0x10", "16"), ("-0xA", "-10"), (" 7 ", "7"), ("1e2", "100"), (".5", "0.5"), ("-0.25", "-0.25"),
      ("+3", "3"),
      ("", nil), ("x", nil), ("inf", nil), ("nan", nil), ("1e999", nil), ("0x", nil), ("0x-1", nil), ("1_0", nil),
      ("--1", nil),
      ("99999999999999999999", "1e+20"),
    ] as [(String, String?)]) func numbersAreLuas(text: String, number: String?) throws
  {
    let config: JSONValue = ["add": ["json": [.string("a:\(text)")], "json_types": ["number"]]]
    #expect(try self.body(config, ["{}"]) == (number.map { "{\"a\":\($0)}" } ?? "{}"))
  }

  @Test(arguments: ["{", "not json", "{\"a\":1}}", "{\"a\":\"\u{1}\"}", String(repeating: "[", count: 100_000)])
  func whatIsNoJSONGoesOnOnlyWhereTheOperatorSaysSo(body: String) throws {
    for passes in [false, true] {
      let request = try FakeRequest()
      try request.receive(headers: Self.json)
      var settings = PluginSettings()
      settings.passesUnreadableBodies = passes
      let plugin = try instance(
        ResponseTransformerPlugin.self, ["remove": ["json": ["a"]]], host: PluginHost(settings: settings))
      #expect(try request.filter(plugin, [body]) == (passes ? body : nil))
      #expect(request.warnings == ["[response-transformer] body transform failed: failed parsing json body"])
    }
  }

  @Test func anEmptyBodyAndTheGatewaysOwnWordsGoOn() throws {
    let plugin = try instance(ResponseTransformerPlugin.self, ["remove": ["json": ["a"]]])
    let empty = try FakeRequest()
    try empty.receive(headers: Self.json)
    #expect(try empty.filter(plugin, [""])?.isEmpty == true && empty.warnings.isEmpty)
    let own = try FakeRequest()
    try own.receive(headers: Self.json)
    own.responseSource = .exit
    own.localHeaders = [("Content-Type", "application/json")]
    #expect(try own.filter(plugin, ["down"]) == "down")
  }

  /// What a client asks for must not be what keeps the body from being changed.
  @Test func noServiceIsAskedForWhatCannotBeChanged() throws {
    let asked = [("accept-encoding", "gzip"), ("Range", "bytes=0-9"), ("If-Range", "x"), ("Accept", "*/*")]
    for (config, isTaken) in [(["remove": ["json": ["a"]]], true), ([:], false)] as [(JSONValue, Bool)] {
      let request = try FakeRequest(headers: asked)
      let plugin = try instance(ResponseTransformerPlugin.self, config)
      #expect(words(try plugin.access(request.context)) == "next")
      for name in ["Accept-Encoding", "Range", "If-Range"] {
        #expect(request.upstreamHeader(name).isEmpty == isTaken)
      }
      #expect(request.upstreamHeader("Accept") == ["*/*"])
    }
  }

  @Test func onlyJSONIsFilteredAndOnlyWhereConfigured() throws {
    func filters(_ config: JSONValue, _ type: String?) throws -> Bool {
      let request = try FakeRequest()
      try request.receive(headers: type.map { [("Content-Type", $0)] } ?? [])
      let plugin = try instance(ResponseTransformerPlugin.self, config)
      try plugin.headerFilter(request.context)
      return plugin.filtersBody(request.context)
    }
    let config: JSONValue = ["remove": ["json": ["a"]]]
    #expect(try filters(config, "application/json"))
    #expect(try !filters(config, "text/html") && !filters(config, nil))
    #expect(try !filters([:], "application/json"))
    #expect(try !filters(["remove": ["headers": ["a"]], "add": ["json_types": ["number"]]], "application/json"))
    for operation in ["rename", "replace", "add", "append"] {
      #expect(try filters([operation: ["json": ["a:b"]]], "application/json"))
    }
    let changing: JSONValue = ["add": ["json": ["a:b"]], "replace": ["headers": ["content-type:text/plain"]]]
    #expect(try !filters(changing, "application/json"))
  }

  /// What is too large to look at is not passed with what was to be taken out of it.
  @Test func aBodyBeyondTheLimitIsCutOff() throws {
    let limit = ResponseTransformerPlugin.bodyLimitBytes
    let request = try FakeRequest()
    try request.receive(headers: Self.json)
    let plugin = try instance(ResponseTransformerPlugin.self, ["remove": ["json": ["a"]]])
    let chunk = String(repeating: "x", count: limit / 8)
    #expect(try request.filter(plugin, ["{\"a\":\""] + Array(repeating: chunk, count: 8)) == nil)
    #expect(request.warnings == ["[response-transformer] the response body is larger than 8388608 bytes"])
    let value = String(repeating: "x", count: limit - 18)
    let fitting = try self.body(["remove": ["json": ["a"]]], ["{\"a\":1,\"b\":\"\(value)\"}"])
    #expect(fitting?.utf8.count == limit - 18 + 8)
  }

  @Test func gatheringTakesLinearTime() throws {
    let parts = Array(repeating: String(repeating: "x", count: 64), count: 60_000)
    #expect(
      try self.body(["remove": ["json": ["a"]]], ["{\"b\":\""] + parts + ["\",\"a\":1}"])?.utf8.count == 60_000 * 64 + 8
    )
  }

  // MARK: Media types and schema

  @Test(arguments: [
    ("application/json", true), ("application/json; charset=utf-8", true), ("application/problem+json", true),
    ("APPLICATION/Problem+JSON; charset=utf-8", true), ("application/x-www-form-urlencoded, application/json", true),
    ("application/json; a=\"x;\\\"y\"", true), ("application/json ; a=b ; c=d", true), (" application/json ", true),
    ("application/x-www-form-urlencoded", false), ("text/json", false), ("application/jsonp", false), ("", false),
    ("application/json;", false), ("application/json; a", false), ("application/json; a=", false),
    ("application", false),
    ("application/", false), ("/json", false), ("application/json x", false), ("application/json; a=\"", false),
    ("application/json; a=\"\\", false), ("application/+json", true), (",,,", false), ("*/*", false),
  ]) func jsonTypesAreTold(type: String, isJSON: Bool) { #expect(MediaType.isJSON(type) == isJSON) }

  @Test func defaultsAreKongs() {
    let lists = #"{"json":[],"headers":[]}"#
    let typed = #"{"json":[],"json_types":[],"headers":[]}"#
    #expect(
      outcome("response-transformer", [:])
        == #"{"remove":\#(lists),"rename":\#(lists),"replace":\#(typed),"add":\#(typed),"append":\#(typed)}"#)
  }

  @Test(
    arguments: [
      ["remove": ["headers": ["any thing"], "json": ["a b"]]],
      ["rename": ["headers": ["a:b"], "json": ["a:", "a b:c"]]],
      ["replace": ["headers": ["any name:x", "a:"], "json": ["a:"]]],
      ["add": ["json_types": ["boolean", "number", "string"]]],
    ] as [JSONValue]) func isAccepted(config: JSONValue)
  {
    #expect(outcome("response-transformer", config).hasPrefix("{"))
  }

  @Test(
    arguments: [
      (["rename": ["headers": ["a"]]], "invalid value: a"),
      (["rename": ["headers": ["a:b c"]]], "'b c' is not a valid header"),
      (["rename": ["headers": ["a:"]]], "'' is not a valid header"), (["rename": ["json": ["a"]]], "invalid value: a"),
      (["rename": ["json_types": ["number"]]], "unknown field"), (["replace": ["headers": ["a"]]], "invalid value: a"),
      (["add": ["json": [":a"]]], "invalid value: :a"),
      (["append": ["json_types": ["array"]]], "expected one of: boolean, number, string"),
      (["remove": ["headers": [""]]], "length must be at least 1"), (["remove": ["json": "a"]], "expected an array"),
      (["if_status": ["200"]], "unknown field"),
    ] as [(JSONValue, String)]) func isRefused(config: JSONValue, message: String)
  {
    let found = outcome("response-transformer", config)
    #expect(found.contains(message), "\(found)")
  }
}
