// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The jwt plugin (facts: plugins.md 1).
@Suite struct JWTTests {
  private typealias Admin = AdminGateway
  private static let shared = Result { try Fixture(declarative: Self.declarative) }
  private static let consumer = "0e3a4d51-4b1c-4b0e-8f8b-2a1d7e9c5a10"

  private static func declarative(port: Int) -> String {
    let configurations = [
      ("plain", "{}"), ("claims", "{claims_to_verify: [exp]}"), ("realm", "{realm: my-realm}"),
      ("places", "{uri_param_names: [token], cookie_names: [session], header_names: [x-token]}"),
      ("anonymous", "{anonymous: nobody}"), ("preflight", "{run_on_preflight: false}"),
    ]
    let routes = configurations.map { name, configuration in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - name: jwt
            config: \(configuration)
      """
    }
    let credentials = SignedTokens.byAlgorithm.keys.sorted().map { algorithm in
      let key = TokenKeys.byAlgorithm[algorithm].map { pem in
        "\n    rsa_public_key: |\n"
          + pem.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
      }
      return "  - key: \(algorithm)\n    algorithm: \(algorithm)\n    secret: \(SignedTokens.secret)\(key ?? "")"
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
        jwt_secrets:
      \(credentials.joined(separator: "\n"))
      - username: nobody
      """
  }

  private func get(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  private func get(_ target: String, bearing token: String) throws -> Response {
    try self.get(target, [("Authorization", "Bearer \(token)")])
  }

  private func token(_ algorithm: String) throws -> String { try #require(SignedTokens.byAlgorithm[algorithm]) }

  private func expectRefused(_ response: Response, _ body: String, challenge: String) {
    #expect(response.status == 401)
    #expect(response.text == body)
    #expect(response.head.all("WWW-Authenticate") == [challenge])
    #expect(response["Content-Type"] == "application/json; charset=utf-8")
  }

  @Test(arguments: SignedTokens.byAlgorithm.keys.sorted()) func aValidTokenNamesTheConsumer(algorithm: String) throws {
    let token = try self.token(algorithm)
    let head = try self.get("/claims", bearing: token).echo().head
    #expect(head.all("X-Consumer-ID") == [Self.consumer])
    #expect(head.all("X-Consumer-Username") == ["alice"])
    #expect(head.all("X-Consumer-Custom-ID") == ["42"])
    #expect(head.all("X-Credential-Identifier") == [algorithm])
    #expect(head.all("X-Anonymous-Consumer") == [])
    #expect(head.all("Authorization") == ["Bearer \(token)"])
  }

  @Test func theOthersAreToldWhy() throws {
    self.expectRefused(try self.get("/plain"), #"{"message":"Unauthorized"}"#, challenge: "Bearer")
    let invalid = "Bearer error=\"invalid_token\""
    for (token, message) in [
      ("x.y.z", "Bad token; invalid JSON"), (SignedTokens.otherSecret, "Invalid signature"),
      (SignedTokens.confused, "Invalid algorithm"),
    ] {
      self.expectRefused(
        try self.get("/plain", bearing: token), "{\"message\":\"\(message)\"}", challenge: invalid)
    }
    let expired = try self.get("/claims", bearing: SignedTokens.expired)
    self.expectRefused(expired, #"{"exp":"token expired"}"#, challenge: invalid)
    #expect(try self.get("/plain", bearing: SignedTokens.expired).status == 200)
    self.expectRefused(
      try self.get("/realm", bearing: "x"), #"{"message":"Bad token; invalid JSON"}"#,
      challenge: "Bearer realm=\"my-realm\" error=\"invalid_token\"")
  }

  @Test func tokensTravelInThreeKindsOfPlaces() throws {
    let token = try self.token("ES256")
    #expect(try self.get("/places?a=1&token=\(token)").echo().head.word(1) == "/?a=1&token=\(token)")
    #expect(try self.get("/places", [("Cookie", "a=b; session=\(token)")]).status == 200)
    #expect(try self.get("/places", [("X-Token", "bearer \(token)")]).status == 200)
    #expect(try self.get("/places", [("Authorization", "Bearer \(token)")]).status == 401)
    #expect(try self.get("/places?token=\(token)", [("X-Token", "Bearer \(token)")]).status == 200)
    let both = try self.get("/places?token=\(token)", [("X-Token", "Bearer x")])
    self.expectRefused(
      both, #"{"message":"Multiple tokens provided"}"#, challenge: "Bearer error=\"invalid_token\"")
  }

  @Test func anonymousAndPreflightGoWithout() throws {
    let head = try self.get("/anonymous", bearing: "x").echo().head
    #expect(head.all("X-Consumer-Username") == ["nobody"] && head.all("X-Anonymous-Consumer") == ["true"])
    #expect(head.all("X-Credential-Identifier") == [])
    #expect(try Self.shared.get().gateway.send("OPTIONS", "/preflight").status == 200)
    #expect(try self.get("/preflight").status == 401)
  }

  // MARK: Credentials in the Admin API

  @Test func credentialsAreMadeAndFoundByKey() throws {
    try Admin.make("/consumers", ["username": "jwt-owner"])
    let path = "/consumers/jwt-owner/jwt"
    let made = try Admin.send("POST", path)
    expect(made, 201)
    #expect(made.json["algorithm"] == "HS256" && made.json["rsa_public_key"] == nil)
    let key = try #require(made.json["key"].string)
    #expect(made.json["secret"].string?.utf8.count == 32)
    for target in ["/jwts/\(key)", "/jwts/\(made.id)", "\(path)/\(key)"] {
      expect(try Admin.send("GET", target), 200, made.json)
    }
    let pem = try #require(TokenKeys.byAlgorithm["RS256"])
    expect(
      try Admin.send("PUT", "\(path)/named", .json(["algorithm": "RS256", "rsa_public_key": .string(pem)])), 200)
    for (body, reason) in [
      (["algorithm": "RS256"], "required field missing"),
      (["algorithm": "EdDSA", "rsa_public_key": "test"], "invalid key"),
    ] as [(JSON, String)] {
      let reply = try Admin.send("POST", path, .json(body))
      #expect(reply.status == 400 && reply.json["fields"]["rsa_public_key"].string == reason)
    }
  }
}
