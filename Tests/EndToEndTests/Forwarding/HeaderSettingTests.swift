// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The properties `headers`, `headers_upstream` and `allow_debug_header`.
@Suite struct HeaderSettingTests {
  private static let made = [
    "Via", "X-Kong-Upstream-Latency", "X-Kong-Proxy-Latency", "X-Kong-Request-Id", "X-Kong-Upstream-Status",
  ]

  struct Case: Sendable, CustomTestStringConvertible {
    let setting: String
    let proxied: [String]
    let own: [String]
    var testDescription: String { "headers = \(self.setting)" }
  }

  static let cases = [
    Case(setting: "off", proxied: [], own: []),
    Case(setting: "server_tokens", proxied: ["Via"], own: ["Server"]),
    Case(
      setting: "latency_tokens", proxied: ["X-Kong-Upstream-Latency", "X-Kong-Proxy-Latency"],
      own: ["X-Kong-Response-Latency"]),
    Case(setting: "X-Kong-Upstream-Status", proxied: ["X-Kong-Upstream-Status"], own: []),
    Case(setting: "x-kong-request-id, via", proxied: ["Via", "X-Kong-Request-Id"], own: ["X-Kong-Request-Id"]),
    Case(
      setting: "server_tokens, X-Kong-Proxy-Latency", proxied: ["Via", "X-Kong-Proxy-Latency"], own: ["Server"]),
  ]

  @Test(arguments: Self.cases) func onlyTheListedHeadersAreAdded(_ one: Case) throws {
    let fixture = try Fixture(route: "paths: [/in]", settings: ["headers": one.setting])
    let proxied = try fixture.gateway.get("/in")
    #expect(proxied.status == 200)
    #expect(Set(Self.made.filter { proxied[$0] != nil }) == Set(one.proxied))
    #expect(proxied["Server"] == "origin/1")
    let own = try fixture.gateway.get("/out")
    #expect(own.status == 404)
    let possible = Self.made + ["Server", "X-Kong-Response-Latency"]
    #expect(Set(possible.filter { own[$0] != nil }) == Set(one.own))
    if one.proxied.contains("X-Kong-Upstream-Status") { #expect(proxied["X-Kong-Upstream-Status"] == "200") }
  }

  @Test func upstreamRequestIDCanBeTurnedOff() throws {
    let fixture = try Fixture(settings: ["headers_upstream": "off"])
    let response = try fixture.gateway.get()
    #expect(try response.echo().head.all("X-Kong-Request-Id") == [])
    #expect(Wire.isRequestID(response["X-Kong-Request-Id"]))
  }

  @Test func debugHeaderNamesRouteAndService() throws {
    let fixture = try Fixture(settings: ["allow_debug_header": "on"])
    let plain = try fixture.gateway.get()
    #expect(plain["Kong-Route-Name"] == nil)
    let traced = try fixture.gateway.get("/", headers: [("Kong-Debug", "1")])
    #expect(traced["Kong-Route-Name"] == "everything")
    #expect(traced["Kong-Service-Name"] == "origin")
    #expect(traced["Kong-Route-Id"]?.utf8.count == 36)
    #expect(traced["Kong-Service-Id"]?.utf8.count == 36)
  }

  @Test func unknownHeaderNameIsRefusedAtStart() throws {
    let error = try #require(throws: HarnessError.self) {
      _ = try Fixture(settings: ["headers": "x-kong-nonsense"])
    }
    #expect(error.description.contains("headers"))
  }
}
