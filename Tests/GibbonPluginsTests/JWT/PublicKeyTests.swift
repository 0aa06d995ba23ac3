// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Which texts are keys, and for how long they are kept.
@Suite struct PublicKeyTests {
  private static func kind(_ pem: String) -> String {
    switch PublicKey(pem: pem) {
    case .rsa?: "RSA"
    case .p256?: "P-256"
    case .p384?: "P-384"
    case .p521?: "P-521"
    case .ed25519?: "Ed25519"
    case nil: "none"
    }
  }

  static let kinds: [(String, String)] = [
    (TokenKeys.rsa, "RSA"), (TokenKeys.rsaPKCS1, "RSA"), (TokenKeys.shortRSA, "RSA"),
    (TokenKeys.p256, "P-256"), (TokenKeys.p384, "P-384"), (TokenKeys.p521, "P-521"), (TokenKeys.ed25519, "Ed25519"),
    // Of private keys the public half counts.
    (TokenKeys.p256Private, "P-256"), (TokenKeys.p384SEC1, "P-384"), (TokenKeys.ed25519Private, "Ed25519"),
    (TokenKeys.shortRSAPrivate, "RSA"),
  ]

  @Test(arguments: kinds) func keysAreRead(pem: String, kind: String) {
    #expect(Self.kind(pem) == kind)
    // As a form sends it, with remarks around it, in one line.
    #expect(Self.kind(pem.replacing("\n", with: "\r\n")) == kind)
    #expect(Self.kind("the key of ann\n\(pem)\n\n") == kind)
    let lines = pem.split(separator: "\n")
    #expect(Self.kind("\(lines[0])\n\(lines.dropFirst().dropLast().joined())\n\(lines[lines.count - 1])") == kind)
  }

  @Test(arguments: [
    "", "test", "-----BEGIN ", "-----BEGIN PUBLIC KEY-----", TokenKeys.ed448, TokenKeys.secp256k1,
    "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    TokenKeys.rsa.replacing("PUBLIC KEY", with: "CERTIFICATE"),
    TokenKeys.rsa.replacing("END PUBLIC", with: "END PRIVATE"),
    String(TokenKeys.rsa.dropLast(40)), String(repeating: "-----BEGIN PUBLIC KEY-----\n", count: 10_000),
  ]) func otherTextsAreNone(pem: String) { #expect(Self.kind(pem) == "none") }

  /// Whatever is cut off or changed inside, there is an answer.
  @Test(arguments: kinds) func brokenKeysAreAnswered(pem: String, kind: String) {
    var lines = pem.split(separator: "\n").map(String.init)
    let header = lines.removeFirst()
    let footer = lines.removeLast()
    let digits = lines.joined()
    for length in stride(from: 0, to: digits.utf8.count, by: 3) {
      _ = Self.kind("\(header)\n\(digits.prefix(length))\n\(footer)")
    }
    for offset in digits.indices {
      for digit in ["A", "/"] {
        let changed = digits[..<offset] + digit + digits[digits.index(after: offset)...]
        _ = Self.kind("\(header)\n\(changed)\n\(footer)")
      }
    }
  }

  // MARK: Kept keys

  private static func credential(_ fields: JSONValue, id: EntityID = .random()) -> Credential {
    Credential(id: id, consumer: Consumer(username: "ann"), fields: fields)
  }

  private static func word(_ lookup: VerificationKeys.Lookup, _ token: SignedToken) -> String {
    switch lookup {
    case .key(let key): key.verifies(token) ? "right" : "wrong"
    case .missing: "missing"
    case .unreadable: "unreadable"
    }
  }

  @Test func keysFollowTheirCredential() throws {
    let keys = VerificationKeys(isSecretBase64: false)
    let id = EntityID.random()
    let secret = JSONValue.string(SignedTokens.secret)
    let states: [(JSONValue, SignatureAlgorithm, String)] = [
      (["secret": "abc"], .hs256, "wrong"), (["secret": secret], .hs256, "right"),
      (["secret": secret, "rsa_public_key": .string(TokenKeys.rsa)], .rs256, "right"),
      (["secret": secret, "rsa_public_key": .string(TokenKeys.rsa)], .ps512, "right"),
      (["secret": secret, "rsa_public_key": .string(TokenKeys.shortRSA)], .rs256, "wrong"),
      (["secret": secret, "rsa_public_key": "garbage"], .rs256, "unreadable"),
      (["secret": secret], .rs256, "missing"), (["secret": ""], .hs512, "missing"), (["secret": 1], .hs512, "missing"),
    ]
    for (fields, algorithm, expected) in states {
      let token = try SignedToken.read(Array(try #require(SignedTokens.byAlgorithm[algorithm.rawValue]).utf8)).get()
      for _ in 0..<2 {
        #expect(Self.word(keys.key(of: Self.credential(fields, id: id), for: algorithm), token) == expected)
      }
    }
    #expect(keys.count == 1)
  }

  @Test func noMoreKeysAreKeptThanSaid() throws {
    let keys = VerificationKeys(isSecretBase64: false, capacity: 3)
    let token = try SignedToken.read(Array(SignedTokens.timeless.utf8)).get()
    let credentials = (0..<20).map { Self.credential(["secret": .string("secret-\($0)")]) }
    let right = Self.credential(["secret": .string(SignedTokens.secret)])
    for credential in credentials + credentials {
      #expect(Self.word(keys.key(of: credential, for: .hs256), token) == "wrong")
      #expect(Self.word(keys.key(of: right, for: .hs256), token) == "right")
      #expect(keys.count <= 3)
    }
  }
}
