// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

@Suite struct AllowedOriginsTests {
  @Test(
    arguments: [
      ("https://shop.example", "https://shop.example", "shop.example"),
      ("https://shop.example:443", "https://shop.example", "shop.example"),
      ("http://shop.example:80", "http://shop.example", "shop.example"),
      ("http://shop.example:443", "http://shop.example:443", "shop.example"),
      ("http://[::1]:8080", "http://[::1]:8080", "::1"),
      ("null", "null", "null"), ("", "", ""),
    ])
  func theUsualPortGoes(text: String, domain: String, host: String) {
    let origin = Origin(text)
    #expect(origin.domain == domain && origin.host == host)
  }

  private static func admits(_ patterns: [String], _ origin: String) throws -> Bool {
    guard case .several(let patterns) = try AllowedOrigins(patterns) else { return false }
    return patterns.contains { $0.matches(Origin(origin)) }
  }

  @Test(
    arguments: [
      ("https://a.example", "https://a.example", true), ("https://a.example:443", "https://a.example", true),
      ("https://a.example", "http://a.example", false), ("a.example", "https://a.example", false),
      // Without a colon it is about the host.
      (#".*\.example"#, "https://a.example:8443", true), (#".*\.example"#, "https://a.example.org", false),
      // Anchored at both ends, whether or not it says so.
      (#"^https://[a-z]+\.example$"#, "https://a.example", true), (#"[a-z]+\.example"#, "https://1a.example", false),
      (#"https?://a\.example(:\d+)?"#, "http://a.example:81", true), (#"https?://a\.example"#, "null", false),
      // All alternatives are.
      (#"https://a\.example|https://b\.example"#, "https://b.example", true),
      (#"https://a\.example|https://b\.example"#, "https://a.example", true),
      (#"https://a\.example|https://b\.example"#, "https://a.example.evil.test", false),
      (#"^https://a\.example$|^https://b\.example$"#, "https://b.example", true),
      (#"(?i)HTTPS://a\.EXAMPLE"#, "https://a.example", true),
    ])
  func patternsAreOfWholeOrigins(pattern: String, origin: String, expected: Bool) throws {
    #expect(try Self.admits([pattern, "https://other.example"], origin) == expected)
  }

  /// Origins that exhaust a search are nobody's.
  @Test func aSearchThatIsGivenUpAdmitsNobody() throws {
    let origin = "https://" + String(repeating: "a", count: 4000) + "!"
    #expect(try !Self.admits(["(a+)+", "https://(a+)+b"], origin))
  }

  @Test(arguments: ["(", "a)(b", "a)|(?:b", "[a", #"\"#]) func whatIsNoExpressionIsRefused(text: String) {
    #expect(throws: (any Error).self) { try AllowedOrigins.Pattern(text) }
  }

  @Test func oneLiteralIsToldToEverybody() throws {
    guard case .one("https://a.example") = try AllowedOrigins(["https://a.example"]) else {
      Issue.record("one literal origin is not recognised")
      return
    }
    guard case .all = try AllowedOrigins([]), case .all = try AllowedOrigins(["*"]) else {
      Issue.record("no origins, and the asterisk, mean all")
      return
    }
  }
}
