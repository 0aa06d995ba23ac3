// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// What a signature does not cover proves nothing.
@Suite struct SignedValueTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  private static func declarative(port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - {name: timely, paths: [/timely], plugins: [{name: hmac-auth}]}
      - name: body
        paths: [/body]
        plugins:
        - {name: hmac-auth, config: {clock_skew: 10000000000, validate_request_body: true}}
      - name: line
        paths: [/line]
        strip_path: false
        plugins:
        - {name: hmac-auth, config: {clock_skew: 10000000000, enforce_headers: [date, request-line]}}
      - {name: jwt, paths: [/jwt], plugins: [{name: jwt, config: {cookie_names: [t]}}]}
    consumers:
    - username: alice
      hmacauth_credentials:
      - {username: ann, secret: not-a-real-secret}
      jwt_secrets:
      - {key: k, secret: not-a-real-secret}
      - {key: K, secret: not-a-real-secret}
    """
  }

  private func status(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: String? = nil
  ) throws -> Int {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body).status
  }

  private static func authorization(_ headers: String, _ signature: String) -> (String, String) {
    (
      "Authorization",
      #"hmac username="ann", algorithm="hmac-sha256", headers="\#(headers)", signature="\#(signature)""#
    )
  }

  private static let oldDate = ("Date", "Tue, 14 Nov 2023 22:13:20 GMT")
  private static let dateOnly = authorization("date", "vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc=")

  /// As `Date` has it.
  private static var now: String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: Date())
  }

  @Test func aNewDateBesideAnOldSignatureIsOfNoUse() throws {
    #expect(try self.status("GET", "/timely", [Self.oldDate, Self.dateOnly]) == 401)
    #expect(try self.status("GET", "/timely", [Self.oldDate, ("X-Date", Self.now), Self.dateOnly]) == 401)
    #expect(try self.status("GET", "/timely", [Self.oldDate, ("Date", Self.now), Self.dateOnly]) == 401)
    #expect(try self.status("GET", "/timely", [("Date", Self.now), Self.oldDate, Self.dateOnly]) == 401)
    let undated = Self.authorization("x-a", "2VDEb5w4PBjO9GXs2g6zsKDhZaVq351tAi5bp8sxl3U=")
    #expect(try self.status("GET", "/timely", [("X-A", "1"), ("Date", Self.now), undated]) == 401)
  }

  @Test func aDigestMustBeSigned() throws {
    let digest = ("Digest", "SHA-256=AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=")
    let signed = Self.authorization("date digest", "ZE20Ehe9vFUwQyhEZlIg8iu84W267VrCF8i4aRU4bR0=")
    #expect(try self.status("POST", "/body", [Self.oldDate, digest, signed], #"{"a":1}"#) == 200)
    #expect(try self.status("POST", "/body", [Self.oldDate, digest, Self.dateOnly], #"{"a":1}"#) == 401)
    #expect(try self.status("POST", "/body", [Self.oldDate, digest, digest, signed], #"{"a":1}"#) == 401)
    let large = String(repeating: "x", count: 70_000)
    #expect(try self.status("POST", "/body", [Self.oldDate, digest, signed], large) == 413)
  }

  @Test func aHeaderIsNoRequestLine() throws {
    let signed = Self.authorization("date request-line", "byX01MMbofHmaOWGQsAZ9Lq9dYRXdxdReQ3mLGVdGus=")
    #expect(try self.status("GET", "/line/a", [Self.oldDate, signed]) == 200)
    let forged = [Self.oldDate, ("request-line", "GET /line/a HTTP/1.1"), signed]
    #expect(try self.status("GET", "/line/b", forged) == 401)
    #expect(try self.status("GET", "/line/a", forged) == 200)
  }

  static let tokens: [(String, String, Int)] = [
    (
      "plain",
      "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiAiayJ9.dIatB9X4QCOUY_EbJ4UxZmNgBfqTzcHL_8pw11U9Qac"
        + "", 200
    ),
    (
      "crit",
      "eyJhbGciOiAiSFMyNTYiLCAiY3JpdCI6IFsiZXhwIl19.eyJpc3MiOiAiayJ9.e5qzB7a6R6M3r0bwe7v7n15Qoxml"
        + "-f6Uwg5L0ivC5AQ", 401
    ),
    (
      "empty crit",
      "eyJhbGciOiAiSFMyNTYiLCAiY3JpdCI6IFtdfQ.eyJpc3MiOiAiayJ9.mCz2GFvWczwxnC0YloreFMadL6a5h1Q6HN"
        + "sqFJNyHAg", 401
    ),
    (
      "null crit",
      "eyJhbGciOiAiSFMyNTYiLCAiY3JpdCI6IG51bGx9.eyJpc3MiOiAiayJ9.KEOXPtIi2FDNtsJqFXkd__lQeLVdGVDp"
        + "Z2NHXL9WXAc", 401
    ),
    (
      "b64 false",
      "eyJhbGciOiAiSFMyNTYiLCAiYjY0IjogZmFsc2V9.eyJpc3MiOiAiayJ9.5LhVyXMnlEEk02Y5WdGQSii1m5dFh-wZ"
        + "prUE_CMy-cY", 401
    ),
    (
      "b64 and crit",
      "eyJhbGciOiAiSFMyNTYiLCAiYjY0IjogZmFsc2UsICJjcml0IjogWyJiNjQiXX0.eyJpc3MiOiAiayJ9.8nvaj2_dC"
        + "kXlH1mPdyDrZVOU7OF7iGnjlzK97OsC7C4", 401
    ),
    (
      "none",
      "eyJhbGciOiAibm9uZSJ9.eyJpc3MiOiAiayJ9.XIbe5zNxBMASGhRZApAGb5kUZ9jocU_aJGbuIwpEVJo"
        + "", 401
    ),
    (
      "NONE",
      "eyJhbGciOiAiTk9ORSJ9.eyJpc3MiOiAiayJ9.BGgKWk1ODFivXlvG-LrHNwPK8S2vbk0YYJwSqJYi62M"
        + "", 401
    ),
    (
      "alg without case",
      "eyJhbGciOiAiaHMyNTYifQ.eyJpc3MiOiAiayJ9.hPDYQG3Xzi4uA571MWuL9II4xKdXfkneH5jjQGeXP60"
        + "", 401
    ),
    (
      "two issuers",
      "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJrIiwiaXNzIjoicm9vdCJ9.IgXMxB8SAPU4KKZlA18IET1AYDSoaobLjo"
        + "OT_kGIe_A", 401
    ),
    (
      "two algorithms",
      "eyJhbGciOiJub25lIiwiYWxnIjoiSFMyNTYifQ.eyJpc3MiOiAiayJ9.ZPYZKiuwnik8kUH_E65I05ov6f5YFm1ycy"
        + "s428LRYHA", 401
    ),
    (
      "two claims inside",
      "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJrIiwiYSI6eyJiIjoxLCJiIjoyfX0.OuofxOJWbRyf_8i-EkuNsGZmCRa"
        + "T36IyfHzzwl7RO-M", 401
    ),
    (
      "kelvin",
      "eyJhbGciOiAiSFMyNTYifQ.eyJpc3MiOiJcdTIxMkEifQ.MwrtEApC0ZPqNR0PmfbRb9fGO6hqP0G_54kgP_7qZtU"
        + "", 401
    ),
    (
      "b64 true",
      "eyJhbGciOiAiSFMyNTYiLCAiYjY0IjogdHJ1ZX0.eyJpc3MiOiAiayJ9.KDo4-qfq7TD1JIrW5EmSyURinXcV4r4Hl"
        + "W3oIDilyyQ", 200
    ),
  ]

  @Test(arguments: Self.tokens) func aTokenIsReadInOneWay(name: String, token: String, status: Int) throws {
    #expect(try self.status("GET", "/jwt", [("Authorization", "Bearer \(token)")]) == status, "\(name)")
  }

  @Test func tokensThatDifferAreRefused() throws {
    let good = Self.tokens[0].1
    let bearer = ("Authorization", "Bearer \(good)")
    #expect(try self.status("GET", "/jwt", [bearer, ("Authorization", "Bearer x.y.z")]) == 401)
    #expect(try self.status("GET", "/jwt", [("Cookie", "t=\(good)")]) == 200)
    #expect(try self.status("GET", "/jwt", [("Cookie", "t=\(good); t=x.y.z")]) == 401)
    #expect(try self.status("GET", "/jwt", [("Cookie", "t=\(good)"), ("Cookie", "T=x.y.z")]) == 401)
    #expect(try self.status("GET", "/jwt?jwt=\(good)&jwt=x", []) == 401)
  }
}
