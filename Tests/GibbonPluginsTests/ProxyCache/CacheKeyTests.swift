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
    return String(decoding: rules.text(of: request.context), as: UTF8.self)
      .replacing("\(Self.route.id)", with: "route")
  }

  /// The texts that Kong hashes.
  @Test(arguments: [
    ("/", "route|GET|GET / HTTP/1.1||"), ("/?", "route|GET|GET /||"),
    ("/x?b=2&a=1", "route|GET|GET /x|a=1:b=2|"), ("/x?a=2&a=1&b", "route|GET|GET /x|a=1,2:b|"),
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
    #expect(text == "route|GET|GET / HTTP/1.1||X-A=1,2:x_c=:x-b=2")
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
    ["/x?a=1&a=2", "/x?a=1%2C2", "/x?a=1%2c2&a", "/x?a=1%01,2"],
    ["/x?a", "/x?a=", "/x?a&a", "/x?a&a=", "/x?a&a&a", "/x?a=&a=", "/x?", "/x", "/x?=a", "/x?%00a", "/x?a=%01"],
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
}
