// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The Host the upstream gets.
@Suite struct HostHeaderTests {
  private static let shared = Result {
    try Fixture(declarative: { port in
      """
      _format_version: "3.0"
      services:
      - name: address
        url: http://127.0.0.1:\(port)
        routes:
        - {name: kept, paths: [/kept], preserve_host: true}
        - {name: own, paths: [/own]}
      - name: named
        url: http://localhost:\(port)
        routes:
        - {name: named, paths: [/named]}
      """
    })
  }

  @Test func isTheServiceHostAndPortByDefault() throws {
    let fixture = try Self.shared.get()
    let head = try fixture.gateway.get("/own", headers: [("Host", "client.test")]).echo().head
    #expect(head.all("Host") == ["127.0.0.1:\(fixture.origin.port)"])
  }

  @Test func isTheNameOfTheServiceNotItsAddress() throws {
    let fixture = try Self.shared.get()
    #expect(try fixture.gateway.get("/named").echo().head.all("Host") == ["localhost:\(fixture.origin.port)"])
  }

  @Test(arguments: ["client.test", "Client.Test:8080", "[::1]:8000"])
  func isTheClientsWithPreserveHost(host: String) throws {
    let head = try Self.shared.get().gateway.get("/kept", headers: [("Host", host)]).echo().head
    #expect(head.all("Host") == [host])
  }

  @Test func absoluteTargetRoutesByItsOwnHostAndIsForwardedInOriginForm() throws {
    let response = try Self.shared.get().gateway.raw(
      "GET http://absolute.test/own/x?y HTTP/1.1\r\nHost: other.test\r\n\r\n")
    let head = try response.echo().head
    #expect(head.startLine == "GET /x?y HTTP/1.1")
    #expect(head.all("X-Forwarded-Host") == ["absolute.test"])
  }
}
