// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Keys that a client sends do not end up where they are none of anybody's business.
@Suite struct SentCredentialTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  private static func declarative(port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - name: key
        paths: [/key]
        plugins:
        - name: key-auth
          config: {hide_credentials: true, key_in_body: true, key_names: [apikey, api_key], anonymous: nobody}
      - name: basic
        paths: [/basic]
        plugins: [{name: basic-auth, config: {hide_credentials: true, anonymous: nobody}}]
      - {name: hmac, paths: [/hmac], plugins: [{name: hmac-auth, config: {hide_credentials: true, anonymous: nobody}}]}
      - {name: jwt, paths: [/jwt], plugins: [{name: jwt, config: {uri_param_names: [token]}}]}
      - {name: acl, paths: [/acl], plugins: [{name: key-auth}, {name: acl, config: {allow: [users]}}]}
    plugins:
    - {name: file-log, config: {path: /dev/stdout}}
    consumers:
    - {username: alice, keyauth_credentials: [{key: s3cret}], acls: [{group: users}]}
    - {username: nobody}
    """
  }

  private func send(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: String? = nil
  ) throws -> (head: MessageHead, rest: String) {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body).echo()
  }

  private static func part(_ name: String, _ value: String) -> String {
    "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
  }

  @Test(arguments: ["s3cret", "wrong"]) func aKeyIsTakenOffWhoeverItIs(key: String) throws {
    let user = key == "wrong" ? "nobody" : "alice"
    let form = ("Content-Type", "application/x-www-form-urlencoded")
    let multipart = ("Content-Type", "multipart/form-data; boundary=B")
    for (target, headers, body) in [
      ("/key?a=%31", [("apikey", key)], nil), ("/key?apikey=\(key)&a=%31", [], nil),
      ("/key?a=1", [("api-key", key)], nil),
      ("/key?a=1", [form], "apikey=\(key)&b=2"), ("/key?a=1", [multipart], Self.part("apikey", key) + "--B--\r\n"),
      ("/key?a=1", [("Content-Type", "application/json")], "{\"apikey\":\"\(key)\"}"),
    ] as [(String, [(String, String)], String?)] {
      let (head, rest) = try self.send("POST", target, headers, body)
      #expect(head.all("X-Consumer-Username") == [user] && head.word(1) == "/?a=1")
      #expect(!rest.contains(key) && head.all("apikey") == [] && head.all("api-key") == [])
    }
  }

  @Test func otherCredentialsAreTakenOffToo() throws {
    for (target, value) in [("/basic", "Basic YTpi"), ("/basic", "Basic !"), ("/hmac", "hmac x")] {
      let date = ("Date", "x")
      let head = try self.send("GET", target, [("Authorization", value), date]).head
      #expect(head.all("X-Consumer-Username") == ["nobody"])
      if target == "/basic" { #expect(head.all("Authorization") == []) }
    }
  }

  @Test func logsDoNotShowKeysOfTheQuery() throws {
    let gateway = try Self.shared.get().gateway
    #expect(try gateway.get("/acl?apikey=s3cret&visible=1").status == 200)
    #expect(try gateway.get("/jwt?token=s3cret.s3cret.s3cret&visible=2").status == 401)
    #expect(try gateway.get("/key?%61pikey=s3cret&visible=3").status == 200)
    for (path, name, number) in [("/acl", "apikey", 1), ("/jwt", "token", 2), ("/key", "%61pikey", 3)] {
      let line = try gateway.waitForAccessLine("visible=\(number)")
      #expect(line.contains("\(path)?\(name)=REDACTED&visible=\(number)") && !line.contains("s3cret"))
    }
    #expect(!gateway.log.contains("s3cret"))
  }

  @Test func whatAClientClaimsOfItselfGoesNoFurther() throws {
    let claims = [
      ("X_Consumer_Username", "root"), ("X-Consumer_ID", "1"), ("X-Consumer-Groups", "admin"),
      ("X_Consumer_Groups", "admin"),
      ("X_Credential_Identifier", "1"), ("X-Authenticated-Scope", "all"), ("X_Authenticated_Userid", "1"),
      ("X_Anonymous_Consumer", "false"),
    ]
    let head = try self.send("GET", "/acl", claims + [("apikey", "s3cret")]).head
    for (name, value) in claims { #expect(!head.all(name).contains(value), "\(name)") }
    #expect(head.all("X-Consumer-Username") == ["alice"] && head.all("X-Consumer-Groups") == ["users"])
  }
}
