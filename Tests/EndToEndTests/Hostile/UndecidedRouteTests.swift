// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A text made to exhaust the search for a route's regular expression does not lead past the route.
@Suite struct UndecidedRouteTests {
  private static let text = String(repeating: "a", count: 60) + "!"
  private static let hard = "(a+)+(?!b)$"

  private static func gateway(_ flavor: String) throws -> Fixture {
    try Fixture(
      declarative: { port in
        let hosts = "  - {name: by-host, expression: 'http.host ~ \"^(?:a+)+(?=!$)(?!!)\"', priority: 1}"
        return """
          _format_version: "3.0"
          services:
          - name: protected
            url: http://127.0.0.1:\(port)
            plugins: [{name: request-termination, config: {status_code: 403, message: protected}}]
            routes:
            - {name: by-path, paths: ['~/p/\(Self.hard)']}
            - {name: by-header, paths: [/h], headers: {x-tier: ['~*^\(Self.hard)']}}
            - {name: regular, paths: ['~/r/(a+)+$']}
          \(flavor == "expressions" ? hosts : "")
          - name: open
            url: http://127.0.0.1:\(port)
            routes: [{name: all, paths: [/]}]
          """
      }, settings: ["router_flavor": flavor])
  }

  @Test(arguments: ["traditional_compatible", "traditional", "expressions"])
  func isAnsweredWith500AndNamedInTheLog(_ flavor: String) throws {
    let fixture = try Self.gateway(flavor)
    let gateway = fixture.gateway
    #expect(try gateway.get("/p/" + Self.text).status == 500)
    try gateway.waitForLog("route 'by-path'")
    #expect(try gateway.get("/h", headers: [("X-Tier", Self.text)]).status == 500)
    try gateway.waitForLog("route 'by-header'")
    // What can be decided is: the route's own requests, those of others, and texts of patterns that are regular.
    #expect(try gateway.get("/p/aaa").status == 403)
    #expect(try gateway.get("/h", headers: [("X-Tier", "aaa")]).status == 403)
    #expect(try gateway.get("/h").status == 200)
    #expect(try gateway.get("/r/" + Self.text).status == 200)
    #expect(try gateway.get("/r/aaa").status == 403)
    if flavor == "expressions" {
      #expect(try gateway.get("/", headers: [("Host", String(repeating: "a", count: 60) + "!")]).status >= 400)
      #expect(try gateway.get("/", headers: [("Host", "other.test")]).status == 200)
    }
  }
}
