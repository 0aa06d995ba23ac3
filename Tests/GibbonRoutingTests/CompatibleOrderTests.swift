// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// The order that Kong computes, beside the one that its comments describe (facts of proxy, section 2.3).
///
/// Every case is two routes that both match; the first one comes first. Its id is the smaller one, so that a tie would
/// show.
@Suite struct CompatibleOrderTests {
  typealias Change = @Sendable (inout RouteDefinition) -> Void

  struct Pair: Sendable, CustomTestStringConvertible {
    let name: String
    let first: Change
    let second: Change
    var testDescription: String { self.name }
  }

  private static func headers(_ count: Int) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ("h\($0)", ["1"]) })
  }

  private static let pairs: [Pair] = [
    Pair(name: "plain host before two other fields") {
      $0.hosts = ["x.a.test"]
    } second: {
      ($0.methods, $0.paths) = (["GET"], ["/api/v1"])
    },
    Pair(name: "plain host before three other fields") {
      $0.hosts = ["x.a.test"]
    } second: {
      ($0.methods, $0.paths, $0.headers) = (["GET"], ["/api/v1"], ["h1": ["1"]])
    },
    Pair(name: "plain host before wildcard host and path") {
      $0.hosts = ["x.a.test"]
    } second: {
      ($0.hosts, $0.paths) = (["*.a.test"], ["/api/v1"])
    },
    Pair(name: "regular expression before method and path") {
      $0.paths = ["~/api/.*"]
    } second: {
      ($0.methods, $0.paths) = (["GET"], ["/api/v1"])
    },
    Pair(name: "plain host before regular expression") {
      $0.hosts = ["x.a.test"]
    } second: {
      ($0.methods, $0.paths) = (["GET"], ["~/api/.*"])
    },
    Pair(name: "four fields before a plain host and a regular expression") {
      ($0.methods, $0.hosts, $0.headers, $0.paths) = (["GET"], ["*.a.test"], ["h1": ["1"]], ["/"])
    } second: {
      ($0.hosts, $0.paths) = (["x.a.test"], ["~/api/.*"])
    },
    Pair(name: "five fields before four") {
      ($0.methods, $0.hosts, $0.headers, $0.paths) = (["GET"], ["*.a.test"], ["h1": ["1"]], ["/"])
      ($0.snis, $0.protocols) = (["x.a.test"], ["https"])
    } second: {
      ($0.methods, $0.hosts, $0.headers, $0.paths) = (["GET"], ["x.a.test"], ["h1": ["1"]], ["/api/v1"])
    },
    Pair(name: "more headers before the longer path") {
      ($0.paths, $0.headers) = (["/"], Self.headers(2))
    } second: {
      ($0.paths, $0.headers) = (["/api/v1"], Self.headers(1))
    },
    Pair(name: "more fields before more headers") {
      ($0.paths, $0.headers) = (["/"], Self.headers(1))
    } second: {
      $0.headers = Self.headers(9)
    },
    Pair(name: "negative regex_priority before all else") {
      ($0.paths, $0.regexPriority) = (["~/api/.*"], -1)
    } second: {
      ($0.hosts, $0.paths, $0.methods) = (["x.a.test"], ["/api/v1"], ["GET"])
    },
    Pair(name: "regex_priority 4096 before four fields") {
      ($0.paths, $0.regexPriority) = (["~/api/.*"], 4_096 + 2_048)
    } second: {
      ($0.methods, $0.hosts, $0.headers, $0.paths) = (["GET"], ["x.a.test"], ["h1": ["1"]], ["/api/v1"])
    },
    Pair(name: "regex_priority 8192 counts as 0") {
      ($0.paths, $0.regexPriority) = (["~/api/.*"], 1)
    } second: {
      ($0.paths, $0.regexPriority) = (["~/api/v.*"], 8_192)
    },
    Pair(name: "regex_priority 2 and one header share a bit") {
      ($0.paths, $0.regexPriority, $0.headers) = (["~/api/.*"], 3, Self.headers(1))
    } second: {
      ($0.paths, $0.regexPriority, $0.headers) = (["~/api/v.*"], 2, Self.headers(1))
    },
    Pair(name: "regex_priority of plain paths counts for nothing") {
      ($0.paths, $0.regexPriority) = (["/api/v1"], 0)
    } second: {
      ($0.paths, $0.regexPriority) = (["/api"], 100)
    },
  ]

  @Test(arguments: Self.pairs, [RouterFlavor.traditionalCompatible, .expressions])
  func precedes(_ pair: Pair, _ flavor: RouterFlavor) {
    let routes = [route(1, pair.first), route(2, pair.second)]
    let request = TestRequest("GET", "/api/v1", host: "x.a.test", headers: (0..<9).map { ("H\($0)", "1") })
    request.sni = "x.a.test"
    #expect(request.match(.make([routes[1]], flavor))?.handle == 2)
    #expect(request.match(.make(routes, flavor))?.handle == 1)
    #expect(request.match(.make(routes.reversed(), flavor))?.handle == 1)
  }

  @Test func equalPrioritiesGoToTheLargerID() {
    // 256 headers count as 255, and 2 with the bit of one header is no more than 2.
    let many = [route(1) { $0.headers = Self.headers(256) }, route(2) { $0.headers = Self.headers(255) }]
    let all = TestRequest("GET", "/", headers: (0..<256).map { ("h\($0)", "1") })
    #expect(all.match(.make(many))?.handle == 2)
    let shared = [
      route(1) { ($0.paths, $0.regexPriority, $0.headers) = (["~/a"], 2, Self.headers(1)) },
      route(2) { ($0.paths, $0.regexPriority, $0.headers) = (["~/a"], 0, Self.headers(1)) },
    ]
    #expect(all.match(.make(shared)) == nil)
    let request = TestRequest("GET", "/a", headers: [("h0", "1")])
    #expect(request.match(.make(shared))?.handle == 2)
  }

  @Test(arguments: [
    ("two", "hosts", "names hosts without a wildcard"), ("regex", "wide", "has a regular expression as path"),
    ("fields", "two", "has four matching fields or more, which comes before all else"),
    ("negative", "two", "has regex_priority -1, which comes before all else"),
    ("long", "wide", "has the longer path (4 bytes, not 1)"),
    ("headers", "long", "has more matching fields (2, not 1)"),
    ("moreHeaders", "headers", "asks for more headers (2, not 1)"),
    ("later", "long", "has the larger id, and all else is equal"),
    ("greater", "regex", "has the greater regex_priority (7, not 0)"),
  ])
  func explainTellsWhatDecided(_ winner: String, _ other: String, _ words: String) throws {
    let table: [String: Change] = [
      "wide": { $0.paths = ["/"] }, "long": { $0.paths = ["/api"] }, "later": { $0.paths = ["/api"] },
      "hosts": { $0.hosts = ["*.test"] }, "two": { $0.hosts = ["a.test"] }, "regex": { $0.paths = ["~/a.*"] },
      "greater": { ($0.paths, $0.regexPriority) = (["~/a.*"], 7) },
      "negative": { ($0.paths, $0.regexPriority) = (["~/a.*"], -1) },
      "headers": { ($0.paths, $0.headers) = (["/"], ["a": ["1"]]) },
      "moreHeaders": { ($0.paths, $0.headers) = (["/"], ["a": ["1"], "b": ["1"]]) },
      "fields": { ($0.hosts, $0.paths, $0.methods, $0.headers) = (["*.test"], ["/"], ["GET"], ["a": ["1"]]) },
    ]
    let first = try #require(table[winner])
    let second = try #require(table[other])
    let routes = [route(2, first), route(1, second)]
    let request = TestRequest("GET", "/api", host: "a.test", headers: [("a", "1"), ("b", "1")])
    let explanation = request.explain(.make(routes))
    #expect(explanation.matched?.handle == 2)
    #expect(explanation.misses.first?.reasons == ["matches too, but r2 \(words)"])
  }
}
