// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// What a finished request is as an object: Kong's `kong.log.serialize`.
@Suite struct LogSerializerTests {
  private static func serialize(_ request: FakeRequest) -> JSONValue {
    defer { withExtendedLifetime(request) {} }
    return .object(LogSerializer.serialize(request.context))
  }

  @Test func everyPartIsThere() throws {
    let request = try FakeRequest("/p?a=1", method: "PUT", headers: [("X-One", "1"), ("Authorization", "Basic abc")])
    request.status = 201
    request.responseSource = .service
    request.receivedBytes = 321
    request.sentBytes = 654
    request.latencies = RequestLatencies(kong: 3, proxy: 20, request: 25, receive: 2)
    request.upstreamURI = ByteBuffer("/q?a=1")
    request.sentHead = ByteBuffer("HTTP/1.1 201 Created\r\nX-A: 1\r\nx-a: 2\r\nX-Empty:\r\n\r\n")
    var attempt = UpstreamTry(
      address: .loopbackV4, port: 9000, startedMicroseconds: 1_700_000_000_123_999, latencyMicroseconds: 1500)
    attempt.status = 201
    request.upstreamTries = [attempt]
    var route = Route(name: "r")
    route.paths = ["/p"]
    request.matchedRoute = route
    request.matchedService = Service(name: "s", host: "h.test", port: 81)
    let value = Self.serialize(request)
    #expect(
      value["request"] == [
        "id": "00000000000000010000000000000002", "uri": "/p?a=1", "url": "http://example.test:8000/p?a=1",
        "querystring": ["a": "1"], "method": "PUT",
        "headers": ["host": "example.test", "x-one": "1", "authorization": "REDACTED"], "size": 321,
      ])
    #expect(value["response"] == ["status": 201, "headers": ["x-a": ["1", "2"], "x-empty": ""], "size": 654])
    #expect(value["latencies"] == ["kong": 3, "proxy": 20, "request": 25, "receive": 2])
    #expect(value["upstream_uri"] == "/q?a=1" && value["upstream_status"] == "201" && value["source"] == "upstream")
    #expect(
      value["tries"] == [
        [
          "balancer_start": 1_700_000_000_123, "balancer_start_ns": 1_700_000_000_123_999_000, "balancer_latency": 1,
          "balancer_latency_ns": 1_500_000, "ip": "127.0.0.1", "port": 9000,
        ]
      ])
    #expect(value["client_ip"] == "127.0.0.1" && value["started_at"] == 1_700_000_000_123)
    #expect(value["workspace"] == .string("\(Workspace.defaultID)") && value["workspace_name"] == "default")
    #expect(value["route"]?["name"] == "r" && value["route"]?["paths"] == ["/p"])
    #expect(value["route"]?["protocols"] == ["http", "https"] && value["route"]?["methods"] == nil)
    #expect(value["service"]?["host"] == "h.test" && value["service"]?["port"] == 81)
    #expect(value["service"]?["path"] == nil && value["service"]?["enabled"] == true)
    #expect(value["consumer"] == nil && value["authenticated_entity"] == nil)
  }

  @Test func whatIsNotKnownIsLeftOut() throws {
    let request = try FakeRequest()
    request.status = 404
    request.responseSource = .error
    request.clientAddress = nil
    let value = Self.serialize(request)
    for name in ["tries", "route", "service", "consumer", "authenticated_entity"] { #expect(value[name] == nil) }
    #expect(value["upstream_status"] == "" && value["source"] == "kong" && value["client_ip"] == "unix:")
    #expect(value["response"]?["headers"] == [:] && value["request"]?["querystring"] == [:])
  }

  @Test func failedTriesSaySo() throws {
    let request = try finished()
    request.matchedRoute = Route()
    var failed = UpstreamTry(address: .loopbackV4, port: 1, startedMicroseconds: 0, latencyMicroseconds: 0)
    failed.status = 502
    failed.hasFailed = true
    var open = UpstreamTry(address: nil, port: 0, startedMicroseconds: .max, latencyMicroseconds: .max)
    open.status = 0
    request.upstreamTries = [failed, open]
    let value = Self.serialize(request)
    #expect(value["upstream_status"] == "502, -")
    #expect(value["tries"]?[0]?["state"] == "failed" && value["tries"]?[0]?["code"] == 502)
    #expect(value["tries"]?[1]?["state"] == nil && value["tries"]?[1]?["ip"] == nil)
  }

  @Test func whoItIs() throws {
    let request = try finished()
    let consumer = Consumer(username: "ann", customID: "c-1")
    let credential = Credential(id: .random(), consumer: consumer, fields: [:])
    request.consumer = consumer
    request.credential = credential
    let value = Self.serialize(request)
    #expect(
      value["authenticated_entity"] == ["id": .string("\(credential.id)"), "consumer_id": .string("\(consumer.id)")])
    #expect(value["consumer"]?["username"] == "ann" && value["consumer"]?["custom_id"] == "c-1")
  }

  @Test func headersAreThoseThatWentToTheService() throws {
    let request = try finished(headers: [
      ("X-Twice", "1"), ("x-twice", "2"), ("X-Gone", "1"), ("Proxy-Authorization", "x"), ("X-Set", "old"),
    ])
    request.context.serviceRequest.clearHeader("x-gone")
    request.context.serviceRequest.setHeader("X-Set", "a: b")
    request.context.serviceRequest.addHeader("X-Twice", "3")
    let headers = try #require(Self.serialize(request)["request"]?["headers"])
    #expect(
      headers == [
        "host": "example.test", "x-twice": ["1", "2", "3"], "proxy-authorization": "REDACTED", "x-set": "a: b",
      ])
  }

  @Test(
    arguments: [
      ("", [:]), ("?", [:]), ("?a", ["a": true]), ("?a=", ["a": ""]), ("?a=1&a=2&a", ["a": ["1", "2", true]]),
      ("?%61=%20+x", ["a": "  x"]), ("?=x&&b=1", ["b": "1"]), ("?a=b=c", ["a": "b=c"]), ("?a=%zz", ["a": "%zz"]),
    ] as [(String, JSONValue)]) func arguments(query: String, expected: JSONValue) throws
  {
    #expect(Self.serialize(try finished("/\(query)"))["request"]?["querystring"] == expected)
  }

  @Test func argumentsHaveALimit() throws {
    let query = (0..<150).map { "a\($0)=1" }.joined(separator: "&")
    #expect(Self.serialize(try finished("/?\(query)"))["request"]?["querystring"]?.objectValue?.count == 100)
  }

  // MARK: Values of plugins

  @Test func valuesAreSetNestedAndRemoved() throws {
    let request = try finished()
    let context = request.context
    context.setLogValue("new", 1)
    context.setLogValue("a.b.c", "deep")
    context.setLogValue("a.b.d", ["x": .null])
    context.setLogValue("request.headers", nil)
    context.setLogValue("response.status", .null)
    context.setLogValue("service", nil)
    context.setLogValue("client_ip.x", 1)
    context.setLogValue("new.x", 1)
    context.setLogValue("", 1)
    context.setLogValue("..b", 2)
    context.setLogValue("e.", 3)
    let value = Self.serialize(request)
    #expect(value["new"] == 1 && value["a"] == ["b": ["c": "deep", "d": ["x": .null]]])
    #expect(value["request"]?["headers"] == nil && value["request"]?["method"] == "GET")
    #expect(value["response"]?["status"] == .null && value["client_ip"] == "127.0.0.1")
    #expect(value["."] == ["b": 2] && value["e"] == ["": 3])
  }

  @Test func modesDecideByWhatIsThere() throws {
    let request = try finished()
    let context = request.context
    context.setLogValue("source", "x", mode: .add)
    context.setLogValue("added", 1, mode: .add)
    context.setLogValue("absent", 1, mode: .replace)
    context.setLogValue("no.such", 1, mode: .replace)
    context.setLogValue("client_ip", "y", mode: .replace)
    let value = Self.serialize(request)
    #expect(value["source"] == "upstream" && value["added"] == 1 && value["client_ip"] == "y")
    #expect(value["absent"] == nil && value["no"] == nil)
  }

  @Test func valuesHaveALimitAndLastOneRequest() throws {
    let request = try finished()
    for number in 0..<1000 { request.context.setLogValue("v\(number)", 1) }
    let value = Self.serialize(request)
    #expect(value["v255"] == 1 && value["v256"] == nil)
    request.context.reset()
    #expect(Self.serialize(request)["v0"] == nil)
  }

  @Test func theCorrelationIDIsLogged() throws {
    let request = try finished(headers: [("Kong-Request-ID", "mine")])
    _ = try instance(CorrelationIDPlugin.self).access(request.context)
    #expect(Self.serialize(request)["correlation_id"] == "mine")
  }

  /// Few fields are compared with each other, of many an index is made: the result is the same.
  @Test(arguments: [2, 40, 900]) func fieldsThatCameSeveralTimesAreLists(count: Int) throws {
    let single = (0..<count).map { ("x-\(1000 + $0)", "v\($0)") }
    let request = try finished(headers: [("X-Same", "a")] + single + [("x-same", "b"), ("Authorization", "s")])
    let headers = LogSerializer.serialize(request.context)["request"]?["headers"]
    #expect(headers?["x-same"] == ["a", "b"] && headers?["authorization"] == "REDACTED")
    #expect(headers?["x-1000"] == "v0" && headers?["x-\(999 + count)"] == .string("v\(count - 1)"))
    #expect(headers?.objectValue?.members.count == count + 3)
  }
}
