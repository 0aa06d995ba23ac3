// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct ListenerTests {
  private func one(_ text: String, _ kind: Listener.Kind = .http) throws -> Listener {
    let list = try Listener.list(text, kind: kind)
    #expect(list.count == 1)
    return try #require(list.first)
  }

  @Test(arguments: [
    ("127.0.0.1:8000", Listener.Address.ipv4("127.0.0.1"), 8000),
    ("*:80", .ipv4("0.0.0.0"), 80),
    ("[::1]:8000", .ipv6("::1"), 8000),
    ("localhost:0", .hostname("localhost"), 0),
    ("unix:/run/g.sock", .unix("/run/g.sock"), 0),
  ])
  func addressesAreTakenApart(_ text: String, _ address: Listener.Address, _ port: UInt16) throws {
    let listener = try self.one(text)
    #expect(listener.address == address)
    #expect(listener.port == port)
  }

  @Test func everyFlagIsKnown() throws {
    let listener = try self.one(
      "0.0.0.0:1 ssl http2 proxy_protocol deferred bind reuseport backlog=16384 ipv6only=off so_keepalive=30m::10")
    #expect(listener.isTLS && listener.isHTTP2 && listener.acceptsProxyProtocol && listener.isDeferred)
    #expect(listener.bindsSeparately && listener.reusesPort)
    #expect(listener.backlog == 16384)
    #expect(listener.isIPv6Only == false)
    #expect(listener.socketKeepalive == .tuned(idle: .seconds(1800), interval: nil, count: 10))
    #expect(try self.one("0.0.0.0:1 so_keepalive=on").socketKeepalive == .on)
    #expect(try self.one("0.0.0.0:1 udp reuseport", .stream).isUDP)
  }

  @Test func withoutFlagsNothingIsAsked() throws {
    let listener = try self.one("0.0.0.0:1")
    #expect(!listener.isTLS && !listener.isHTTP2 && !listener.acceptsProxyProtocol && !listener.reusesPort)
    #expect(listener.backlog == nil && listener.isIPv6Only == nil && listener.socketKeepalive == nil)
  }

  @Test func offIsAnEmptyList() throws {
    #expect(try Listener.list("off", kind: .http).isEmpty)
    #expect(try load("proxy_listen = off").listen.proxy.isEmpty)
  }

  @Test func severalStandInOrder() throws {
    let listeners = try load().listen.proxy
    #expect(listeners.map(\.description) == ["0.0.0.0:8000", "0.0.0.0:8443"])
    #expect(listeners.map(\.isTLS) == [false, true])
  }

  @Test(arguments: [
    "", ",", "0.0.0.0:1, off", "0.0.0.0", "0.0.0.0:", "0.0.0.0:x", "0.0.0.0:65536", ":8000", "::1:8000", "[::1]",
    "[::1]8000", "[::1:8000", "[1.2.3.4]:1", "1.2.3:8000", "999.1.1.1:80", "a b:1", "unix:", "0.0.0.0:1 fast",
    "0.0.0.0:1 backlog", "0.0.0.0:1 backlog=", "0.0.0.0:1 backlog=0", "0.0.0.0:1 backlog=99999999999",
    "0.0.0.0:1 ipv6only=yes", "0.0.0.0:1 so_keepalive=", "0.0.0.0:1 so_keepalive=::", "0.0.0.0:1 so_keepalive=1:2",
    "0.0.0.0:1 so_keepalive=x::", "0.0.0.0:1 udp", "0.0.0.0:1, 0.0.0.0:1 ssl", "ho$t:1",
    "unix:/" + String(repeating: "x", count: 200),
  ])
  func othersAreRefused(_ text: String) {
    #expect(throws: ValueFault.self) { try Listener.list(text, kind: .http) }
  }

  @Test(arguments: ["0.0.0.0:1 http2", "0.0.0.0:1 deferred"])
  func streamsHaveTheirOwnFlags(_ text: String) {
    #expect(throws: ValueFault.self) { try Listener.list(text, kind: .stream) }
  }

  @Test func anAddressServesOnePurpose() {
    #expect(
      problems("admin_listen = 0.0.0.0:8000") == [
        "/test/gibbon.conf:1: admin_listen = '0.0.0.0:8000': 0.0.0.0:8000 is also used by proxy_listen"
      ])
    #expect(problems("proxy_listen = 127.0.0.1:0\nadmin_listen = 127.0.0.1:0").isEmpty)
  }
}
