// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// Each rule of traditional_compatible on its own (facts of proxy, section 2.3).
@Suite struct CompatibleRulesTests {
  private func winner(_ routes: [RouteDefinition], _ request: TestRequest) -> Int? {
    request.match(.make(routes))?.handle
  }

  @Test func moreAttributesWin() {
    let routes = [
      route(1) { $0.paths = ["/long/path"] },
      route(2) { ($0.paths, $0.methods) = (["/"], ["GET"]) },
    ]
    #expect(self.winner(routes, TestRequest("GET", "/long/path")) == 2)
    #expect(self.winner(routes, TestRequest("POST", "/long/path")) == 1)
  }

  @Test func plainHostsWinOverWildcards() {
    let routes = [
      route(9) { $0.hosts = ["*.example.com"] }, route(1) { $0.hosts = ["a.example.com"] },
      route(5) { $0.hosts = ["a.example.com", "b.*"] },
    ]
    #expect(self.winner(routes, TestRequest("GET", "/", host: "a.example.com")) == 1)
    #expect(self.winner(routes, TestRequest("GET", "/", host: "z.example.com")) == 9)
    #expect(self.winner(routes, TestRequest("GET", "/", host: "b.org")) == 5)
  }

  @Test func moreHeaderNamesWin() {
    let routes = [
      route(1) { $0.headers = ["a": ["1"], "b": ["1"]] }, route(2) { $0.headers = ["a": ["1"]] },
    ]
    #expect(self.winner(routes, TestRequest("GET", "/", headers: [("A", "1"), ("B", "1")])) == 1)
    #expect(self.winner(routes, TestRequest("GET", "/", headers: [("A", "1")])) == 2)
  }

  @Test func regexPathsComeBeforePlainOnesThenByPriority() {
    let routes = [
      route(9) { $0.paths = ["/a/very/long/prefix"] },
      route(8) { ($0.paths, $0.regexPriority) = (["~/a/[a-z]+"], 1) },
      route(1) { ($0.paths, $0.regexPriority) = (["~/a/\\w+"], 2) },
    ]
    #expect(self.winner(routes, TestRequest("GET", "/a/very/long/prefix")) == 1)
    #expect(self.winner(Array(routes[..<2]), TestRequest("GET", "/a/very/long/prefix")) == 8)
    #expect(self.winner(Array(routes[..<1]), TestRequest("GET", "/a/very/long/prefix/x")) == 9)
  }

  @Test func longerPrefixesWinWithoutSegmentBoundaries() {
    let routes = [route(9) { $0.paths = ["/foo"] }, route(1) { $0.paths = ["/foob"] }]
    #expect(self.winner(routes, TestRequest("GET", "/foobar")) == 1)
    #expect(self.winner(routes, TestRequest("GET", "/foo")) == 9)
    #expect(self.winner(routes, TestRequest("GET", "/fo")) == nil)
    #expect(self.winner(routes, TestRequest("GET", "/FOO")) == nil)
  }

  @Test func tiesGoToTheLargerIdNotToTheOlder() {
    let old = route(1) { ($0.paths, $0.createdAt) = (["/a"], 1) }
    let new = route(2) { ($0.paths, $0.createdAt) = (["/a"], 2) }
    #expect(self.winner([old, new], TestRequest("GET", "/a")) == 2)
    #expect(self.winner([new, old], TestRequest("GET", "/a")) == 2)
  }

  @Test func pathsOfSeveralKindsAreRankedApartWithIdsOfTheirOwn() {
    // Both routes are split; the ids of the parts, not of the routes, break the tie.
    let first = route(1) { $0.paths = ["/aa", "/b", "~/x"] }
    let second = route(2) { $0.paths = ["/aa", "/bbb"] }
    let space = EntityID("7f145bf9-0dce-4f91-98eb-debbce4b9f6b")
    #expect(space != nil)
    let firstID = EntityID.named("\(first.id)#1", in: space ?? first.id)
    let secondID = EntityID.named("\(second.id)#1", in: space ?? first.id)
    #expect(self.winner([first, second], TestRequest("GET", "/aa")) == (secondID < firstID ? 1 : 2))
    #expect(self.winner([first, second], TestRequest("GET", "/bbb")) == 2)
    #expect(self.winner([first, second], TestRequest("GET", "/x")) == 1)
  }

  @Test(
    arguments: [
      ("example.com", "example.com", 80, true), ("example.com", "EXAMPLE.com", 80, true),
      ("Example.Com", "example.com", 80, true), ("example.com.", "example.com", 80, true),
      ("example.com", "example.com.", 80, true), ("example.com", "EXAMPLE.COM.", 80, true),
      ("example.com", "example.com..", 80, false), ("example.com:8000", "example.com.", 8000, true),
      ("example.com.:8000", "Example.com", 8000, true), ("*.Example.com.", "a.eXample.com", 80, true),
      ("*.example.com", "A.B.EXAMPLE.COM.", 80, true), ("*.example.com:81", "A.example.com.", 81, true),
      ("Example.*", "EXAMPLE.org.", 80, true), ("example.*", "example.", 80, false), ("example.com", ".", 80, false),
      ("example.com:8000", "example.com", 8000, true), ("example.com:8000", "example.com", 80, false),
      ("*.example.com", "a.b.example.com", 80, true), ("*.example.com", "example.com", 80, false),
      ("*.example.com:81", "a.example.com", 81, true), ("*.example.com:81", "a.example.com", 82, false),
      ("example.*", "example.org", 80, true), ("example.*", "anexample.org", 80, false),
      ("example.com", "", 80, false), ("*", "anything", 80, true),
    ] as [(String, String, UInt16, Bool)])
  func hosts(_ pattern: String, _ host: String, _ port: UInt16, _ matches: Bool) {
    let request = TestRequest("GET", "/", host: host)
    request.port = port
    #expect((self.winner([route(1) { $0.hosts = [pattern] }], request) != nil) == matches)
  }

  @Test(arguments: [
    (["v1", "V2"], ["X-Version: v2"], true), (["v1"], ["x_version: V1"], true), (["v1"], ["x-other: v1"], false),
    (["v1"], ["X_Version: v3", "X-Version: v1"], false), (["v1"], ["X-Version: v3", "X_Version: v1"], true),
    (["v1"], ["x-version: v3", "X-Version: v1"], true), (["~*^v[0-9]+$"], ["x-version: V12"], true),
    (["~*^v[0-9]+$"], ["x-version: 12"], false), (["~*edge", "plain"], ["x-version: an EDGE one"], true),
    (["~*edge", "plain"], ["x-version: Plain"], true), (["v1"], [], false),
  ])
  func headers(_ values: [String], _ lines: [String], _ matches: Bool) {
    let headers = lines.map { line in (String(line.prefix { $0 != ":" }), String(line.drop { $0 != " " }.dropFirst())) }
    let routes = [route(1) { $0.headers = ["X-Version": values] }]
    #expect((self.winner(routes, TestRequest("GET", "/", headers: headers)) != nil) == matches)
  }

  @Test func serverNamesCountOverTLSOnly() {
    let routes = [route(1) { $0.snis = ["A.com.", "*.b.Com", "c.*"] }]
    func matches(_ scheme: RouteScheme, _ sni: String?) -> Bool {
      let request = TestRequest("GET", "/")
      (request.scheme, request.sni) = (scheme, sni)
      return self.winner(routes, request) == 1
    }
    #expect(matches(.https, "a.com"))
    #expect(matches(.https, "A.COM."))
    #expect(matches(.https, "X.b.com."))
    #expect(matches(.https, "x.b.com"))
    #expect(matches(.https, "c.net"))
    #expect(!matches(.https, "b.com"))
    #expect(!matches(.https, nil))
    #expect(matches(.http, nil))
  }

  @Test func protocolsAreNotPartOfTheMatch() {
    let request = TestRequest("GET", "/a")
    request.scheme = .http
    let routes = [route(1) { ($0.paths, $0.protocols) = (["/a"], ["https"]) }]
    #expect(self.winner(routes, request) == 1)
  }

  @Test func capturesAreRangesOfThePath() {
    let scratch = RouterScratch()
    let router = Router.make([route(1) { $0.paths = ["~/u/(?<user>\\d+)(/x)?/(?P<rest>\\w+)"] }])
    let match = TestRequest("GET", "/u/42/abc/more").match(router, scratch: scratch)
    #expect(match == RouteMatch(handle: 1, matchedPathLength: 9, isRegexPath: true))
    #expect(scratch.captures.map { $0?.bounds } == [0..<9, 3..<5, nil, 6..<9])
    #expect(scratch.capture(named: "user")?.bounds == 3..<5)
    #expect(scratch.capture(named: "rest")?.bounds == 6..<9)
    #expect(scratch.capture(named: "none") == nil)
    // A later match without a regular expression leaves none of them.
    _ = TestRequest("GET", "/").match(router, scratch: scratch)
    #expect(scratch.captures.isEmpty)
  }

  @Test func anAlternativeOfAPatternIsNotAnchored() {
    let routes = [route(1) { $0.paths = ["~/a|/b"] }]
    #expect(self.winner(routes, TestRequest("GET", "/x/b")) == 1)
    #expect(self.winner(routes, TestRequest("GET", "/x/a")) == nil)
  }

  @Test func badRoutesAreReportedAndSkipped() {
    let routes = [
      route(1) { $0.paths = ["~/a("] }, route(2) { $0.headers = ["X-A": ["~*["]] }, route(3),
      route(4) { $0.sources = [RouteNetwork(ip: "300.1.1.1")] }, route(5) { $0.paths = ["~/b(", "/b"] },
    ]
    let build = Router.compile(routes, flavor: .traditionalCompatible)
    #expect(build.problems.map(\.field) == ["paths", "headers.X-A", "paths", "sources", "paths"])
    #expect(build.problems.map(\.value) == ["~/a(", "~*[", "", "300.1.1.1", "~/b("])
    #expect(build.problems.map(\.position) == [4, 3, nil, nil, 4])
    #expect(build.problems[0].name == "r1" && build.problems[0].id == routeID(1))
    // The other part of the last route works.
    #expect(TestRequest("GET", "/b").match(build.router)?.handle == 5)
    #expect(build.router.routeCount == 1)
  }

  @Test func streamRoutesAreRankedByServerNameThenNetworks() {
    func stream(_ number: Int, _ change: (inout RouteDefinition) -> Void) -> RouteDefinition {
      route(number) {
        $0.protocols = ["tls"]
        change(&$0)
      }
    }
    let sni = stream(1) { $0.snis = ["a.com"] }
    let source = stream(2) { $0.sources = [RouteNetwork(ip: "10.0.0.1")] }
    let block = stream(3) { $0.sources = [RouteNetwork(ip: "10.0.0.0/8")] }
    let both = stream(4) {
      $0.sources = [RouteNetwork(ip: "10.0.0.0/8")]
      $0.destinations = [RouteNetwork(port: 443)]
    }
    let request = TestRequest("", "", host: "")
    request.scheme = .tls
    request.sni = "a.com"
    request.source = IPAddress("10.0.0.1").map { RouteEndpoint(address: $0, port: 5) }
    request.destination = IPAddress("10.9.0.1").map { RouteEndpoint(address: $0, port: 443) }
    #expect(self.winner([sni, source, block, both], request) == 4)
    #expect(self.winner([sni, source, block], request) == 1)
    #expect(self.winner([source, block], request) == 2)
    request.sni = "b.com"
    #expect(self.winner([sni, block], request) == 3)
    // Neither kind of request reaches the other's routes.
    #expect(self.winner([sni, route(5) { $0.paths = ["/"] }], TestRequest("GET", "/")) == 5)
  }
}
