// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

@Suite struct ExplainTests {
  @Test func namesTheWinnerAndTheNearestMisses() {
    let routes = [
      route(1) { ($0.paths, $0.methods) = (["/foo"], ["GET"]) },
      route(2) { ($0.paths, $0.methods) = (["/foo"], ["POST", "PUT"]) },
      route(3) { $0.paths = ["/bar"] },
      route(4) { ($0.hosts, $0.headers) = (["x.com", "*.y.com:80"], ["X-V": ["1", "2"]]) },
      route(5) { $0.paths = ["/f"] },
    ]
    let explanation = TestRequest("GET", "/foo/1").explain(.make(routes))
    #expect(explanation.matched?.handle == 1)
    #expect(explanation.match == RouteMatch(handle: 1, matchedPathLength: 4, isRegexPath: false))
    #expect(explanation.misses.map(\.handle) == [5, 2, 3, 4])
    #expect(
      explanation.misses.map(\.reasons) == [
        ["matches too, but r1 has more matching fields (2, not 1)"], ["method GET not in POST,PUT"],
        ["path /foo/1 does not start with /bar"],
        ["host example.com:443 not in x.com,*.y.com:80", "header X-V is missing"],
      ])
  }

  @Test(arguments: [
    (RouterFlavor.traditionalCompatible, "~/a/\\d+$", "path /b does not match ~/a/\\d+$"),
    (.traditional, "~/a/\\d+$", "path /b does not match ~/a/\\d+$"),
  ])
  func regexPathsAreShownAsConfigured(_ flavor: RouterFlavor, _ path: String, _ reason: String) {
    let explanation = TestRequest("GET", "/b").explain(.make([route(1) { $0.paths = [path] }], flavor))
    #expect(explanation.matched == nil)
    #expect(explanation.misses.first?.reasons == [reason])
  }

  @Test func everyAttributeHasItsWords() {
    let routes = [
      route(1) {
        $0.snis = ["a.com"]
        $0.sources = [RouteNetwork(ip: "10.0.0.0/8", port: 5)]
        $0.destinations = [RouteNetwork(port: 80)]
        $0.headers = ["A": ["x"]]
        $0.paths = ["/aa", "/bb"]
      }
    ]
    let request = TestRequest("GET", "/", headers: [("a", "y"), ("a", "z")])
    request.source = IPAddress("11.0.0.1").map { RouteEndpoint(address: $0, port: 9) }
    #expect(
      request.explain(.make(routes)).misses.first?.reasons == [
        "path / starts with none of /aa,/bb", "header A is y,z, not in x", "server name (none) not in a.com",
        "source 11.0.0.1:9 not in 10.0.0.0/8:5", "destination (none) not in *:80",
      ])
  }

  @Test func expressionsShowThePartsThatFailed() {
    let routes = [
      route(
        1,
        expression:
          #"http.path ^= "/a" && (http.method == "PUT" || net.src.port > 5) && net.src.ip in 10.0.0.0/8"#)
    ]
    #expect(
      TestRequest("GET", "/a").explain(.make(routes, .expressions)).misses.first?.reasons == [
        #"expression part http.method == "PUT" || net.src.port > 5 does not hold"#,
        "expression part net.src.ip in 10.0.0.0/8 does not hold",
      ])
  }

  @Test func theNumberOfMissesIsBoundedAndEachRouteIsNamedOnce() {
    let routes = (0..<50).map { number in route(number) { $0.paths = ["/a\(number)", "/b\(number)x", "~/c\(number)"] } }
    let explanation = TestRequest("GET", "/a").explain(.make(routes), limit: 3)
    #expect(explanation.misses.count == 3)
    #expect(Set(explanation.misses.map(\.handle)).count == 3)
    #expect(TestRequest("GET", "/a").explain(.make(routes), limit: 0).misses.isEmpty)
  }
}
