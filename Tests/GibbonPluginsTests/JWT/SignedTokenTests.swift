// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPlugins

/// Which texts are tokens, and what is said of the others.
@Suite struct SignedTokenTests {
  /// The digits of a text, as tokens have them.
  private static func code(_ text: String) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    let bits = text.utf8.flatMap { byte in (0..<8).reversed().map { byte >> $0 & 1 } }
    return String(
      stride(from: 0, to: bits.count, by: 6).map { start in
        var value = 0
        for offset in 0..<6 { value = value << 1 | (start + offset < bits.count ? Int(bits[start + offset]) : 0) }
        return digits[value]
      })
  }

  private static func read(_ text: String) -> Result<SignedToken, SignedToken.Fault> {
    SignedToken.read(Array(text.utf8))
  }

  private static func fault(_ text: String) -> String? {
    if case .failure(let fault) = Self.read(text) { fault.reason } else { nil }
  }

  @Test func aTokenIsTakenApart() throws {
    let text = "\(Self.code(#"{"alg":"HS256","kid":"k"}"#)).\(Self.code(#"{"iss":"é","n":1.5}"#)).c2ln"
    let token = try Self.read(text).get()
    #expect(token.algorithm == .hs256 && token.header["kid"] == "k" && token.claims["n"] == 1.5)
    #expect(token.value(of: "iss") == "é" && token.value(of: "kid") == "k" && token.value(of: "none") == nil)
    #expect(String(decoding: token.message, as: UTF8.self) == text.dropLast(5))
    #expect(token.signature == Array("sig".utf8))
  }

  static let faults: [(String, String)] = [
    ("", "invalid JSON"), (".", "invalid JSON"), ("..", "invalid JSON"), ("a", "invalid JSON"),
    ("\(code("{}")).\(code("{}"))", "invalid JSON"),
    ("!.\(code("{}")).c2ln", "invalid JSON"),
    ("\(code("{")).\(code("{}")).c2ln", "invalid JSON"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("nothing")).c2ln", "invalid JSON"),
    ("\(code("{}")).\(code("{}")).c2ln", "invalid alg"),
    ("\(code("[]")).\(code("{}")).c2ln", "invalid alg"),
    ("\(code("1")).\(code("{}")).c2ln", "invalid alg"),
    ("\(code(#"{"alg":null}"#)).\(code("{}")).c2ln", "invalid alg"),
    ("\(code(#"{"alg":["HS256"]}"#)).\(code("{}")).c2ln", "invalid alg"),
    ("\(code(#"{"alg":"none"}"#)).\(code("{}")).", "invalid alg"),
    ("\(code(#"{"alg":"hs256"}"#)).\(code("{}")).c2ln", "invalid alg"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("null")).c2ln", "invalid claims"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("false")).c2ln", "invalid claims"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("[]")).c2ln", "invalid claims"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code(#""text""#)).c2ln", "invalid claims"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("{}")).c", "invalid signature"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("{}")).c2+n", "invalid signature"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("{}")).c2ln.c2ln", "invalid signature"),
    ("\(code(#"{"alg":"HS256"}"#)).\(code("{}")).c2ln=x", "invalid signature"),
  ]

  @Test(arguments: faults) func otherTextsAreNone(text: String, reason: String) {
    #expect(Self.fault(text) == reason)
  }

  /// Whoever reads it next may take the other one.
  @Test(arguments: [
    (#"{"alg":"none","alg":"HS256"}"#, #"{"iss":"a"}"#), (#"{"alg":"HS256"}"#, #"{"iss":"a","iss":"b"}"#),
  ])
  func namesThatComeTwiceAreRefused(header: String, claims: String) {
    #expect(Self.fault("\(Self.code(header)).\(Self.code(claims)).") != nil)
  }

  @Test func deepNestingIsRefused() {
    let deep = String(repeating: "[", count: 10_000)
    #expect(Self.fault("\(Self.code(#"{"alg":"HS256"}"#)).\(Self.code(#"{"a":\#(deep)"#)).") == "invalid JSON")
  }

  /// Whatever is cut off or changed, there is an answer.
  @Test(arguments: ["HS256", "RS256", "ES512", "EdDSA"]) func brokenTokensAreAnswered(name: String) throws {
    let text = Array(try #require(SignedTokens.byAlgorithm[name]).utf8)
    for end in text.indices { _ = SignedToken.read(Array(text[..<end])) }
    for index in text.indices {
      for byte in [0, UInt8(ascii: "."), UInt8(ascii: "A"), 0xFF] {
        var changed = text
        changed[index] = byte
        _ = SignedToken.read(changed)
      }
    }
  }
}
