// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// The expressions flavor (facts of proxy, section 2.4).
@Suite struct ExpressionTests {
  private static var request: TestRequest {
    let request = TestRequest("GET", "/api/v1/Users/42/", host: "api.example.com")
    request.headers = [("X-Env", "Prod"), ("x-many", "one"), ("X-Many", "two")]
    request.queries = [("q", "alpha"), ("flag", "")]
    request.port = 8443
    request.sni = "api.example.com"
    request.source = IPAddress("10.1.2.3").map { RouteEndpoint(address: $0, port: 40_000) }
    request.destination = IPAddress("2001:db8::5").map { RouteEndpoint(address: $0, port: 443) }
    return request
  }

  private func holds(_ expression: String) -> Bool {
    let build = Router.compile([route(1, expression: expression)], flavor: .expressions)
    #expect(build.problems.isEmpty, "\(build.problems)")
    return Self.request.match(build.router) != nil
  }

  @Test(arguments: [
    #"http.method == "GET""#, #"http.method != "POST""#, #"http.host == "api.example.com""#,
    // Neither case nor a final dot counts in names of hosts.
    #"http.host == "API.example.com""#, #"http.host == "api.example.com.""#, #"lower(http.host) == "API.Example.COM.""#,
    #"http.host ^= "API.""#, #"http.host =^ ".COM.""#, #"http.host contains "EXAMPLE""#, #"http.host ~ "^API\.""#,
    #"http.host ~ "COM$""#, #"lower(http.host) ~ "Example""#, #"tls.sni == "API.example.com.""#,
    #"tls.sni ~ "^API""#, #"!(http.host != "API.EXAMPLE.COM")"#,
    #"http.host ^= "api.""#, #"http.host =^ ".com""#, #"http.path contains "/v1/""#, #"http.path ~ "^/api/v\\d/""#,
    #"lower(http.path) ^= "/api/v1/users""#, #"lower(http.path) ~ "users""#, ##"http.path == r#"/api/v1/Users/42/"#"##,
    #"http.path.segments.0 == "api""#, #"http.path.segments.1_2 == "v1/Users""#, "http.path.segments.len == 4",
    #"http.headers.x_env == "Prod""#, #"lower(http.headers.x_env) == "prod""#, #"any(http.headers.x_many) == "two""#,
    #"any(lower(http.headers.x_env)) == "prod""#, #"lower(any(http.headers.x_env)) =^ "od""#,
    #"http.headers.x_many != "three""#, #"http.queries.q ^= "al""#, #"http.queries.flag == """#,
    "net.dst.port == 8443", "net.port >= 0x20fb", "net.src.port > 39999", "net.src.port <= 40000",
    "net.src.port < 0116101", "net.src.port != -1", "net.src.ip == 10.1.2.3", "net.src.ip in 10.0.0.0/8",
    "net.src.ip not in 11.0.0.0/8", "net.dst.ip in 2001:db8::/32", "net.dst.ip != ::1",
    "net.dst.ip not   in 10.0.0.0/8",
    #"net.protocol == "https""#, #"tls.sni =^ "example.com""#, #"!(http.method == "POST")"#,
    #"! ( http.method == "POST" || http.path ^= "/x" ) && net.src.port==40000"#,
    #"http.path ^= "/a" || http.path ^= "/b" && http.method == "GET""#,
  ])
  func thatHold(_ expression: String) {
    #expect(self.holds(expression))
  }

  @Test(arguments: [
    #"http.method == "get""#, #"http.host != "API.example.com""#, #"http.host =^ "api""#, #"http.path =^ "/x""#,
    #"http.path contains "zz""#,
    #"http.path.segments.4 == """#, #"http.path.segments.2_9 == "x""#, "http.path.segments.len == 5",
    // Without any() all values must satisfy.
    #"http.headers.x_many == "two""#, #"http.headers.x_many ^= "o""#,
    // A missing field satisfies nothing, not even !=.
    #"http.headers.none != "x""#, #"http.queries.none != "x""#, #"any(http.headers.none) == "x""#,
    #"http.headers.x_env == "prod""#, "net.src.ip in 11.0.0.0/8", "net.src.ip in ::/0", "net.src.ip == 10.1.2.4",
    "net.dst.ip not in 2001:db8::/32", #"net.protocol == "http""#, #"!(http.method == "GET")"#,
    // || binds tighter: (path || method) && POST.
    #"http.path ^= "/api" || http.method == "GET" && http.method == "POST""#,
  ])
  func thatDoNotHold(_ expression: String) {
    #expect(!self.holds(expression))
  }

  @Test(arguments: [
    ("", 0), (#"http.path = "/a""#, 10), (#"http.path == /a"#, 13), (#"http.nope == "a""#, 0),
    (#"foo(http.path) == "a""#, 0),
    ("http.path == 1", 13), ("net.src.port == \"a\"", 16), ("net.src.ip == 10.0.0.0/8", 11),
    ("net.src.ip in 10.0.0.1", 11),
    ("net.src.ip == 300.0.0.1", 14), ("net.src.ip in 10.0.0.1/8", 14), ("net.src.ip in 10.0.0.0/33", 14),
    ("lower(net.src.port) == 1", 0), (#"http.path ~ "(""#, 12), (#"http.path == "a\x""#, 15), (#"http.path == "a"#, 13),
    (#"http.path == r#"a"#, 13), (#"(http.path == "a""#, 17), (#"http.path == "a" && "#, 20),
    (#"http.path == "a" x"#, 17),
    (#"! http.path == "a""#, 0), ("net.src.port > 99999999999999999999", 15), (#"http.path > "a""#, 10),
    ("net.src.port contains 1", 13), (#"http.path.segments.01 == "a""#, 0), (#"http.path.segments.2_1 == "a""#, 0),
    (#"http.headers.x.y == "a""#, 0), (#"http.path == "a" || || http.path == "b""#, 20),
  ])
  func badOnesAreRefusedWithTheirPosition(_ expression: String, _ position: Int) {
    let build = Router.compile([route(1, expression: expression)], flavor: .expressions)
    #expect(build.problems.count == 1)
    #expect(build.problems.first?.field == "expression")
    #expect(build.problems.first?.position == position, "\(build.problems)")
    #expect(build.problems.first?.reason.isEmpty == false)
    #expect(build.router.routeCount == 0)
    #expect(RouteExpression.fault(in: expression)?.position == position)
  }

  @Test func nestingIsBounded() {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + #"http.path ^= "/""# + String(repeating: ")", count: depth)
    }
    #expect(self.holds(nested(64)))
    #expect(Router.compile([route(1, expression: nested(100_000))], flavor: .expressions).problems.count == 1)
  }

  @Test func longChainsAreFine() {
    let chain = (0..<5_000).map { #"http.path == "/\#($0)""# }.joined(separator: " || ")
    #expect(!self.holds(chain))
    #expect(self.holds(chain + #" || http.path ^= "/api""#))
  }

  @Test func prioritiesOrderAndExpressionsPrecedeFields() {
    let routes = [
      route(1, expression: #"http.path ^= "/""#, priority: 5),
      route(2, expression: #"http.path ^= "/api/v1""#, priority: 4),
      route(3) { ($0.hosts, $0.paths, $0.methods) = (["api.example.com"], ["/api/v1"], ["GET"]) },
    ]
    #expect(Self.request.match(.make(routes, .expressions))?.handle == 1)
    #expect(Self.request.match(.make(Array(routes[1...]), .expressions))?.handle == 2)
    #expect(Self.request.match(.make(Array(routes[2...]), .expressions))?.handle == 3)
  }

  @Test func protocolsOfTheRouteAreAsked() {
    var only = route(1, expression: #"http.path ^= "/""#)
    only.protocols = ["http"]
    #expect(Self.request.match(.make([only], .expressions)) == nil)
    only.protocols = ["grpcs"]
    #expect(Self.request.match(.make([only], .expressions))?.handle == 1)
    // The gate that redirects to https stands behind the router.
    let plain = TestRequest("GET", "/")
    plain.scheme = .http
    only.protocols = ["https"]
    #expect(plain.match(.make([only], .expressions))?.handle == 1)
  }

  @Test(
    arguments: [
      (#"http.path ^= "/api""#, 4), (#"http.path ~ "^/api/v\\d""#, 7), (#"http.method == "GET""#, nil),
      (#"http.path ^= "/api" && http.path ^= "/api/v1""#, 7), (#"http.path contains "api""#, nil),
      (#"http.path ^= "/x" || http.path ^= "/api""#, 4), (#"http.path =^ "42/""#, 3),
    ] as [(String, Int?)])
  func theLastPathPredicateThatHeldGivesThePrefix(_ expression: String, _ length: Int?) {
    let match = Self.request.match(.make([route(1, expression: expression)], .expressions))
    #expect(match?.matchedPathLength == length)
  }

  @Test func capturesOfALosingRouteAreNotSeen() {
    let scratch = RouterScratch()
    let router = Router.make(
      [
        route(1, expression: #"http.path ~ "^/(?<a>[a-z]+)/v1" && http.method == "POST""#, priority: 9),
        route(2, expression: #"http.path ~ "^/api/(?<b>\\w+)""#, priority: 1),
      ], .expressions)
    let match = Self.request.match(router, scratch: scratch)
    #expect(match == RouteMatch(handle: 2, matchedPathLength: 7, isRegexPath: true))
    #expect(scratch.capture(named: "a") == nil)
    #expect(scratch.capture(named: "b")?.bounds == 5..<7)
  }

  @Test func connectionsHaveNoHTTPFields() {
    var stream = route(1, expression: #"http.path ^= "/""#)
    stream.protocols = ["tcp"]
    #expect(Router.compile([stream], flavor: .expressions).problems.first?.position == 0)
    stream.expression = "net.dst.port == 443"
    let request = TestRequest("", "", host: "")
    request.scheme = .tcp
    request.destination = IPAddress("10.0.0.1").map { RouteEndpoint(address: $0, port: 443) }
    #expect(request.match(.make([stream], .expressions))?.handle == 1)
  }
}
