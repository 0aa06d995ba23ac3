// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `trusted_ips`, `real_ip_header`, `real_ip_recursive` and the PROXY protocol.
@Suite struct TrustedPeerTests {
  private static let trusting = Result { try Fixture(settings: ["trusted_ips": "127.0.0.1,::1"]) }

  @Test func forwardedHeadersOfATrustedPeerAreKept() throws {
    let sent = [
      ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "outer.test"), ("X-Forwarded-Port", "443"),
      ("X-Forwarded-Path", "/outer"), ("X-Forwarded-Prefix", "/pre"), ("X-Forwarded-For", "1.2.3.4"),
    ]
    let head = try Self.trusting.get().gateway.get("/in", headers: sent).echo().head
    for (name, value) in sent.dropLast() { #expect(head.all(name) == [value], "\(name)") }
    #expect(head.all("X-Forwarded-For") == ["1.2.3.4, 127.0.0.1"])
  }

  @Test func whatATrustedPeerLeavesOutIsFilledIn() throws {
    let head = try Self.trusting.get().gateway.get("/in").echo().head
    #expect(head.all("X-Forwarded-Proto") == ["http"])
    #expect(head.all("X-Forwarded-Host") == ["gateway.test"])
    #expect(head.all("X-Forwarded-Path") == ["/in"])
    #expect(head.all("X-Real-IP") == ["127.0.0.1"])
  }

  @Test(arguments: [("203.0.113.9", "203.0.113.9"), ("2001:db8::1", "2001:db8::1"), ("garbage", "127.0.0.1")])
  func realAddressComesFromTheHeader(sent: String, seen: String) throws {
    let head = try Self.trusting.get().gateway.get("/", headers: [("X-Real-IP", sent)]).echo().head
    #expect(head.all("X-Real-IP") == [seen])
    #expect(head.all("X-Forwarded-For") == [seen])
  }

  @Test func otherNetworksAreNotTrusted() throws {
    let fixture = try Fixture(settings: ["trusted_ips": "10.0.0.0/8, 192.168.0.0/16"])
    let sent = [("X-Real-IP", "203.0.113.9"), ("X-Forwarded-Proto", "https")]
    let head = try fixture.gateway.get("/", headers: sent).echo().head
    #expect(head.all("X-Real-IP") == ["127.0.0.1"])
    #expect(head.all("X-Forwarded-Proto") == ["http"])
  }

  @Test(arguments: [("off", "10.0.0.2"), ("on", "1.1.1.1")])
  func addressIsTakenFromTheForwardedList(recursive: String, seen: String) throws {
    let fixture = try Fixture(settings: [
      "trusted_ips": "127.0.0.0/8,10.0.0.0/8", "real_ip_header": "X-Forwarded-For", "real_ip_recursive": recursive,
    ])
    let list = "9.9.9.9, 1.1.1.1, 10.0.0.2"
    let head = try fixture.gateway.get("/", headers: [("X-Forwarded-For", list)]).echo().head
    #expect(head.all("X-Real-IP") == [seen])
    #expect(head.all("X-Forwarded-For") == ["\(list), 127.0.0.1"])
  }

  private static let proxied = Result {
    try Fixture(settings: [
      "proxy_listen": "127.0.0.1:@PORT@ proxy_protocol", "trusted_ips": "127.0.0.1",
      "real_ip_header": "proxy_protocol",
    ])
  }

  @Test(arguments: [
    "PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\n", "PROXY TCP6 2001:db8::7 ::1 1234 80\r\n", "PROXY UNKNOWN\r\n",
  ])
  func textHeaderGivesTheAddress(header: String) throws {
    let response = try Self.proxied.get().gateway.raw(header + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let expected = header.contains("UNKNOWN") ? "127.0.0.1" : header.split(separator: " ")[2]
    #expect(try response.echo().head.all("X-Real-IP") == [String(expected)])
  }

  @Test func binaryHeaderGivesTheAddress() throws {
    let client = try RawClient(port: Self.proxied.get().gateway.port)
    var bytes: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12]
    bytes += [203, 0, 113, 8, 127, 0, 0, 1, 0x12, 0x34, 0, 80]
    try client.send(bytes + Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(try client.response().echo().head.all("X-Real-IP") == ["203.0.113.8"])
  }

  @Test func headerInPiecesIsUnderstood() throws {
    let client = try RawClient(port: Self.proxied.get().gateway.port)
    let text = "PROXY TCP4 203.0.113.9 127.0.0.1 1234 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    try client.send(parts: text.map { String($0) })
    #expect(try client.response().echo().head.all("X-Real-IP") == ["203.0.113.9"])
  }

  @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PROXY TCP4 nonsense\r\n\r\n", "PROXY TCP9 a b 1 2\r\n"])
  func connectionWithoutAProperHeaderIsClosed(bytes: String) throws {
    let client = try RawClient(port: Self.proxied.get().gateway.port)
    try client.send(bytes)
    let answer = try client.reader.readToEnd(acceptingReset: true)
    #expect(answer.isEmpty)
  }
}
