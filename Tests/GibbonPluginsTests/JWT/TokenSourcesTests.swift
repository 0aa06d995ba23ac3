// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Where tokens are looked for, and which texts are taken for one.
@Suite struct TokenSourcesTests {
  private static let sources = TokenSources(
    arguments: ["jwt", "tok en"], cookies: ["Session", "b"], headers: ["authorization", "x_token"])

  private static func find(_ target: String = "/", _ headers: [(String, String)] = []) throws -> String {
    let request = try FakeRequest(target, headers: headers)
    defer { withExtendedLifetime(request) {} }
    switch Self.sources.find(in: request.context) {
    case .none: return "none"
    case .several: return "several"
    case .unrecognizable: return "unrecognizable"
    case .token(let token): return "token \(String(decoding: token, as: UTF8.self))"
    }
  }

  @Test(arguments: [
    ("/", "none"), ("/?a=1", "none"), ("/?jwt=a.b", "token a.b"), ("/?x&jwt=a.b&y=2", "token a.b"), ("/?jwt=", "none"),
    ("/?jwt", "unrecognizable"), ("/?jwt&jwt", "unrecognizable"), ("/?jwt&jwt=a", "several"), ("/?JWT=a", "none"),
    ("/?jwt=a&jwt=a", "token a"), ("/?jwt=a&jwt=b", "several"), ("/?jwt=a&jwt=", "token a"),
    ("/?%6awt=%61%2Eb", "token a.b"), ("/?tok+en=a", "token a"), ("/?tok%20en=a", "token a"), ("/?=a", "none"),
    ("/?jwt=a=b", "token a=b"), ("/?jwtx=a", "none"), ("/?jwt=%", "token %"), ("/?&&&", "none"), ("/?", "none"),
  ]) func arguments(target: String, expected: String) throws { #expect(try Self.find(target) == expected) }

  @Test(arguments: [
    ("session=a.b", "token a.b"), ("SESSION=a.b; x=1", "token a.b"), ("x=1; session=a.b", "token a.b"),
    ("x=1;session=a", "token a"), ("x=1, session=a", "token a"), ("session = a", "token a"), ("session=", "none"),
    ("session", "none"), ("sessions=a", "none"), ("my-session=a", "none"), ("session=a,b;c", "token a,b"),
    ("session=a; session=b", "several"), ("session=a; session=a", "token a"), ("session=a; b=a", "token a"),
    ("session=a; b=c", "several"),
    (";;,session=a", "token a"), ("=a", "none"), ("session=\"a\"", "token \"a\""),
  ]) func cookies(line: String, expected: String) throws {
    #expect(try Self.find("/", [("Cookie", line)]) == expected)
  }

  @Test func cookiesMayBeInSeveralFields() throws {
    #expect(try Self.find("/", [("Cookie", "x=1"), ("cookie", "Session=a")]) == "token a")
    #expect(try Self.find("/", [("Cookie", "session=a"), ("Cookie", "session=b")]) == "several")
  }

  @Test(arguments: [
    ("Bearer a.b", "token a.b"), ("bearer a", "token a"), ("Bearer   a", "token a"), ("Bearer\ta", "token a"),
    ("BEARER a", "none"), ("Bearer", "none"), ("Bearera", "none"), ("a", "none"), ("Basic a", "none"), ("", "none"),
    ("my bearer a b", "token a b"), ("Bearer Bearer a", "token Bearer a"), ("BearerBearer a", "token a"),
    ("Beare", "none"), ("xBearer a", "token a"),
  ]) func headers(value: String, expected: String) throws {
    #expect(try Self.find("/", [("Authorization", value)]) == expected)
  }

  /// The service may take another of them for the one that was looked at.
  @Test func severalHeadersMustAgree() throws {
    #expect(try Self.find("/", [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]) == "several")
    #expect(try Self.find("/", [("Authorization", "Bearer a"), ("Authorization", "bearer a")]) == "token a")
    #expect(try Self.find("/", [("Authorization", "Bearer a"), ("Authorization", "Basic b")]) == "several")
    #expect(try Self.find("/", [("Authorization", "Basic a"), ("Authorization", "Bearer b")]) == "none")
  }

  @Test func anUnderscoreStandsForADash() throws {
    #expect(try Self.find("/", [("X-Token", "Bearer a")]) == "token a")
  }

  @Test func differentTokensOfDifferentPlacesAreSeveral() throws {
    #expect(try Self.find("/?jwt=a", [("Authorization", "Bearer b")]) == "several")
    #expect(try Self.find("/?jwt=a", [("Authorization", "Bearer a"), ("Cookie", "b=a")]) == "token a")
    #expect(try Self.find("/?jwt", [("Authorization", "Bearer a")]) == "several")
  }

  @Test func aTextTooLongForATokenIsNone() throws {
    let request = try FakeRequest()
    request.context.serviceRequest.setHeader("authorization", "Bearer " + String(repeating: "a", count: 65_537))
    #expect(Self.sources.find(in: request.context) == .unrecognizable)
  }

  @Test func withoutPlacesNothingIsFound() throws {
    let request = try FakeRequest("/?jwt=a", headers: [("Authorization", "Bearer a"), ("Cookie", "a=b")])
    #expect(TokenSources(arguments: [], cookies: [], headers: []).find(in: request.context) == .none)
    withExtendedLifetime(request) {}
  }
}
