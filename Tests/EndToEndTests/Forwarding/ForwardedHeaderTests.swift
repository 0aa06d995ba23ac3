// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What the upstream sees of a request from a peer that is not trusted (facts: proxy.md 3).
@Suite struct ForwardedHeaderTests {
  private static let shared = Result { try Fixture(route: "paths: [/status, /]") }

  private func echo(
    _ method: String = "GET", _ target: String, headers: [(String, String)] = [], body: String? = nil
  ) throws -> Echo {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body).echo()
  }

  @Test func requestLineIsRebuiltFromTheStrippedPathAndTheQuery() throws {
    #expect(try self.echo("GET", "/status/one?x=1&y=%20z").head.startLine == "GET /one?x=1&y=%20z HTTP/1.1")
  }

  @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "M-SEARCH"])
  func methodPassesUnchanged(method: String) throws {
    #expect(try self.echo(method, "/m").head.startLine == "\(method) /m HTTP/1.1")
  }

  @Test func addsEveryForwardedHeaderOnce() throws {
    let fixture = try Self.shared.get()
    let head = try self.echo("GET", "/status/one?x=1").head
    let expected = [
      ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("X-Forwarded-Proto", "http"),
      ("X-Forwarded-Host", "gateway.test"), ("X-Forwarded-Port", String(fixture.gateway.port)),
      ("X-Forwarded-Path", "/status/one"), ("X-Forwarded-Prefix", "/status"), ("Via", Wire.via),
      ("Connection", "keep-alive"), ("Host", "127.0.0.1:\(fixture.origin.port)"),
    ]
    for (name, value) in expected { #expect(head.all(name) == [value], "\(name)") }
  }

  @Test func forwardedHostIsLowerCasedAndHasNoPort() throws {
    let head = try self.echo("GET", "/", headers: [("Host", "GateWay.Test:1234")]).head
    #expect(head.all("X-Forwarded-Host") == ["gateway.test"])
    #expect(head.all("X-Forwarded-Port") == [String(try Self.shared.get().gateway.port)])
  }

  @Test func forwardedPathIsTheRawPathWithoutQuery() throws {
    let head = try self.echo("GET", "/status/%7Ea/./b//c?q=/?").head
    #expect(head.all("X-Forwarded-Path") == ["/status/%7Ea/./b//c"])
  }

  @Test func noPrefixWhenNothingWasStripped() throws {
    #expect(try self.echo("GET", "/other").head.all("X-Forwarded-Prefix") == [])
  }

  @Test func clientForwardedForIsExtended() throws {
    let head = try self.echo("GET", "/", headers: [("X-Forwarded-For", "1.2.3.4, 5.6.7.8")]).head
    #expect(head.all("X-Forwarded-For") == ["1.2.3.4, 5.6.7.8, 127.0.0.1"])
  }

  @Test func otherForwardedHeadersOfAnUntrustedClientAreReplaced() throws {
    let forged = [
      ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Port", "1"),
      ("X-Forwarded-Path", "/evil"), ("X-Forwarded-Prefix", "/evil"), ("X-Real-IP", "9.9.9.9"),
    ]
    let head = try self.echo("GET", "/plain", headers: forged).head
    #expect(head.all("X-Forwarded-Proto") == ["http"])
    #expect(head.all("X-Forwarded-Host") == ["gateway.test"])
    #expect(head.all("X-Forwarded-Port") == [String(try Self.shared.get().gateway.port)])
    #expect(head.all("X-Forwarded-Path") == ["/plain"])
    #expect(head.all("X-Forwarded-Prefix") == [])
    #expect(head.all("X-Real-IP") == ["127.0.0.1"])
  }

  @Test func clientViaIsExtended() throws {
    #expect(try self.echo("GET", "/", headers: [("Via", "1.0 fred")]).head.all("Via") == ["1.0 fred, \(Wire.via)"])
  }

  @Test func ordinaryHeadersKeepNameCaseValueAndOrder() throws {
    let sent = [
      ("X-CuStOm", "A  b;c=\"d\""), ("x-lower", "1"), ("X-Twice", "one"), ("x_underscore", "kept"),
      ("X-Twice", "two"), ("Cookie", "a=b; c=d"), ("X-Empty", ""), ("Authorization", "Basic Zm9v"),
    ]
    let head = try self.echo("GET", "/", headers: sent).head
    let names = Set(sent.map { $0.0 })
    let seen = head.fields.filter { names.contains($0.name) }
    #expect(seen.map(\.name) == sent.map { $0.0 })
    #expect(seen.map(\.value) == sent.map { $0.1 })
  }

  @Test func bodyAndItsLengthPass() throws {
    let echo = try self.echo("POST", "/b", headers: [("Content-Type", "text/weird")], body: "hello\r\n\r\nworld")
    #expect(echo.rest == "hello\r\n\r\nworld")
    #expect(echo.head.all("Content-Length") == ["14"])
    #expect(echo.head.all("Content-Type") == ["text/weird"])
  }

  @Test func requestWithoutBodyGetsNoFraming() throws {
    let head = try self.echo("GET", "/nobody").head
    #expect(head.all("Content-Length") == [])
    #expect(head.all("Transfer-Encoding") == [])
  }

  @Test(arguments: [("trailers", ["trailers"]), ("gzip, trailers", ["trailers"]), ("gzip", []), ("deflate;q=0.5", [])])
  func teCarriesOnlyTrailers(sent: String, seen: [String]) throws {
    #expect(try self.echo("GET", "/", headers: [("TE", sent)]).head.all("TE") == seen)
  }

  @Test(arguments: ["Proxy", "Proxy-Connection", "Keep-Alive"])
  func headersForTheProxyItselfAreRemoved(name: String) throws {
    #expect(try self.echo("GET", "/", headers: [(name, "x")]).head.all(name) == [])
  }

  @Test func headersNamedInConnectionAreRemoved() throws {
    let sent = [("Connection", "keep-alive, X-Hop, x-other"), ("X-Hop", "1"), ("X-Other", "2"), ("X-Stays", "3")]
    let head = try self.echo("GET", "/", headers: sent).head
    #expect(head.all("X-Hop") == [])
    #expect(head.all("X-Other") == [])
    #expect(head.all("X-Stays") == ["3"])
    #expect(head.all("Connection") == ["keep-alive"])
  }

  @Test func upgradeOtherThanWebSocketIsNotForwarded() throws {
    let head = try self.echo("GET", "/", headers: [("Connection", "Upgrade"), ("Upgrade", "h2c")]).head
    #expect(head.all("Upgrade") == [])
    #expect(head.all("Connection") == ["keep-alive"])
  }

  @Test func requestOfManyHeadersArrivesWhole() throws {
    let sent = (1...90).map { ("X-Number-\($0)", "value \($0)") }
    let head = try self.echo("GET", "/", headers: sent).head
    #expect(head.fields.filter { $0.name.hasPrefix("X-Number-") }.map(\.value) == sent.map { $0.1 })
  }
}
