// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The hmac-auth plugin (facts: plugins.md 1). The signatures were made once with Python's hmac and hashlib: the
/// gateway has to take a date of long ago.
@Suite struct HMACAuthTests {
  private typealias Admin = AdminGateway
  private static let shared = Result { try Fixture(declarative: Self.declarative) }
  private static let consumer = "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"
  private static let date = ("Date", "Tue, 14 Nov 2023 22:13:20 GMT")

  private static func declarative(port: Int) -> String {
    let configurations = [
      ("plain", "{clock_skew: 10000000000}"), ("timely", "{realm: my-realm}"),
      ("enforced", "{clock_skew: 10000000000, enforce_headers: [date, request-line]}"),
      ("body", "{clock_skew: 10000000000, validate_request_body: true}"),
      ("hidden", "{clock_skew: 10000000000, hide_credentials: true, algorithms: [hmac-sha256]}"),
      ("anonymous", "{anonymous: nobody}"),
    ]
    let routes = configurations.map { name, configuration in
      """
        - name: \(name)
          paths: [/\(name)]
          strip_path: false
          plugins:
          - name: hmac-auth
            config: \(configuration)
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(routes.joined(separator: "\n"))
      consumers:
      - id: \(Self.consumer)
        username: alice
        hmacauth_credentials:
        - {username: ann, secret: not-a-real-secret}
      - username: nobody
      """
  }

  private static func authorization(_ headers: String, _ signature: String, algorithm: String = "hmac-sha256") -> String
  {
    #"hmac username="ann", algorithm="\#(algorithm)", headers="\#(headers)", signature="\#(signature)""#
  }

  /// Of the date alone.
  private static let plain = authorization("date", "vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc=")

  private func send(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: String? = nil
  ) throws -> Response {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body)
  }

  private func expectRefused(_ response: Response, _ message: String, challenge: String = "hmac") throws {
    #expect(response.status == 401)
    #expect(response.head.all("WWW-Authenticate") == [challenge])
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == "{\n  \"message\":\"\(message)\",\n  \"request_id\":\"\(id)\"\n}")
  }

  @Test func aRightSignatureNamesTheConsumer() throws {
    let line = Self.authorization("date request-line", "KlMvCru5+arCT/4qK3OVAWaYwSKeUfofD+09mQXyswk=")
    let head = try self.send("GET", "/plain?a=%20b", [Self.date, ("Authorization", line)]).echo().head
    #expect(head.all("X-Consumer-ID") == [Self.consumer] && head.all("X-Consumer-Username") == ["alice"])
    #expect(head.all("X-Credential-Identifier") == ["ann"] && head.all("X-Anonymous-Consumer") == [])
    #expect(head.all("Authorization") == [line])
    let signature = """
      B0boXHl1SYpMi9LiwPG2jMkk2t/n62pRKOqjviN1IjJdRVmn5UITK52By+wK\
      9xL5mr9fdZ8kdmfSML94dtJ28Q==
      """
    let target = Self.authorization("x-date @request-target x-none", signature, algorithm: "hmac-sha512")
    let headers = [("X-Date", Self.date.1), ("Proxy-Authorization", target), ("Authorization", "Basic YTpi")]
    #expect(try self.send("POST", "/plain/x", headers, "any").status == 200)
    try self.expectRefused(self.send("POST", "/plain/y", headers, "any"), "HMAC signature does not match")
  }

  @Test func theOthersAreToldWhy() throws {
    let signed = [Self.date, ("Authorization", Self.plain)]
    try self.expectRefused(self.send("GET", "/plain", [Self.date]), "Unauthorized")
    let untimely = "a valid date or x-date header is required for HMAC Authentication"
    try self.expectRefused(
      self.send("GET", "/timely", signed), "HMAC signature cannot be verified, \(untimely)",
      challenge: "hmac realm=\"my-realm\"")
    try self.expectRefused(
      self.send("GET", "/plain", [Self.date, ("Authorization", "asd")]), "HMAC signature cannot be verified")
    try self.expectRefused(self.send("GET", "/enforced", signed), "HMAC signature cannot be verified")
    let other = Self.plain.replacingOccurrences(of: "\"ann\"", with: "\"bob\"")
    try self.expectRefused(
      self.send("GET", "/plain", [Self.date, ("Authorization", other)]), "HMAC signature cannot be verified")
  }

  @Test func theBodyIsTheOneThatWasSigned() throws {
    let digest = ("Digest", "SHA-256=AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=")
    let signature = Self.authorization("date digest", "ZE20Ehe9vFUwQyhEZlIg8iu84W267VrCF8i4aRU4bR0=")
    let headers = [Self.date, digest, ("Authorization", signature)]
    #expect(try self.send("POST", "/body", headers, #"{"a":1}"#).echo().rest == #"{"a":1}"#)
    try self.expectRefused(self.send("POST", "/body", headers, #"{"a":2}"#), "HMAC signature does not match")
    let signed = [Self.date, ("Authorization", Self.plain)]
    #expect(try self.send("GET", "/body", signed).status == 200)
    try self.expectRefused(self.send("POST", "/body", signed, "x"), "HMAC signature does not match")
    // More than client_body_buffer_size.
    let large = String(repeating: "x", count: 20_000)
    #expect(try self.send("POST", "/body", signed, large).status == 413)
  }

  @Test func credentialsCanBeHidden() throws {
    let head = try self.send("GET", "/hidden", [Self.date, ("Authorization", Self.plain)]).echo().head
    #expect(head.all("Authorization") == [] && head.all("X-Consumer-Username") == ["alice"])
  }

  @Test func anonymousStandsIn() throws {
    let head = try self.send("GET", "/anonymous", [("X-Credential-Identifier", "forged")]).echo().head
    #expect(head.all("X-Consumer-Username") == ["nobody"] && head.all("X-Anonymous-Consumer") == ["true"])
    #expect(head.all("X-Credential-Identifier") == [])
  }

  @Test func credentialsAreMadeAndFoundByName() throws {
    try Admin.make("/consumers", ["username": "hmac-owner"])
    let path = "/consumers/hmac-owner/hmac-auth"
    let made = try Admin.send("POST", path, .json(["username": "hmac-name"]))
    expect(made, 201)
    #expect(made.json["secret"].string?.utf8.count == 32)
    for target in ["/hmac-auths/hmac-name", "/hmac-auths/\(made.id)", "\(path)/hmac-name"] {
      expect(try Admin.send("GET", target), 200, made.json)
    }
    expect(
      try Admin.send("POST", path, .json(["username": "hmac-name"])), 409,
      AdminError.duplicate("username", of: "hmac-name"))
    expect(try Admin.send("POST", path), 400, AdminError.violation("username", "required field missing"))
  }
}
