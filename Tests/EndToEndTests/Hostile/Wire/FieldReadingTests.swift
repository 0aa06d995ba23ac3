// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Fields that a service could take for the gateway's, and addresses that are read as bytes.
@Suite struct FieldReadingTests {
  private static let shared = Result { try Fixture() }

  @Test(arguments: [
    "X_Forwarded_For", "X-Forwarded_For", "X_Real_IP", "X_Forwarded_Proto", "X_Forwarded_Host", "X_Kong_Request_Id",
    "Transfer_Encoding", "Content_Length", "Proxy_Connection", "Keep_Alive", "x_forwarded_prefix",
  ])
  func namesTakenForTheGatewaysAreDropped(name: String) throws {
    let head = try Self.shared.get().gateway.get("/", headers: [(name, "forged"), ("X_Own", "1")]).echo().head
    #expect(head.all(name) == [])
    #expect(head.all("X_Own") == ["1"])
  }

  @Test func identityInTrailersIsDropped() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        + "X_Consumer_Username: root\r\nX-Forwarded-User: root\r\nX-Credential-Identifier: root\r\n\r\n")
    let seen = try client.response().echo()
    #expect(!seen.rest.contains("root") && !seen.head.all("X-Forwarded-User").contains("root"))
  }

  /// U+0600 joins the comma behind it to one `Character`.
  @Test(arguments: ["\u{600}, 127.0.0.2", "x\u{301}, 127.0.0.2", "127.0.0.2\u{200D}, 127.0.0.2"])
  func listsOfAddressesAreSplitAtTheirBytes(list: String) throws {
    let fixture = try Fixture(settings: [
      "trusted_ips": "127.0.0.1", "real_ip_header": "X-Forwarded-For", "real_ip_recursive": "on",
    ])
    let head = try fixture.gateway.get("/", headers: [("X-Forwarded-For", list)]).echo().head
    #expect(head.all("X-Real-IP") == ["127.0.0.2"])
  }

  /// A rule for an IPv4 address holds for it in IPv6 form too.
  @Test(arguments: ["10.1.2.3", "::ffff:10.1.2.3", "[::ffff:10.1.2.3]:80", " 10.1.2.3:81 "])
  func mappedAddressesAreOneAddress(text: String) throws {
    let fixture = try Fixture(
      global: "plugins: [{name: ip-restriction, config: {deny: [10.1.2.3]}}]",
      settings: ["trusted_ips": "127.0.0.1", "real_ip_header": "X-Forwarded-For"])
    #expect(try fixture.gateway.get("/", headers: [("X-Forwarded-For", text)]).status == 403)
    #expect(try fixture.gateway.get("/", headers: [("X-Forwarded-For", "10.1.2.4")]).status == 200)
  }

  @Test func theTargetsAuthorityReplacesHost() throws {
    let response = try Self.shared.get().gateway.raw(
      "GET http://Real.test./ HTTP/1.1\r\nHost: forged.test\r\n\r\n")
    let head = try response.echo().head
    #expect(head.all("X-Forwarded-Host") == ["real.test"])
    #expect(!head.fields.contains { $0.value.contains("forged") })
  }

  @Test(arguments: ["a%2Etest", "a%20b", "a/b", "a@b", "a\u{e9}"])
  func hostsWithTwoReadingsAreRefused(host: String) throws {
    #expect(try Self.shared.get().gateway.raw("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").status == 400)
  }

  @Test func moreConnectionOptionsThanAnybodyNamesAreRefused() throws {
    let many = String(repeating: "a,", count: 2000)
    let response = try Self.shared.get().gateway.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(many)\r\n\r\n")
    #expect(response.status == 400)
  }

  /// A service that points at the gateway itself is noticed before descriptors run out.
  @Test func aServiceThatLeadsBackIsNoticed() throws {
    let free = try FreePort()
    let port = free.number
    let gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - name: loop
        url: http://127.0.0.1:\(port)
        routes: [{name: loop, paths: [/loop], strip_path: false}]
      """, settings: ["proxy_listen": "127.0.0.1:\(port), 127.0.0.1:@PORT@"])
    let client = try RawClient(port: port)
    try client.send("GET /loop HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try client.response().status == 508)
    try gateway.waitForLog("service 'loop' leads back to this gateway")
  }
}
