// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Path, method, headers and query.
@Suite struct RequestTransformerTests {
  @discardableResult
  private func run(_ config: JSONValue, _ request: FakeRequest) throws -> FakeRequest {
    let plugin = try instance(RequestTransformerPlugin.self, config)
    #expect(words(try plugin.access(request.context)) == "next")
    return request
  }

  /// With a request that lives as long as the phase.
  private func access(_ plugin: RequestTransformerPlugin) throws {
    let request = try FakeRequest()
    _ = try plugin.access(request.context)
    #expect(request.upstreamEdits.isEmpty)
  }

  // MARK: Headers

  private func headers(
    _ config: JSONValue, _ headers: [(String, String)] = [], target: String = "/"
  ) throws -> FakeRequest {
    try self.run(config, FakeRequest(target, headers: headers))
  }

  @Test func headersAreRemoved() throws {
    let config: JSONValue = ["remove": ["headers": ["X-Gone", "x-absent", "h1:ignored", "Host"]]]
    let request = try self.headers(config, [("x-gone", "1"), ("X-Gone", "2"), ("H1", "3"), ("X-Kept", "4")])
    #expect(request.upstreamHeader("X-Gone") == [])
    #expect(request.upstreamHeader("h1") == [])
    #expect(request.upstreamHeader("x-kept") == ["4"])
    #expect(request.upstreamHeader("host") == ["example.test"])
  }

  @Test func headersAreRenamedWithAllTheirValues() throws {
    let config: JSONValue = ["rename": ["headers": ["X-Old:X-New", "x-absent:x-other", "same:same", "case:Case"]]]
    let before = [("x-old", "1"), ("X-Old", "2"), ("X-New", "old"), ("x-other", "o"), ("same", "s"), ("case", "c")]
    let request = try self.headers(config, before)
    #expect(request.upstreamHeader("x-old") == [])
    #expect(request.upstreamHeader("x-new") == ["1", "2"])
    #expect(request.upstreamHeader("x-other") == ["o"])
    #expect(request.upstreamHeader("same") == ["s"])
    #expect(request.upstreamHeader("case") == ["c"])
  }

  @Test func headersAreReplacedWhereTheyAre() throws {
    let config: JSONValue = ["replace": ["headers": ["x-a:value:2", "x-absent:1", "x-b:"]]]
    let request = try self.headers(config, [("X-A", "1"), ("X-A", "2"), ("X-B", "b")])
    #expect(request.upstreamHeader("x-a") == ["value:2"])
    #expect(request.upstreamHeader("x-absent") == [])
    #expect(request.upstreamHeader("x-b") == ["b"])
  }

  @Test func headersAreAddedWhereTheyAreNot() throws {
    let config: JSONValue = ["add": ["headers": ["x-a:new", "x-b:first", "x-b:second", "x-c:", "h2:value:2"]]]
    let request = try self.headers(config, [("X-A", "old")])
    #expect(request.upstreamHeader("x-a") == ["old"])
    #expect(request.upstreamHeader("x-b") == ["first"])
    #expect(request.upstreamHeader("x-c") == [])
    #expect(request.upstreamHeader("h2") == ["value:2"])
  }

  @Test func valuesAreAppended() throws {
    let config: JSONValue = [
      "add": ["headers": ["x-added:a1"]], "append": ["headers": ["X-aDDed:a2", "x-added:a3", "h1:v#1", "h2:"]],
    ]
    #expect(try self.headers(config).upstreamHeader("x-added") == ["a1", "a2", "a3"])
    let request = try self.headers(config, [("X-Added", "a0")])
    #expect(request.upstreamHeader("x-added") == ["a0", "a2", "a3"])
    #expect(request.upstreamHeader("h1") == ["v#1"])
    #expect(request.upstreamHeader("h2") == [])
  }

  @Test func theHostIsOnlyReplaced() throws {
    let others: JSONValue = [
      "remove": ["headers": ["host"]], "rename": ["headers": ["host:x-host"]], "add": ["headers": ["host:a"]],
      "append": ["headers": ["Host:b"]],
    ]
    let request = try self.headers(others)
    #expect(request.upstreamHeader("host") == ["example.test"])
    #expect(request.upstreamHeader("x-host") == [])
    #expect(try self.headers(["replace": ["headers": ["Host:new"]]]).upstreamHeader("host") == ["new"])
    let renamed = try self.headers(["rename": ["headers": ["x-host:host"]]], [("X-Host", "a"), ("x-host", "b")])
    #expect(renamed.upstreamHeader("host") == ["a"])
  }

  @Test func stepsAreTakenInKongsOrder() throws {
    let config: JSONValue = [
      "remove": ["headers": ["a"]], "rename": ["headers": ["b:a"]], "replace": ["headers": ["a:replaced"]],
      "add": ["headers": ["a:added", "b:added"]], "append": ["headers": ["b:appended"]],
    ]
    let request = try self.headers(config, [("a", "1"), ("b", "2")])
    #expect(request.upstreamHeader("a") == ["replaced"])
    #expect(request.upstreamHeader("b") == ["added", "appended"])
  }

  /// What the gateway says of the client itself is not for plugins.
  @Test func fieldsOfTheGatewayAreLeftAlone() throws {
    let config: JSONValue = [
      "remove": ["headers": ["Via"]], "add": ["headers": ["X-Forwarded-Proto:https", "X-Real-IP:10.0.0.1"]],
      "replace": ["headers": ["X-Forwarded-For:10.0.0.1"]], "append": ["headers": ["x-forwarded-for:10.0.0.2"]],
      "rename": ["headers": ["X-Forwarded-Host:x"]],
    ]
    let request = try self.headers(config, [("X-Forwarded-For", "1.2.3.4")])
    #expect(request.upstreamEdits.isEmpty)
  }

  @Test func aLineBreakInAValueBeginsNoField() throws {
    let config: JSONValue = ["add": ["headers": ["x-q:$(query_params.q)"]]]
    let request = try self.headers(config, target: "/?q=a%0D%0AX-Forged:%201")
    var output = ByteBuffer()
    request.upstreamEdits.write(to: &output)
    #expect(output.string == "x-q: a%0D%0AX-Forged: 1\r\n")
  }

  // MARK: Templates

  @Test func whatIsRemovedOrReplacedCanStillBeNamed() throws {
    let config: JSONValue = [
      "remove": ["headers": ["x-gone"], "querystring": ["q1"]],
      "replace": ["headers": ["x-new:the new value"], "querystring": ["q2:$(headers['x-gone'])"]],
      "add": [
        "headers": ["x-test:$(headers['x-gone']) $(headers.x_new) $(query_params.q1)"],
        "querystring": ["q3:$(headers.x_new)", "q4:$(query_params.q1)"],
      ],
    ]
    let request = try self.headers(config, [("X-Gone", "its a test"), ("X-New", "old")], target: "/?q1=20&q2=1")
    #expect(request.upstreamHeader("x-test") == ["its a test old 20"])
    #expect(request.upstreamHeader("x-new") == ["the new value"])
    #expect(request.upstreamQuery == "q2=its%20a%20test&q3=old&q4=20")
  }

  /// Read when first asked for, as Kong does.
  @Test func headersNamedOnlyInTheQueryAreTheNewOnes() throws {
    let config: JSONValue = ["add": ["headers": ["x-a:new"], "querystring": ["q:$(headers.x_a)"]]]
    #expect(try self.headers(config).upstreamQuery == "q=new")
  }

  @Test func aTemplateThatCannotBeRenderedFailsTheRequest() throws {
    let plugin = try instance(
      RequestTransformerPlugin.self, ["add": ["querystring": ["q:$(headers.none .. 'x')"]]])
    #expect(throws: TemplateError.self) { try self.access(plugin) }
  }

  @Test func anEmptyTextIsAValue() throws {
    let config: JSONValue = ["add": ["querystring": ["q:$(query_params.none)"], "headers": ["x-a:$(headers.none)"]]]
    let request = try self.headers(config)
    #expect(request.upstreamQuery == "q=")
    #expect(request.upstreamHeader("x-a") == [""])
  }

  // MARK: Path

  @Test(arguments: [
    ("/requests/user2/$(uri_captures.user2)/user1/$(uri_captures.user1)", "/requests/user2/bar/user1/foo"),
    ("/requests$(uri_captures[0])", "/requests/user1/foo/user2/bar"), ("/plain", "/plain"),
    ("$(uri_captures[0])", "/user1/foo/user2/bar"),
  ])
  func pathIsReplaced(uri: String, path: String) throws {
    let request = try FakeRequest("/user1/foo/user2/bar")
    request.uriCaptures = (["/user1/foo/user2/bar", "foo", "bar"], [("user1", 1), ("user2", 2)])
    #expect(try self.run(["replace": ["uri": .string(uri)]], request).upstreamPath == path)
  }

  @Test(arguments: ["relative", "$(query_params.none)", "$(query_params.none .. '/')"])
  func aPathThatIsNoneFailsTheRequest(uri: String) throws {
    let plugin = try instance(RequestTransformerPlugin.self, ["replace": ["uri": .string(uri)]])
    #expect(throws: (any Error).self) { try self.access(plugin) }
  }

  // MARK: Query

  static let queries: [(JSONValue, String, String?)] = [
    (["remove": ["querystring": ["q1"]]], "/?q2=v2&q1=v1", "q2=v2"),
    (["remove": ["querystring": ["q1"]]], "/?q1=v1", ""),
    (["rename": ["querystring": ["a:b"]]], "/?a=1&b=2&a=3", "b=1&b=3"),
    (["rename": ["querystring": ["none:exist"]]], "/request?exist=true", "exist=true"),
    (["replace": ["querystring": ["q1:v"]]], "/?q1=1&q1=2&q0", "q0&q1=v"),
    (["replace": ["querystring": ["q1:v"]]], "/", ""),
    (["add": ["querystring": ["q1:v1", "q2:anything:1"]]], "/?q1=v2", "q1=v2&q2=anything%3A1"),
    (["append": ["querystring": ["q1:v1", "q1:v2", "q2:v1"]]], "/?q1=20", "q1=20&q1=v1&q1=v2&q2=v1"),
    (["add": ["querystring": ["a[some_index][1]:x"]]], "/?q1=20", "a%5Bsome_index%5D%5B1%5D=x&q1=20"),
    ([:], "/?b=$&a=,", nil), (["add": ["headers": ["x-a:1"]]], "/?b=$&a=,", nil),
    (["add": ["querystring": ["a::b"]]], "/", "a=b"), (["add": ["querystring": ["a:1"]]], "/?x=%E9", "a=1&x=%E9"),
  ]

  @Test(arguments: Self.queries) func queryIsChanged(config: JSONValue, target: String, query: String?) throws {
    #expect(try self.run(config, FakeRequest(target)).upstreamQuery == query)
  }

  @Test func anEarlierPluginsQueryIsGoneOnFrom() throws {
    let request = try FakeRequest("/?a=1")
    request.upstreamQuery = "b=2"
    try self.run(["add": ["querystring": ["c:$(query_params.b)"]]], request)
    #expect(request.upstreamQuery == "b=2&c=2")
  }

  // MARK: Method

  @Test func methodIsReplaced() throws {
    let request = try self.run(["http_method": "POST"], FakeRequest("/?hello=world"))
    #expect(request.upstreamMethod == "POST")
    #expect(request.upstreamQuery == nil)
  }

  @Test(arguments: ["CONNECT", "FOO"]) func aMethodNobodyKnowsFailsTheRequest(method: String) throws {
    let plugin = try instance(RequestTransformerPlugin.self, ["http_method": .string(method)])
    let error = #expect(throws: TransformFailure.self) { try self.access(plugin) }
    #expect(error?.description == "invalid method: \(method)")
  }

  static let moved: [(String, String, String, String?)] = [
    ("GET", "application/x-www-form-urlencoded", "name=marco&hello=2", "hello=world&hello=2&name=marco"),
    ("HEAD", "application/x-www-form-urlencoded; charset=utf-8", "a", "a&hello=world"),
    ("TRACE", "Application/X-WWW-Form-URLEncoded", "a=1", "a=1&hello=world"),
    ("GET", "application/x-www-form-urlencoded", "", nil), ("GET", "application/json", "{}", nil),
    ("POST", "application/x-www-form-urlencoded", "a=1", nil),
  ]

  @Test(arguments: Self.moved)
  func formsMoveIntoTheQuery(method: String, type: String, body: String, query: String?) throws {
    let request = try FakeRequest(
      "/request?hello=world", method: "POST", headers: [("Content-Type", type)], body: body)
    try self.run(["http_method": .string(method)], request)
    #expect(request.upstreamQuery == query)
    #expect(request.bufferedBody?.string == body)
  }

  @Test func nothingConfiguredChangesNothing() throws {
    let request = try self.run([:], FakeRequest("/?a=1", headers: [("X", "1")], body: "x"))
    #expect(request.upstreamEdits.isEmpty && request.upstreamQuery == nil && request.upstreamPath == nil)
    #expect(request.upstreamMethod == nil && request.bufferedBody?.string == "x")
  }
}
