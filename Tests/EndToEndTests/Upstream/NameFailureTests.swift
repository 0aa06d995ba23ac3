// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Names that cannot be resolved, from the beginning or from some time on.
@Suite struct NameFailureTests {
  private static let name = "origin.gibbon-test.example"

  private static func settings(_ names: NameServer) -> [String: String] {
    [
      "dns_resolver": "127.0.0.1:\(names.port)", "nginx_worker_processes": "1", "dns_valid_ttl": "1",
      "dns_stale_ttl": "1",
    ]
  }

  /// The share of a target without an address goes to the others.
  @Test func aTargetThatHasNoAddressFailsNothing() throws {
    let origin = try Origin { try $0.respond(200, body: "served") }
    let names = try NameServer([:])
    let gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      upstreams:
      - name: pool
        targets:
        - {target: "gone.gibbon-test.example:80", weight: 1000}
        - {target: "127.0.0.1:\(origin.port)", weight: 1}
      services:
      - {name: s, host: pool, routes: [{name: r, paths: [/]}]}
      """, settings: Self.settings(names))
    for _ in 0..<20 { #expect(try gateway.get("/").text == "served") }
  }

  @Test func withoutAnyAddressItIs503() throws {
    let names = try NameServer([:])
    let gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - {name: s, url: "http://gone.gibbon-test.example", routes: [{name: r, paths: [/]}]}
      """, settings: Self.settings(names))
    #expect(try gateway.get("/").status == 503)
  }

  /// `dns_stale_ttl` counts from the end of the answer's own time, however often the server is asked in vain since.
  @Test func addressesAreUsedNoLongerThanTheyMayBeStale() throws {
    let origin = try Origin { try $0.respond(200) }
    var names: NameServer? = try NameServer([Self.name: "127.0.0.1"])
    let settings = Self.settings(try #require(names))
    let gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - {name: s, url: "http://\(Self.name):\(origin.port)", routes: [{name: r, paths: [/]}]}
      """, settings: settings)
    #expect(try gateway.get("/").status == 200)
    names = nil
    try Deadline.wait(for: "the addresses to be too old", seconds: 20) { try gateway.get("/").status == 503 }
  }
}
