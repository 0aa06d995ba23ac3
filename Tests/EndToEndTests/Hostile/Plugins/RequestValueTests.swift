// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// What comes out of a request is put where the configuration says, and writes nothing else.
@Suite struct RequestValueTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  private static func declarative(port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - name: query
        paths: [/query]
        plugins:
        - {name: request-transformer, config: {replace: {uri: "/public/$(query_params.id)"}}}
      - name: header
        paths: [/header]
        plugins:
        - {name: request-transformer, config: {replace: {uri: "/public/$(headers.x_id)/end?x=$(headers.x_id)"}}}
      - name: capture
        paths: ["~/capture/(?<rest>.*)$"]
        plugins:
        - {name: request-transformer, config: {replace: {uri: "/public/.$(uri_captures.rest)"}}}
      - name: fields
        paths: [/fields]
        plugins:
        - name: request-transformer
          config: {add: {headers: ["x-made:$(query_params.v)"], querystring: ["made:$(headers.x_id)"]}}
      - {name: kept, paths: [/kept], plugins: [{name: request-transformer, config: {replace: {uri: "//a/./b//../c"}}}]}
      - {name: secure, paths: [/secure], protocols: [https], https_redirect_status_code: 301}
      - name: moved
        paths: [/moved]
        plugins:
        - {name: redirect, config: {location: "https://new.test/x", keep_incoming_path: true}}
      - name: lua
        paths: [/lua]
        plugins:
        - name: request-transformer
          config: {replace: {headers: ["authorization:$(type(headers.x) == 'a' and 'b' or 'c')"]}}
    """
  }

  private func send(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  private func target(_ target: String, _ headers: [(String, String)] = []) throws -> String? {
    try self.send(target, headers).echo().head.word(1)
  }

  @Test func aValueIsOneSegment() throws {
    #expect(try self.target("/query?id=7") == "/public/7?id=7")
    let value = "a%2Fb%3Fadmin%3D1%23%25"
    #expect(try self.target("/query?id=\(value)") == "/public/\(value)?id=\(value)")
    #expect(try self.target("/header", [("X-ID", "a&y=1 b")]) == "/public/a%26y%3D1%20b/end?x=a%26y%3D1%20b")
  }

  @Test(arguments: ["..", "..%2Fadmin", "%2E%2E%2Fadmin", "..%5Cadmin", ".", "..;x%2Fadmin", "x%2F..%2F..%2Fadmin"])
  func aValueDoesNotClimb(value: String) throws {
    #expect(try self.send("/query?id=\(value)").status == 400)
    #expect(try !Self.shared.get().origin.requests.contains { $0.startLine.contains("admin") })
  }

  @Test func aCaptureDoesNotClimbWithWhatIsBeforeIt() throws {
    #expect(try self.target("/capture/a/b") == "/public/.a/b")
    #expect(try self.send("/capture/./x").status != 200 || self.target("/capture/./x") == "/public/.x")
    #expect(try self.send("/capture/.%2Fadmin").status == 400)
  }

  @Test func aFieldIsOneField() throws {
    let head = try self.send("/fields?v=a%0D%0AX-Forged:%201%00%1B", [("X-ID", "1&forged=2#x")]).echo().head
    #expect(head.all("X-Forged") == [] && head.all("X-Made") == ["a  X-Forged: 1"])
    #expect(head.word(1)?.hasSuffix("made=1%26forged%3D2%23x&v=a%0D%0AX-Forged%3A%201%00%1B") == true)
  }

  @Test func whatTheConfigurationSetsIsNotCleaned() throws {
    #expect(try self.target("/kept") == "//a/./b//../c")
  }

  @Test func anAbsoluteTargetRedirectsToItsPath() throws {
    let gateway = try Self.shared.get().gateway
    for (request, location) in [
      ("GET http://a.test/secure?q=1 HTTP/1.1\r\nHost: a.test\r\n\r\n", "https://a.test/secure?q=1"),
      ("GET /secure?q=1 HTTP/1.1\r\nHost: a.test\r\n\r\n", "https://a.test/secure?q=1"),
      ("GET http://a.test/moved/y?q=1 HTTP/1.1\r\nHost: a.test\r\n\r\n", "https://new.test/moved/y?q=1"),
      ("GET /moved/%5Cevil.test HTTP/1.1\r\nHost: a.test\r\n\r\n", "https://new.test/moved/%5Cevil.test"),
    ] {
      let response = try gateway.raw(request)
      #expect(response.status == 301 && response.head.all("Location") == [location])
    }
  }

  /// A file with Lua in its templates loads; the client's own value does not go on in place of what cannot be made.
  @Test func aTemplateInLuaRendersToNothing() throws {
    let head = try self.send("/lua", [("Authorization", "Bearer mine")]).echo().head
    #expect(head.all("Authorization").joined().isEmpty)
    try Self.shared.get().gateway.waitForLog("is a Lua expression that cannot be evaluated yet")
    #expect(try Self.shared.get().gateway.log.contains("request-transformer"))
  }
}
