// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A host has one reading: neither its case nor the dot at its end leads past a route that names it.
@Suite struct HostReadingTests {
  /// A protected route for a host, and one that takes everything.
  private static func gateway(_ flavor: String) throws -> Fixture {
    try Fixture(
      declarative: { port in
        let byExpression = """
          - {name: expression, expression: 'http.host == "expr.test"', priority: 1}
          - {name: lowered, expression: 'lower(http.host) == "lower.test"', priority: 1}
          - {name: pattern, expression: 'http.host ~ "^re[0-9]\\\\.test$"', priority: 1}
          - {name: beginning, expression: 'http.host ^= "begin."', priority: 1}
          - {name: ending, expression: 'http.host =^ ".end.test"', priority: 1}
          """
        return """
          _format_version: "3.0"
          services:
          - name: protected
            url: http://127.0.0.1:\(port)
            plugins: [{name: request-termination, config: {status_code: 403, message: protected}}]
            routes:
            - {name: plain, hosts: [Adm.test]}
            - {name: full, hosts: [full.test]}
            - {name: suffix, hosts: ['*.wild.test']}
            - {name: prefix, hosts: ['wild.*']}
            - {name: port, hosts: ['port.test:8443']}
          \(flavor == "expressions" ? byExpression.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n") : "")
          - name: open
            url: http://127.0.0.1:\(port)
            routes: [{name: all, paths: [/]}]
          """
      }, settings: ["router_flavor": flavor])
  }

  private static let shared = Result {
    try ["traditional_compatible", "traditional", "expressions"].reduce(into: [String: Fixture]()) {
      $0[$1] = try Self.gateway($1)
    }
  }

  private static let hosts = [
    "adm.test", "ADM.TEST", "adm.test.", "aDm.TeSt.", "adm.test:80", "ADM.test.:80", "full.test", "FULL.test.",
    "a.wild.test", "A.WILD.TEST.", "b.a.Wild.test.", "wild.org", "WILD.ORG.", "port.test:8443", "Port.TEST.:8443",
  ]

  @Test(arguments: ["traditional_compatible", "traditional", "expressions"], Self.hosts)
  func isProtected(_ flavor: String, _ host: String) throws {
    let fixture = try #require(try Self.shared.get()[flavor])
    #expect(try fixture.gateway.get("/", headers: [("Host", host)]).status == 403)
  }

  @Test(
    arguments: ["traditional_compatible", "traditional", "expressions"],
    [
      "other.test", "adm.testing", "wadm.test", "wild.test.evil.org:80", "port.test", "port.test.:80",
    ])
  func isNotTakenForAnother(_ flavor: String, _ host: String) throws {
    let fixture = try #require(try Self.shared.get()[flavor])
    let status = try fixture.gateway.get("/", headers: [("Host", host)]).status
    #expect(status == (host.hasPrefix("wild.") ? 403 : 200))
  }

  @Test(arguments: [
    "expr.test", "EXPR.test", "expr.test.", "Lower.Test.", "RE1.test", "re1.TEST.", "BEGIN.org.", "x.END.test.",
  ])
  func isProtectedByAnExpression(_ host: String) throws {
    let fixture = try #require(try Self.shared.get()["expressions"])
    #expect(try fixture.gateway.get("/", headers: [("Host", host)]).status == 403)
  }
}
