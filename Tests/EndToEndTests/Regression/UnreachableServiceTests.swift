// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Services that cannot be reached at all: every failure comes at once, and none may cost the gateway its loop.
@Suite struct UnreachableServiceTests {
  private func declarative(_ broken: String, port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: broken
      url: \(broken)
      retries: 32767
      routes:
      - {name: broken, paths: [/broken]}
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - {name: fine, paths: [/fine]}
    """
  }

  @Test func connectionThatFailsAtOnceIsNotTriedForever() throws {
    let fixture = try Fixture(
      declarative: { self.declarative("http://255.255.255.255:80", port: $0) },
      settings: ["nginx_worker_processes": "1"])
    for _ in 0..<3 {
      #expect(try fixture.gateway.get("/broken").status == 502)
      #expect(try fixture.gateway.get("/fine").status == 200)
    }
    #expect(fixture.gateway.exitCode == nil)
  }

  @Test(arguments: ["dns_not_found_ttl", "dns_error_ttl"])
  func denialThatMayNotBeKeptIsStillAnAnswer(name: String) throws {
    let names = try NameServer([:])
    let host = "nowhere.gibbon-test.example"
    let fixture = try Fixture(
      declarative: { self.declarative("http://\(host):80", port: $0) },
      settings: ["nginx_worker_processes": "1", "dns_resolver": "127.0.0.1:\(names.port)", name: "0"])
    for _ in 0..<3 {
      let response = try fixture.gateway.get("/broken", headers: [("Accept", "text/plain")])
      #expect(response.status == 503)
      #expect(response.text.hasPrefix("name resolution failed"))
      #expect(try fixture.gateway.get("/fine").status == 200)
    }
    #expect(names.questions.contains(host))
    #expect(names.questions.count < 100, "three requests asked \(names.questions.count) questions")
  }

  @Test func addressThatMayNotBeKeptIsStillUsed() throws {
    let names = try NameServer(["origin.gibbon-test.example": "127.0.0.1"])
    let origin = try Origin()
    let gateway = try GatewayProcess(
      self.declarative("http://origin.gibbon-test.example:\(origin.port)", port: origin.port),
      settings: [
        "nginx_worker_processes": "1", "dns_resolver": "127.0.0.1:\(names.port)", "dns_valid_ttl": "0",
      ])
    for _ in 0..<3 { #expect(try gateway.get("/broken").status == 200) }
    #expect(names.questions.count < 100, "three requests asked \(names.questions.count) questions")
  }
}
