// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// A search that is given up is never "no match": a request does not pass by a route that may be its own.
@Suite struct UndecidedTests {
  /// Catastrophic, and with a look-ahead, so that it has no linear form.
  private static let hard = "(a+)+(?!b)$"
  private static let text = String(repeating: "a", count: 60) + "!"

  private static let all = route(1) { $0.paths = ["/"] }

  private func decide(_ routes: [RouteDefinition], _ flavor: RouterFlavor, _ request: TestRequest) -> RouteDecision {
    request.decide(.make(routes, flavor))
  }

  @Test(arguments: RouterFlavor.allCases)
  func ofPaths(_ flavor: RouterFlavor) {
    let hard = route(2) { $0.paths = ["~/\(Self.hard)"] }
    #expect(self.decide([Self.all, hard], flavor, TestRequest("GET", "/" + Self.text)) == .undecided(handle: 2))
    #expect(self.decide([Self.all, hard], flavor, TestRequest("GET", "/x")).match?.handle == 1)
    #expect(self.decide([Self.all, hard], flavor, TestRequest("GET", "/aa")).match?.handle == 2)
  }

  @Test(arguments: RouterFlavor.allCases)
  func ofHeaders(_ flavor: RouterFlavor) {
    let hard = route(2) { ($0.paths, $0.headers) = (["/"], ["x-tier": ["~*\(Self.hard)"]]) }
    let request = TestRequest("GET", "/", headers: [("X-Tier", Self.text)])
    #expect(self.decide([Self.all, hard], flavor, request) == .undecided(handle: 2))
    // Another value that is accepted, or another condition that fails, decides.
    request.headers.append(("x-tier", "aaa"))
    #expect(self.decide([Self.all, hard], flavor, request).match?.handle == 2)
    request.headers.removeLast()
    request.path = "/p"
    let other = route(2) { ($0.paths, $0.headers) = (["~/q"], ["x-tier": ["~*\(Self.hard)"]]) }
    #expect(self.decide([Self.all, other], flavor, request).match?.handle == 1)
  }

  @Test(arguments: [
    (#"http.host ~ "^HARD""#, true), (#"http.path ~ "^/HARD""#, true), (#"any(http.headers.x) ~ "^HARD""#, true),
    (#"http.headers.x ~ "^HARD""#, true), (#"http.queries.q ~ "^HARD""#, true), (#"!(http.path ~ "^/HARD")"#, true),
    (#"lower(http.path) ~ "^/HARD""#, true), (#"http.path.segments.0 ~ "^HARD""#, true), (#"tls.sni ~ "^HARD""#, true),
    (#"http.path ~ "^/HARD" || http.method == "GET""#, false),
    (#"http.path ~ "^/HARD" && http.method == "PUT""#, false),
    (#"http.method == "PUT" && http.path ~ "^/HARD""#, false), (#"http.path ~ "^/HARD" && http.method == "GET""#, true),
    (#"!(http.path ~ "^/HARD" && http.method == "PUT")"#, false),
  ])
  func ofExpressions(_ expression: String, _ isUndecided: Bool) {
    let hard = route(2, expression: expression.replacing("HARD", with: "(?:a+)+(?=!$)(?!!)"), priority: 9)
    let all = route(1, expression: #"http.path ^= "/""#)
    let request = TestRequest("GET", "/" + Self.text, host: Self.text, headers: [("X", Self.text)])
    request.queries = [("q", Self.text)]
    request.sni = Self.text
    let decision = self.decide([all, hard], .expressions, request)
    #expect((decision == .undecided(handle: 2)) == isUndecided, "\(decision)")
  }

  @Test(arguments: RouterFlavor.allCases)
  func routesThatComeBeforeTheUndecidedOneWin(_ flavor: RouterFlavor) {
    let hard = route(2) { $0.paths = ["~/\(Self.hard)"] }
    let winner = route(3) { ($0.hosts, $0.paths) = (["example.com"], ["~/a+"]) }
    let request = TestRequest("GET", "/" + Self.text)
    #expect(self.decide([hard, winner], flavor, request).match?.handle == 3)
    #expect(self.decide([winner, hard], flavor, request).match?.handle == 3)
  }

  @Test func explainNamesIt() {
    let explanation = TestRequest("GET", "/" + Self.text).explain(
      .make([Self.all, route(2) { $0.paths = ["~/\(Self.hard)"] }]))
    #expect(explanation.decision == .undecided(handle: 2))
    #expect(explanation.matched?.handle == 2)
    #expect(explanation.misses.map(\.handle) == [1])
  }

  @Test(arguments: ["(a+)+$", "(a|aa)+$", "([a-z]+)*-", "(a*)*b", "(?:a?){30}a{30}b", ".*.*.*.*=.*"])
  func regularPatternsAreAlwaysDecided(_ pattern: String) {
    let scratch = RouterScratch()
    let router = Router.make([Self.all, route(2) { $0.paths = ["~/\(pattern)"] }])
    let request = TestRequest("GET", "/" + String(repeating: "a", count: 8_000) + "!")
    #expect(request.decide(router, scratch: scratch).match?.handle == 1)
    // Linear: some states of the pattern for each byte.
    #expect(scratch.stepsTaken < 8_000 * 100)
  }

  @Test func theLimitIsForAllSearchesOfARequestTogether() {
    // Each of these is cheap by itself.
    let routes = (0..<5_000).map { number in
      route(number) { $0.headers = ["x": ["~*(a|b)+\(number)$"]] }
    }
    let router = Router.make(routes)
    let scratch = RouterScratch()
    let request = TestRequest("GET", "/", headers: [("x", String(repeating: "ab", count: 2_000))])
    guard case .undecided = request.decide(router, scratch: scratch) else {
      Issue.record("decided")
      return
    }
    // The next request is not charged for it.
    #expect(TestRequest("GET", "/", headers: [("x", "ab17")]).decide(router, scratch: scratch).match?.handle == 17)
  }

  @Test func stepsStayBoundedForManyRoutesAndManyHeaders() {
    let routes = (0..<1_000).map { number in
      route(number) { $0.headers = ["name-\(number)": ["v"]] }
    }
    let router = Router.make(routes)
    let scratch = RouterScratch()
    let request = TestRequest("GET", "/", headers: (0..<300).map { ("other-\($0)", "v") })
    #expect(request.decide(router, scratch: scratch) == .none)
    #expect(scratch.stepsTaken < 50_000)
    // Routes alike that differ in a header's value are found by it.
    let alike = Router.make((0..<3_000).map { number in route(number) { $0.headers = ["tenant": ["t\(number)"]] } })
    request.headers.append(("Tenant", "t1234"))
    #expect(request.decide(alike, scratch: scratch).match?.handle == 1_234)
    #expect(scratch.stepsTaken < 1_000)
  }
}
