// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Access and error logs.
@Suite struct LogTests {
  private static let shared = Result { try Fixture(route: "paths: [/in]") }

  private func line(_ target: String, headers: [(String, String)] = []) throws -> String {
    let gateway = try Self.shared.get().gateway
    _ = try gateway.get(target, headers: headers)
    return try gateway.waitForAccessLine(target)
  }

  @Test func lineIsInTheCombinedFormat() throws {
    let gateway = try Self.shared.get().gateway
    let response = try gateway.get(
      "/in/a?b=c", headers: [("User-Agent", "Agent/1 (x)"), ("Referer", "http://r.test/")])
    let line = try gateway.waitForAccessLine("/in/a?b=c")
    let pattern = try Regex(
      #"^127\.0\.0\.1 - - \[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\] "#
        + #""GET /in/a\?b=c HTTP/1\.1" 200 \#(response.body.count) "http://r\.test/" "Agent/1 \(x\)""#)
    #expect(line.firstMatch(of: pattern) != nil, "\(line)")
    if line.contains("kong_request_id") {
      #expect(line.hasSuffix(" kong_request_id: \"\(response["X-Kong-Request-Id"] ?? "")\""))
    }
  }

  @Test func missingFieldsAreDashes() throws {
    let line = try self.line("/in/plain-line")
    #expect(line.contains("\"GET /in/plain-line HTTP/1.1\" 200 "))
    #expect(line.contains(" \"-\" \"-\""))
  }

  @Test func errorsOfTheGatewayAreLoggedToo() throws {
    #expect(try self.line("/nowhere-line").contains("\" 404 "))
  }

  @Test func quotesAndOddBytesCannotForgeALine() throws {
    let line = try self.line("/in/quoted-line", headers: [("User-Agent", "a\" 200 \\ \u{e9}")])
    #expect(line.contains(#""a\x22 200 \x5C \xC3\xA9""#))
  }

  @Test func userOfBasicAuthenticationIsNamed() throws {
    let line = try self.line("/in/user-line", headers: [("Authorization", "Basic YWxpY2U6c2VjcmV0")])
    #expect(line.hasPrefix("127.0.0.1 - alice ["))
  }

  @Test func malformedRequestIsLogged() throws {
    let gateway = try Self.shared.get().gateway
    _ = try gateway.raw("GET /bad-line HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    #expect(try gateway.waitForAccessLine("/bad-line").contains(" 400 "))
  }

  @Test func countsOneLineForEachRequest() throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    for number in 0..<200 {
      try client.request("GET", "/n/\(number)")
      #expect(try client.response().status == 200)
    }
    _ = try fixture.gateway.waitForAccessLine("/n/199 ")
    try Deadline.wait(for: "200 lines") { fixture.gateway.accessLog.split(separator: "\n").count == 200 }
  }

  @Test func linesAreNotLostWhenItStops() throws {
    let fixture = try Fixture()
    for number in 0..<20 { #expect(try fixture.gateway.get("/n/\(number)").status == 200) }
    fixture.gateway.signal(SIGTERM)
    #expect(try fixture.gateway.waitForExit() == 0)
    #expect(fixture.gateway.accessLog.split(separator: "\n").count == 20)
  }

  @Test func offWritesNothing() throws {
    let fixture = try Fixture(settings: ["proxy_access_log": "off"])
    #expect(try fixture.gateway.get("/silent").status == 200)
    fixture.gateway.signal(SIGTERM)
    _ = try fixture.gateway.waitForExit()
    #expect(fixture.gateway.accessLog == "")
    #expect(!fixture.gateway.log.contains("GET /silent HTTP/1.1\" 200"))
  }

  @Test func pathIsTakenAsGiven() throws {
    let folder = try TemporaryFolder()
    let fixture = try Fixture(settings: ["proxy_access_log": folder.file("mine.log").path])
    #expect(try fixture.gateway.get("/own-path").status == 200)
    try Deadline.wait(for: "a line in the given file") { contents(of: folder.file("mine.log")).contains("/own-path") }
  }
}
