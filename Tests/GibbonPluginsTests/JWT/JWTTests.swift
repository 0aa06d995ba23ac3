// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Who is let in by a token, and what the others are told.
@Suite struct JWTTests {
  private static let consumer = Consumer(username: "ann", customID: "c-1")

  private static func credential(_ key: String, _ fields: JSONObject) -> (String, Credential) {
    var entity = fields
    entity["key"] = .string(key)
    return (key, Credential(id: .random(), consumer: consumer, fields: .object(entity)))
  }

  /// A credential for each algorithm, and some that are broken.
  private static let credentials: [String: Credential] = {
    var all: [(String, Credential)] = []
    for algorithm in SignatureAlgorithm.allCases {
      let pem: JSONValue =
        switch algorithm {
        case .hs256, .hs384, .hs512: .null
        case .es256: .string(TokenKeys.p256)
        case .es384: .string(TokenKeys.p384)
        case .es512: .string(TokenKeys.p521)
        case .edDSA: .string(TokenKeys.ed25519)
        default: .string(TokenKeys.rsa)
        }
      all.append(
        Self.credential(
          algorithm.rawValue,
          [
            "secret": .string(SignedTokens.secret), "rsa_public_key": pem, "algorithm": .string(algorithm.rawValue),
          ]))
    }
    return Dictionary(uniqueKeysWithValues: all)
  }()

  private static let directory = FakeDirectory(
    "jwt_secrets", credentials, consumers: [Consumer(username: "nobody")])

  private static func decide(
    _ request: FakeRequest, _ config: JSONValue = [:], _ directory: FakeDirectory = Self.directory
  ) throws -> String {
    words(try instance(JWTPlugin.self, config, directory: directory).access(request.context))
  }

  private static func bearing(_ token: String, method: String = "GET") throws -> FakeRequest {
    try FakeRequest(method: method, headers: [("Authorization", "Bearer \(token)")])
  }

  private static func decide(
    token: String, _ config: JSONValue = [:], _ directory: FakeDirectory = Self.directory
  ) throws -> String {
    try Self.decide(Self.bearing(token), config, directory)
  }

  private static func directory(_ key: String, _ fields: JSONObject) -> FakeDirectory {
    FakeDirectory("jwt_secrets", Dictionary(uniqueKeysWithValues: [Self.credential(key, fields)]))
  }

  private static func refusal(_ message: String) -> String { "401 {\"message\":\"\(message)\"}" }

  // MARK: Signatures

  @Test(arguments: SignatureAlgorithm.allCases) func aValidTokenNamesTheConsumer(algorithm: SignatureAlgorithm) throws {
    let token = try #require(SignedTokens.byAlgorithm[algorithm.rawValue])
    let request = try Self.bearing(token)
    #expect(try Self.decide(request, ["claims_to_verify": ["exp", "nbf"]]) == "next")
    #expect(request.consumer?.username == "ann")
    #expect(request.credential === Self.credentials[algorithm.rawValue])
    #expect(request.context.shared["authenticated_jwt_token"] as? String == token)
    #expect(request.upstreamHeader("X-Consumer-Custom-ID") == ["c-1"])
    #expect(request.upstreamHeader("Authorization") == ["Bearer \(token)"])
  }

  @Test(arguments: SignatureAlgorithm.allCases) func anotherSignatureIsRefused(algorithm: SignatureAlgorithm) throws {
    let token = try #require(SignedTokens.byAlgorithm[algorithm.rawValue])
    let parts = token.split(separator: ".")
    let first = parts[2].first == "A" ? "B" : "A"
    let signatures = [first + parts[2].dropFirst(), String(parts[2].dropLast(4)), "", parts[2] + "AAAA", "AAAA"]
    for signature in signatures {
      let forged = "\(parts[0]).\(parts[1]).\(signature)"
      #expect(try Self.decide(token: forged) == Self.refusal("Invalid signature"))
    }
    let claims = try #require(SignedTokens.byAlgorithm["HS256"]?.split(separator: ".")[1])
    let moved = "\(parts[0]).\(claims).\(parts[2])"
    // The claims of another credential need that one's algorithm.
    let reason = algorithm == .hs256 ? "next" : Self.refusal("Invalid algorithm")
    #expect(try Self.decide(token: moved) == reason)
  }

  static let wrong: [(String, String)] = [
    (SignedTokens.otherSecret, "Invalid signature"),
    // The credential says RS256, whatever the token says.
    (SignedTokens.confused, "Invalid algorithm"),
    (SignedTokens.unsigned, "Bad token; invalid alg"),
    (SignedTokens.derSignature, "Invalid signature"),
    (SignedTokens.longSalt, "Invalid signature"),
    (SignedTokens.shortRSA, "Invalid signature"),
    (SignedTokens.ed448, "Invalid signature"),
    (SignedTokens.unknown, "No credentials found for given 'iss'"),
    (SignedTokens.nameless, "No mandatory 'iss' in claims"),
    (SignedTokens.emptyName, "Invalid 'iss' in claims"),
    (SignedTokens.numberName, "Invalid 'iss' in claims"),
    (SignedTokens.arrayClaims, "Bad token; invalid claims"),
    ("nothing", "Bad token; invalid JSON"),
  ]

  @Test(arguments: wrong) func theOthersAreToldWhy(token: String, reason: String) throws {
    #expect(try Self.decide(token: token) == Self.refusal(reason))
  }

  /// A key that is of another kind than the algorithm verifies nothing.
  @Test(arguments: SignatureAlgorithm.allCases.filter { !$0.usesSecret })
  func keysOfAnotherKindVerifyNothing(algorithm: SignatureAlgorithm) throws {
    let name = algorithm.rawValue
    let token = try #require(SignedTokens.byAlgorithm[name])
    let right = Self.credentials[name]?.fields["rsa_public_key"]?.stringValue
    for pem in [TokenKeys.rsa, TokenKeys.p256, TokenKeys.p384, TokenKeys.p521, TokenKeys.ed25519] where pem != right {
      let directory = Self.directory(name, ["rsa_public_key": .string(pem), "algorithm": .string(name)])
      #expect(try Self.decide(token: token, [:], directory) == Self.refusal("Invalid signature"))
    }
  }

  @Test func shortRSAKeysAreTaken() throws {
    for pem in [TokenKeys.shortRSA, TokenKeys.shortRSAPrivate] {
      let directory = Self.directory("RS256", ["rsa_public_key": .string(pem), "algorithm": "RS256"])
      #expect(try Self.decide(token: SignedTokens.shortRSA, [:], directory) == "next")
    }
  }

  @Test func credentialsWithoutAKeyVerifyNothing() throws {
    let missing = Self.refusal("Invalid key/secret")
    let es256 = try #require(SignedTokens.byAlgorithm["ES256"])
    let without = Self.directory("ES256", ["rsa_public_key": .null, "algorithm": "ES256", "secret": "x"])
    #expect(try Self.decide(token: es256, [:], without) == missing)
    let hs256 = try #require(SignedTokens.byAlgorithm["HS256"])
    #expect(try Self.decide(token: hs256, [:], Self.directory("HS256", ["secret": .null])) == missing)
    // Anybody can sign with no secret.
    for secret in ["=", "====", "a", "not base64"] {
      let directory = Self.directory("HS256", ["secret": .string(secret)])
      #expect(try Self.decide(token: hs256, ["secret_is_base64": true], directory) == missing)
    }
  }

  @Test func anUnreadableKeyIsAFailure() throws {
    let directory = Self.directory("ES256", ["rsa_public_key": "garbage", "algorithm": "ES256"])
    let token = try #require(SignedTokens.byAlgorithm["ES256"])
    #expect(throws: (any Error).self) { try Self.decide(token: token, [:], directory) }
  }

  @Test func aCredentialWithoutAlgorithmUsesHS256() throws {
    let directory = Self.directory("HS256", ["secret": .string(SignedTokens.secret), "algorithm": .null])
    #expect(try Self.decide(token: SignedTokens.timeless, [:], directory) == "next")
  }

  @Test func secretsMayBeBase64() throws {
    let url = SignedTokens.binarySecret.replacing("+", with: "-").replacing("/", with: "_")
    for secret in [SignedTokens.binarySecret, url, url.replacing("=", with: "")] {
      let directory = Self.directory("binary", ["secret": .string(secret), "algorithm": "HS256"])
      #expect(try Self.decide(token: SignedTokens.binary, ["secret_is_base64": true], directory) == "next")
      #expect(try Self.decide(token: SignedTokens.binary, [:], directory) == Self.refusal("Invalid signature"))
    }
  }

  // MARK: Names and claims

  @Test func theClaimMayHaveAnotherNameAndStandInTheHeader() throws {
    #expect(try Self.decide(token: SignedTokens.named, ["key_claim_name": "kid"]) == "next")
    #expect(try Self.decide(token: SignedTokens.named) == Self.refusal("No mandatory 'iss' in claims"))
    #expect(try Self.decide(token: SignedTokens.nullName) == "next")
    let other: JSONValue = ["key_claim_name": "sub"]
    #expect(
      try Self.decide(token: SignedTokens.named, other) == Self.refusal("No credentials found for given 'sub'"))
  }

  static let timed: [(String, JSONValue, String)] = [
    (SignedTokens.expired, [:], "next"),
    (SignedTokens.expired, ["claims_to_verify": ["exp"]], #"401 {"exp":"token expired"}"#),
    (SignedTokens.notYet, ["claims_to_verify": ["exp"]], "next"),
    (SignedTokens.notYet, ["claims_to_verify": ["nbf"]], #"401 {"nbf":"token not valid yet"}"#),
    (
      SignedTokens.expiredAndNotYet, ["claims_to_verify": ["exp", "nbf"]],
      #"401 {"exp":"token expired","nbf":"token not valid yet"}"#
    ),
    (
      SignedTokens.worded, ["claims_to_verify": ["exp", "nbf"]],
      #"401 {"exp":"must be a number","nbf":"must be a number"}"#
    ),
    (SignedTokens.timeless, ["claims_to_verify": ["exp"]], #"401 {"exp":"must be a number"}"#),
    (SignedTokens.fractional, ["claims_to_verify": ["exp"]], "next"),
    (SignedTokens.within60, ["claims_to_verify": ["exp"], "maximum_expiration": 60], "next"),
    (
      SignedTokens.within60, ["claims_to_verify": ["exp"], "maximum_expiration": 59],
      #"401 {"exp":"exceeds maximum allowed expiration"}"#
    ),
  ]

  @Test(arguments: timed) func timesAreVerified(token: String, config: JSONValue, expected: String) throws {
    #expect(try Self.decide(token: token, config) == expected)
  }

  // MARK: Answers

  @Test(arguments: [([:], ""), (["realm": "my api"], #" realm="my api""#)] as [(JSONValue, String)])
  func aRefusalNamesTheScheme(config: JSONValue, realm: String) throws {
    let plugin = try instance(JWTPlugin.self, config, directory: Self.directory)
    let cases = [(try FakeRequest(), ""), (try Self.bearing("x.y.z"), #" error="invalid_token""#)]
    for (request, suffix) in cases {
      guard case .respond(let response) = try plugin.access(request.context) else {
        Issue.record("not refused")
        return
      }
      #expect(response.status == 401)
      #expect(response.headers.contains { $0 == ("WWW-Authenticate", "Bearer\(realm)\(suffix)") })
      #expect(response.headers.contains { $0 == ("Content-Type", "application/json; charset=utf-8") })
    }
  }

  @Test func aPreflightCanGoWithout() throws {
    let request = try FakeRequest(method: "OPTIONS")
    #expect(try Self.decide(request) == Self.refusal("Unauthorized"))
    #expect(try Self.decide(request, ["run_on_preflight": false]) == "next")
    #expect(try Self.decide(FakeRequest(), ["run_on_preflight": false]) == Self.refusal("Unauthorized"))
  }

  @Test(arguments: ["", SignedTokens.otherSecret]) func anonymousStandsIn(token: String) throws {
    let request = try token.isEmpty ? FakeRequest() : Self.bearing(token)
    request.context.shared["authenticated_jwt_token"] = "an earlier one"
    #expect(try Self.decide(request, ["anonymous": "nobody"]) == "next")
    #expect(request.consumer?.username == "nobody" && request.credential == nil)
    #expect(request.upstreamHeader("X-Anonymous-Consumer") == ["true"])
    #expect(request.context.shared["authenticated_jwt_token"] == nil)
  }

  @Test func anUnknownAnonymousIsAnError() throws {
    #expect(try Self.decide(FakeRequest(), ["anonymous": "ghost"]) == "500 An unexpected error occurred")
    let valid = try #require(SignedTokens.byAlgorithm["HS256"])
    #expect(try Self.decide(token: valid, ["anonymous": "ghost"]) == "next")
  }

  @Test func withAnonymousAnEarlierIdentityIsKept() throws {
    let request = try FakeRequest()
    request.credential = Self.credentials["HS512"]
    #expect(try Self.decide(request, ["anonymous": "ghost"]) == "next")
    #expect(try Self.decide(request) == Self.refusal("Unauthorized"))
  }

  @Test func aCredentialThatMustBeReadFirstSuspends() throws {
    let request = try Self.bearing(SignedTokens.timeless)
    #expect(try Self.decide(request, [:], FakeDirectory("jwt_secrets", isPending: true)) == "suspend")
    #expect(request.suspensions == 1 && request.consumer == nil)
  }
}
