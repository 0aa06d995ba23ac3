// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// The index never hides a route that matches: every route stands in the table twice, once in a form
/// of which the index can make nothing, and both forms must decide alike.
@Suite struct IndexSoundnessTests {
  private static let pieces = [
    "/", "/a", "/ab", "a", "b", "/users", "/v1", "\\d+", "\\w+", "[a-z]+", "[^/]+", "[^a]", ".", ".*", "x?", "/?",
    "b{2}", "(a|b)",
    "(/a|/b)", "(?:ab)", "(?<n>\\w+)", "(a/b)?", "(/v\\d)+", "\\.", "\\/", "(?i)A", "[/a]", "[.-9]", "\\x2f", "\\D",
    "$", "(?=/a)",
    "[[:alpha:]]+", "a|b", "\\Qa|b\\E", "[]a/]", "(a[)]b)", "{x}", "{,2}", "\\S+", "a+?", "[^/.]+\\.json", "(?#c)",
    "\\b", "(?P<m>a)/",
  ]
  private static let words = [
    "/", "a", "ab", "b", "bb", "users", "v1", "42", ".json", "A", "a|b", "x", "{x}", "//", ".",
  ]

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func regexPaths(_ seed: UInt64) {
    var random = Seeded(state: seed)
    let scratch = RouterScratch()
    var matched = 0
    for _ in 0..<120 {
      let pattern = "/" + (0..<Int.random(in: 1...6, using: &random)).map { _ in random.pick(Self.pieces) }.joined()
      let paths = ["~\(pattern)", "~(?:\(pattern))|(?!)"]
      let routers = paths.map { path in Router.make([route(1) { $0.paths = [path] }]) }
      // Both compile or neither; an inline option may spread differently, so both are asked the same way.
      guard routers[0].routeCount == 1, routers[1].routeCount == 1 else { continue }
      for _ in 0..<12 {
        let path = "/" + (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(Self.words) }.joined()
        let hasTopAlternative = pattern.contains("a|b")
        let request = TestRequest("GET", path)
        let indexed = request.match(routers[0], scratch: scratch)
        let plain = request.match(routers[1], scratch: scratch)
        if plain != nil { matched += 1 }
        // "^a|b" anchors its first alternative only, "^(?:a|b)" both.
        if hasTopAlternative, indexed != nil { continue }
        #expect((indexed != nil) == (plain != nil), "\(pattern) on \(path)")
      }
    }
    #expect(matched > 50)
  }

  private static let predicates = [
    #"http.path ^= "/a""#, #"http.path == "/a/b""#, #"http.path ~ "^/a/[0-9]+/c""#, #"http.path ~ "b$""#,
    #"http.path =^ "b""#,
    #"lower(http.path) ^= "/a""#, #"http.path != "/a""#, #"http.host == "a.com""#, #"http.host =^ ".com""#,
    #"http.host ^= "x.""#,
    #"http.host != "a.com""#, #"lower(http.host) == "a.com""#, #"http.method == "GET""#, #"http.method != "PUT""#,
    #"lower(http.method) == "get""#, #"http.headers.x == "One""#, #"any(http.headers.x) == "two""#,
    #"lower(http.headers.x) == "one""#,
    #"http.headers.x != "one""#, #"http.queries.q == "1""#, #"tls.sni == "a.com""#, "net.dst.port == 443",
  ]

  private func expression(_ depth: Int, _ random: inout Seeded) -> String {
    guard depth > 0, random.chance(70) else { return random.pick(Self.predicates) }
    let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ in self.expression(depth - 1, &random) }
    let text = "(" + parts.joined(separator: random.pick([" && ", " && ", " || "])) + ")"
    return random.chance(15) ? "!" + text : text
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func expressions(_ seed: UInt64) {
    var random = Seeded(state: seed &* 31)
    let scratch = RouterScratch()
    for _ in 0..<12 {
      // More than a list's limit, so that crowded places are divided.
      let expressions = (0..<40).map { _ in self.expression(2, &random) }
      let indexed = Router.make(
        expressions.enumerated().map { route($0, expression: $1, priority: UInt64($0 % 7)) }, .expressions)
      let plain = Router.make(
        expressions.enumerated().map {
          route($0, expression: "(\($1)) || (net.src.port == 1 && net.src.port == 2)", priority: UInt64($0 % 7))
        }, .expressions)
      #expect(indexed.routeCount == 40 && plain.routeCount == 40)
      for _ in 0..<120 {
        let request = TestRequest(
          random.pick(["GET", "PUT", "BREW"]), random.pick(["/", "/a", "/a/b", "/a/7/c", "/b", "/A"]),
          host: random.pick(["a.com", "x.com", "x.org", "", "A.com"]))
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          request.headers.append(("X", random.pick(["One", "two", "ONE"])))
        }
        if random.chance(50) { request.queries = [("q", "1")] }
        if random.chance(50) { request.sni = "a.com" }
        request.scheme = random.pick([.http, .https])
        let answer = request.match(plain, scratch: scratch)?.handle
        let text = "\(request.method) \(request.host)\(request.path)"
        #expect(request.match(indexed, scratch: scratch)?.handle == answer, "\(text)")
      }
    }
  }

  @Test func oneRouteOfManyAlikeIsFoundByItsHeaderOrServerNameOrMethod() {
    let routes = (0..<600).map { number in
      route(number) {
        $0.paths = ["/same"]
        switch number % 3 {
        case 0: $0.headers = ["X-Env": ["prod"], "X-Tenant": ["t\(number)", "u\(number)"]]
        case 1: ($0.snis, $0.protocols) = (["s\(number).com"], ["https"])
        default: $0.methods = ["M\(number)"]
        }
      }
    }
    var router = Router.make(routes)
    func winners() -> [Int?] {
      let header = TestRequest(
        "GET", "/same", headers: [("x-env", "PROD"), ("x-tenant", "U300"), ("x-tenant", "none")])
      let sni = TestRequest("GET", "/same")
      sni.sni = "s301.com"
      let plain = TestRequest("GET", "/same")
      plain.scheme = .http
      let requests = [header, sni, TestRequest("M302", "/same"), plain, TestRequest("GET", "/same")]
      return requests.map { $0.match(router)?.handle }
    }
    #expect(winners() == [300, 301, 302, 598, nil])
    router = router.replacing(removing: [routeID(300), routeID(301), routeID(302), routeID(598)], adding: []).router
    #expect(winners() == [nil, nil, nil, 595, nil])
  }
}
