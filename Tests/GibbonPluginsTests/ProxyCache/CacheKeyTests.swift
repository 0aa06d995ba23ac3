// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// What makes requests the same.
@Suite struct CacheKeyTests {
  private static let route = Route(name: "r")

  private static func text(
    _ target: String, parameters: [String]? = nil, headers: [String]? = nil, ignoresCase: Bool = false,
    sending: [(String, String)] = [], prepare: (FakeRequest) -> Void = { _ in }
  ) throws -> String {
    let request = try FakeRequest(target, headers: sending)
    request.matchedRoute = Self.route
    prepare(request)
    let rules = CacheKeyRules(parameters: parameters, headers: headers, ignoresCase: ignoresCase)
    let text = String(decoding: rules.text(of: request.context), as: UTF8.self)
      .replacing("\(Self.route.id)", with: "route")
    // What every key ends with here.
    #expect(text.contains(Self.authority))
    return text.replacing(Self.authority, with: "")
  }

  private static let authority = "|http://example.test::8000"

  /// The texts that Kong hashes, but for the order of values and the authority.
  @Test(arguments: [
    ("/", "route|GET|GET / HTTP/1.1||"), ("/?", "route|GET|GET /||"),
    ("/x?b=2&a=1", "route|GET|GET /x|a=1:b=2|"), ("/x?a=2&a=1&b", "route|GET|GET /x|a=2,1:b|"),
    ("/x?a=", "route|GET|GET /x|a=|"), ("/x?a=b%20c+d", "route|GET|GET /x|a=b c d|"),
    ("/X?A=B&a=b", "route|GET|GET /X|A=B:a=b|"), ("/x?a=b=c", "route|GET|GET /x|a=b=c|"),
  ]) func ordinaryTextsAreKongs(target: String, text: String) throws {
    #expect(try Self.text(target) == text)
  }

  @Test func theDigestIsSHA256() throws {
    let key = CacheKey(hashing: Array("abc".utf8))
    #expect(key.text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(CacheKey(key.text) == key)
    for text in ["", "123", key.text + "0", key.text.uppercased(), String(repeating: "g", count: 64)] {
      #expect(CacheKey(text) == nil, "\(text)")
    }
  }

  @Test func onlyConfiguredParametersCount() throws {
    #expect(try Self.text("/x?c=3&b=2&a=1", parameters: ["c", "a", "z"]) == "route|GET|GET /x|c=3:a=1|")
    #expect(try Self.text("/x?b=2", parameters: ["a"]) == "route|GET|GET /x||")
    #expect(try Self.text("/x?b=2", parameters: []) == "route|GET|GET /x|b=2|")
  }

  @Test func configuredHeadersCountWithoutCase() throws {
    let sent = [("X-B", "2"), ("x-a", "2"), ("X-A", "1"), ("X-C", "")]
    let text = try Self.text("/", headers: ["X-A", "x_c", "x-b", "none"], sending: sent)
    #expect(text == "route|GET|GET / HTTP/1.1||X-A=2,1:x_c=:x-b=2")
  }

  @Test func caseOfTheRequestLineCountsUnlessSwitchedOff() throws {
    #expect(try Self.text("/PATH?A=B", ignoresCase: true) == "route|GET|get /path|A=B|")
    #expect(try Self.text("/PATH", ignoresCase: true) == "route|GET|get /path http/1.1||")
  }

  @Test func consumersAndRoutesHaveTheirOwn() throws {
    let consumer = Consumer(username: "bob")
    let text = try Self.text("/") { $0.consumer = consumer }
    #expect(text == "\(consumer.id):route|GET|GET / HTTP/1.1||")
    #expect(try Self.text("/") { $0.matchedRoute = nil } == "default|GET|GET / HTTP/1.1||")
    let other = try Self.text("/") {
      $0.matchedRoute = nil
      $0.consumer = consumer
    }
    #expect(other == "default|GET|GET / HTTP/1.1||")
  }

  /// As other plugins left it: a key that `key-auth` took out of the query does not count.
  @Test func theQueryAndMethodOfTheServiceCount() throws {
    let text = try Self.text("/x?a=1") { request in
      request.context.serviceRequest.setRawQuery("b=2")
      request.context.serviceRequest.setMethod("POST")
    }
    #expect(text == "route|POST|GET /x|b=2|")
    #expect(try Self.text("/x?a=1") { $0.context.serviceRequest.setRawQuery("") } == "route|GET|GET /x||")
  }

  /// Requests that a client could make for another's key.
  @Test(arguments: [
    ["/x?a=1&b=2", "/x?a=1%3Ab%3D2", "/x?a%3D1%3Ab=2", "/x?a=1%01%3Ab=2", "/x?a=1%2501%3Ab=2"],
    ["/x?a=1&a=2", "/x?a=2&a=1", "/x?a=1%2C2", "/x?a=1%2c2&a", "/x?a=1%01,2"],
    [
      "/x?a", "/x?a=", "/x?a&a", "/x?a&a=", "/x?a=&a", "/x?a&a&a", "/x?a=&a=", "/x?", "/x", "/x?=a", "/x?%00a",
      "/x?a=%01",
    ],
    ["/x?a=1%7C", "/x?a=1", "/x%7Ca=1?", "/x|a=1?", "/x|a=1", "/x?a=1%20HTTP/1.1%7C", "/x%01?a=1"],
    ["/x?a=%ff", "/x?a=%fe", "/x?a=%ef%bf%bd", "/x?%ff=a", "/x?%fe=a"],
  ]) func requestsThatDifferHaveDifferentKeys(targets: [String]) throws {
    let keys = try targets.map { target in
      let request = try FakeRequest(target)
      return CacheKeyRules(parameters: nil, headers: nil, ignoresCase: false).key(of: request.context)
    }
    #expect(Set(keys).count == targets.count, "\(targets)")
  }

  @Test func headersCannotStandForOthers() throws {
    let sent = [
      [("A", "1:B=2")], [("A", "1"), ("B", "2")], [("A", "1,2")], [("A", "1"), ("A", "2")], [("A", "1|")], [("A", "1")],
    ]
    let texts = try sent.map { try Self.text("/", headers: ["A", "B"], sending: $0) }
    #expect(Set(texts).count == sent.count, "\(texts)")
  }

  // MARK: What else a service answers by

  private static func key(
    _ target: String = "/x", parameters: [String]? = nil, method: String = "GET", headers: [(String, String)] = [],
    body: String? = nil, prepare: (FakeRequest) -> Void = { _ in }
  ) throws -> CacheKey {
    let request = try FakeRequest(target, method: method, headers: headers, body: body)
    prepare(request)
    return CacheKeyRules(parameters: parameters, headers: nil, ignoresCase: false).key(of: request.context)
  }

  @Test func hostsDoNotShare() throws {
    func key(_ host: String, port: UInt16 = 8000) throws -> CacheKey {
      try Self.key("http://\(host)/x") { $0.publicPort = port }
    }
    let hosts = ["a.test", "b.test", "a.test:81", "a.test.b.test"]
    #expect(Set(try hosts.map { try key($0) }).count == hosts.count)
    #expect(try key("a.test") != key("a.test", port: 8001))
  }

  @Test(arguments: [
    "X-Original-URL", "x-rewrite-url", "X_Original_URL", "X-Forwarded-Scheme", "x-host", "X-Forwarded-Server",
    "Front-End-Https", "X-Original-Host",
  ]) func fieldsThatStandForAnotherTargetCount(name: String) throws {
    #expect(try Self.key(headers: [(name, "/admin")]) != Self.key())
    #expect(try Self.key(headers: [(name, "/admin")]) != Self.key(headers: [(name, "/other")]))
  }

  @Test func ofForwardedTheAddressesDoNotCount() throws {
    func key(_ value: String) throws -> CacheKey { try Self.key(headers: [("Forwarded", value)]) }
    #expect(try key("for=192.0.2.1;host=a") == key("For=\"[2001:db8::1]:80\" ; host=a, by=x"))
    #expect(try key("for=192.0.2.1;host=a") != key("for=192.0.2.1;host=b"))
    #expect(try key("for=\"x;host=a\"") != key("for=x;host=a"))
  }

  @Test func whatATrustedPeerForwardsCounts() throws {
    func key(_ value: String, isTrusted: Bool) throws -> CacheKey {
      try Self.key(headers: [("X-Forwarded-Host", value)]) { $0.isPeerTrusted = isTrusted }
    }
    #expect(try key("a", isTrusted: true) != key("b", isTrusted: true))
    #expect(try key("a", isTrusted: false) == key("b", isTrusted: false))
  }

  @Test func bodiesCount() throws {
    func key(_ body: String, type: String = "text/plain") throws -> CacheKey {
      let headers = [("Content-Type", type), ("Content-Length", "\(body.utf8.count)")]
      return try Self.key(method: "POST", headers: headers, body: body)
    }
    #expect(try key("a") == key("a"))
    #expect(try Set([key("a"), key("b"), key("a", type: "application/json")]).count == 3)
  }

  @Test func whatPluginsSetCounts() throws {
    let keys = try [
      Self.key(), Self.key { $0.upstreamPath = "/y" }, Self.key { $0.upstreamTarget = ("h", 1) },
      Self.key { $0.upstreamTarget = ("h", 2) },
    ]
    #expect(Set(keys).count == keys.count)
  }

  /// Parameters that do not count, written so that some services take them for one that does.
  @Test(arguments: ["/x?u=1;a=2", "/x?a[]=2", "/x?A=2", "/x?%20a=2", "/x?a%5B0%5D=2", "/x?a%00=2"])
  func parametersInDisguiseCount(target: String) throws {
    #expect(try Self.key(target, parameters: ["a"]) != Self.key("/x?u=1", parameters: ["a"]))
    #expect(try Self.key("/x?u=1", parameters: ["a"]) == Self.key("/x?u=2&v", parameters: ["a"]))
  }
}
