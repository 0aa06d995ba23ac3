// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// How the path for the upstream is put together (facts: proxy.md 2.5), for each kind of service path and route.
@Suite struct UpstreamPathTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let service: String
    let request: String
    let upstream: String
    var testDescription: String { "\(self.service): \(self.request) -> \(self.upstream)" }

    init(_ service: String, _ request: String, _ upstream: String) {
      self.service = service
      self.request = request
      self.upstream = upstream
    }
  }

  /// Four services told apart by host, each with a stripping route `/s`, one ending in a slash, and a plain one `/n`.
  private static let shared = Result {
    try Fixture(declarative: { port in
      let paths = [("none", ""), ("root", "path: /"), ("base", "path: /b"), ("slash", "path: /b/")]
      let services = paths.map { name, path in
        """
        - name: \(name)
          host: 127.0.0.1
          port: \(port)
          \(path)
          routes:
          - name: \(name)-strip
            hosts: [\(name).test]
            paths: [/s, /t/]
          - name: \(name)-plain
            hosts: [\(name).test]
            paths: [/n]
            strip_path: false
          - name: \(name)-all
            hosts: [all.\(name).test]
            paths: [/]
            strip_path: false
        """
      }
      return "_format_version: \"3.0\"\nservices:\n" + services.joined(separator: "\n") + "\n"
    })
  }

  static let table = [
    Case("none", "/s", "/"), Case("none", "/s/", "/"), Case("none", "/s/x", "/x"), Case("none", "/sx", "/x"),
    Case("none", "/t/", "/"), Case("none", "/t/x", "/x"), Case("none", "/n", "/n"), Case("none", "/n/x/", "/n/x/"),
    Case("root", "/s", "/"), Case("root", "/s/x", "/x"), Case("root", "/n/x", "/n/x"),
    Case("base", "/s", "/b"), Case("base", "/s/", "/b/"), Case("base", "/s/x", "/b/x"), Case("base", "/sx", "/b/x"),
    Case("base", "/t/", "/b/"), Case("base", "/t/x", "/b/x"), Case("base", "/n", "/b/n"), Case("base", "/n/", "/b/n/"),
    Case("slash", "/s", "/b"), Case("slash", "/s/", "/b/"), Case("slash", "/s/x", "/b/x"),
    Case("slash", "/sx", "/b/x"), Case("slash", "/t/", "/b/"), Case("slash", "/n/x", "/b/n/x"),
  ]

  static let dots = [
    Case("base", "/s../x", "/b/x"), Case("base", "/s./x", "/b/x"), Case("base", "/s..", "/b"),
    Case("base", "/s.", "/b"), Case("none", "/s../x", "/x"),
  ]

  static let queries = [
    Case("none", "/s/x?", "/x?"), Case("none", "/s?a=1&a=2&b=%2f+%20", "/?a=1&a=2&b=%2f+%20"),
    Case("base", "/s?x=/../y//z", "/b?x=/../y//z"), Case("none", "/s/x??", "/x??"),
  ]

  static let normalisation = [
    Case("none", "/s/%7Ea%2D%41", "/~a-A"), Case("none", "/s/a%2fb", "/a%2Fb"), Case("none", "/s/%e4%20", "/%E4%20"),
    Case("none", "/s/x/../y", "/y"), Case("none", "/s/./x/.", "/x/"), Case("none", "/s//x///y", "/x/y"),
    Case("none", "/n/a:b@c!$&'()*+,;=", "/n/a:b@c!$&'()*+,;="), Case("none", "/s/%2e%2e/n/x", "/n/x"),
    Case("none", "/%73/x", "/x"),
  ]

  @Test(arguments: Self.table) func joinsServicePathAndRest(_ one: Case) throws { try self.check(one) }
  @Test(arguments: Self.dots) func restStartingWithDotsCannotClimb(_ one: Case) throws { try self.check(one) }
  @Test(arguments: Self.queries) func queryIsKeptVerbatim(_ one: Case) throws { try self.check(one) }
  @Test(arguments: Self.normalisation) func pathIsNormalised(_ one: Case) throws { try self.check(one) }

  @Test(arguments: [
    Case("base", "/", "/b"), Case("slash", "/", "/b/"), Case("none", "/", "/"), Case("base", "/x", "/b/x"),
  ])
  func routeForEverything(_ one: Case) throws {
    try self.check(Case("all.\(one.service)", one.request, one.upstream))
  }

  @Test func pathThatLeavesTheRouteDoesNotMatchIt() throws {
    let gateway = try Self.shared.get().gateway
    #expect(try gateway.get("/s/../outside", headers: [("Host", "none.test")]).status == 404)
    #expect(try gateway.get("/S/x", headers: [("Host", "none.test")]).status == 404)
  }

  private func check(_ one: Case) throws {
    let response = try Self.shared.get().gateway.get(one.request, headers: [("Host", "\(one.service).test")])
    #expect(try response.echo().head.word(1) == one.upstream)
  }
}
