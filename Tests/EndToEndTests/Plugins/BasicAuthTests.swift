// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The basic-auth plugin (facts: plugins.md 1).
@Suite struct BasicAuthTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }
  private static let consumer = "dc76a6a7-5e46-4a05-9a5e-ca1e0b1b3ac8"

  private static func declarative(port: Int) -> String {
    let configurations = [
      ("plain", "{}"), ("hidden", "{hide_credentials: true}"), ("realm", "{realm: my-realm}"),
      ("anonymous", "{anonymous: nobody}"),
    ]
    let routes = configurations.map { name, configuration in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - name: basic-auth
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
        custom_id: "42"
        basicauth_credentials:
        - {username: alice, password: open sesame}
        - {username: länge, password: "wörter:mit:punkten"}
      - username: nobody
      """
  }

  private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

  private func get(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  private func expectRefused(_ response: Response, realm: String = "service") throws {
    #expect(response.status == 401)
    #expect(response.head.all("WWW-Authenticate") == ["Basic realm=\"\(realm)\""])
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == "{\n  \"message\":\"Unauthorized\",\n  \"request_id\":\"\(id)\"\n}")
    #expect(response["Content-Type"] == "application/json; charset=utf-8")
  }

  @Test func aNameAndItsPasswordPassAndNameTheConsumer() throws {
    let value = Self.basic("alice:open sesame")
    let forged = [("X-Credential-Identifier", "root"), ("X-Anonymous-Consumer", "true")]
    let head = try self.get("/plain", [("Authorization", value)] + forged).echo().head
    #expect(head.all("X-Consumer-ID") == [Self.consumer])
    #expect(head.all("X-Consumer-Username") == ["alice"])
    #expect(head.all("X-Consumer-Custom-ID") == ["42"])
    #expect(head.all("X-Credential-Identifier") == ["alice"])
    #expect(head.all("X-Anonymous-Consumer") == [])
    #expect(head.all("Authorization") == [value])
    #expect(try self.get("/plain", [("Proxy-Authorization", value)]).status == 200)
    #expect(try self.get("/plain", [("Authorization", Self.basic("länge:wörter:mit:punkten"))]).status == 200)
  }

  static let wrong: [[(String, String)]] = [
    [], [("Authorization", "")], [("Authorization", "foobar")], [("Authorization", Self.basic("alice"))],
    [("Authorization", Self.basic("alice:"))], [("Authorization", Self.basic("alice:Open sesame"))],
    [("Authorization", Self.basic("Alice:open sesame"))], [("Authorization", "Basic ?")],
    [("Authorization", "Bearer YWxpY2U6b3BlbiBzZXNhbWU=")], [("Proxy-Authorization", Self.basic("alice:x"))],
  ]

  @Test(arguments: Self.wrong) func anythingElseIsRefused(headers: [(String, String)]) throws {
    try self.expectRefused(try self.get("/plain/never-seen", headers))
    #expect(try !Self.shared.get().origin.requests.contains { $0.word(1) == "/never-seen" })
  }

  @Test func theHashIsNoPassword() throws {
    // The SHA-1 of the password and the id of the consumer.
    let hash = "f3faea6c1dd6c6dd7c1eddc4f01522ef44049d7e"
    try self.expectRefused(try self.get("/plain", [("Authorization", Self.basic("alice:\(hash)"))]))
  }

  @Test func realmIsInTheChallenge() throws { try self.expectRefused(try self.get("/realm"), realm: "my-realm") }

  @Test func credentialsCanBeHidden() throws {
    let value = Self.basic("alice:open sesame")
    #expect(try self.get("/hidden", [("Authorization", value)]).echo().head.all("Authorization") == [])
    let proxied = [("Proxy-Authorization", value), ("Authorization", "Bearer t")]
    let head = try self.get("/hidden", proxied).echo().head
    #expect(head.all("Proxy-Authorization") == [])
    #expect(head.all("Authorization") == ["Bearer t"])
  }

  @Test func anonymousConsumerStandsInForTheUnknown() throws {
    for headers in [[], [("Authorization", Self.basic("alice:wrong"))]] {
      let head = try self.get("/anonymous", headers).echo().head
      #expect(head.all("X-Consumer-Username") == ["nobody"])
      #expect(head.all("X-Anonymous-Consumer") == ["true"])
      #expect(head.all("X-Credential-Identifier") == [])
    }
  }

  /// What an export writes can be read again: passwords are then hashes already.
  @Test func aFileMaySayThatPasswordsAreHashed() throws {
    let fixture = try Fixture(declarative: { port in
      """
      _format_version: "3.0"
      _transform: false
      services:
      - url: http://127.0.0.1:\(port)
        routes: [{paths: [/]}]
      plugins: [{name: basic-auth}]
      consumers:
      - id: \(Self.consumer)
        username: alice
        basicauth_credentials:
        - {username: alice, password: b3abf9938f2edd47ff50d74ccb33ac73bd0e6715}
        - {username: plain, password: kong}
      """
    })
    #expect(try fixture.gateway.get("/", headers: [("Authorization", Self.basic("alice:kong"))]).status == 200)
    #expect(try fixture.gateway.get("/", headers: [("Authorization", Self.basic("plain:kong"))]).status == 401)
  }
}
