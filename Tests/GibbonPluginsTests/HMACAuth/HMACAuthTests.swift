// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Who is let in by a signature, and what the others are told.
@Suite struct HMACAuthTests {
  private static let consumer = Consumer(username: "ann", customID: "c-1")
  private static let credential = Credential(
    id: .random(), consumer: consumer, fields: ["username": "ann", "secret": .string(SignedRequest.secret)])
  private static let directory = FakeDirectory(
    "hmacauth_credentials",
    ["ann": credential, "bare": Credential(id: .random(), consumer: consumer, fields: ["secret": .null])],
    consumers: [Consumer(username: "nobody")])

  private static func decide(
    _ request: FakeRequest, _ config: JSONValue = [:], _ directory: FakeDirectory = Self.directory
  ) throws -> String {
    words(try instance(HMACAuthPlugin.self, config, directory: directory).access(request.context))
  }

  private static func fake(
    _ signed: SignedRequest, field: String = "Authorization", authorization: String? = nil, target: String? = nil,
    changing headers: [String: String] = [:]
  ) throws -> FakeRequest {
    let fields = signed.headers.map { ($0.0, headers[$0.0] ?? $0.1) } + [(field, authorization ?? signed.authorization)]
    return try FakeRequest(target ?? signed.target, method: signed.method, headers: fields, body: signed.body)
  }

  private static let unverifiable = "401 HMAC signature cannot be verified"
  private static let different = "401 HMAC signature does not match"
  private static let untimely =
    "401 HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"

  // MARK: Signatures

  static let valid: [SignedRequest] = [
    .sha1, .sha256, .sha384, .sha512, .target, .line, .packed, .ownDate, .absent, .spaced, .digest, .emptyDigest,
  ]

  @Test(arguments: valid) func aRightSignatureNamesTheConsumer(signed: SignedRequest) throws {
    for field in ["Authorization", "Proxy-Authorization"] {
      let request = try Self.fake(signed, field: field)
      #expect(try Self.decide(request) == "next")
      #expect(request.consumer?.username == "ann" && request.credential === Self.credential)
      #expect(request.upstreamHeader("X-Consumer-Custom-ID") == ["c-1"])
      #expect(request.upstreamHeader(field) == [signed.authorization])
    }
  }

  @Test func whatWasSignedMayNotChange() throws {
    #expect(try Self.decide(Self.fake(.target, target: "/things?a=2")) == Self.different)
    #expect(try Self.decide(Self.fake(.line, target: "/things?a=1&b= x".replacing(" ", with: "+"))) == Self.different)
    #expect(try Self.decide(Self.fake(.absent, changing: ["X-One": "third"])) == Self.different)
    let later = ["Date": "Tue, 14 Nov 2023 22:13:21 GMT"]
    #expect(try Self.decide(Self.fake(.sha256, changing: later)) == Self.different)
    // Of what was not signed, anything may.
    #expect(try Self.decide(Self.fake(.sha256, target: "/elsewhere")) == "next")
  }

  @Test(arguments: [
    "", "!!!", "AAAA", "vzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjcA", "vzXoUyToeWyB6DGRN17yyJ1N3RMK_oqMFyxYJ2ipTjc=",
    "wzXoUyToeWyB6DGRN17yyJ1N3RMK/oqMFyxYJ2ipTjc=", "d+LWSOusb1tvvlQszx3NewwnrBg=",
  ]) func anotherSignatureIsRefused(signature: String) throws {
    let authorization = #"hmac username="ann", algorithm="hmac-sha256", headers="date", signature="\#(signature)""#
    let expected = signature.isEmpty ? Self.unverifiable : Self.different
    #expect(try Self.decide(Self.fake(.sha256, authorization: authorization)) == expected)
  }

  @Test func theSignatureIsOfTheAlgorithmThatItSays() throws {
    let moved = SignedRequest.sha256.authorization.replacing("hmac-sha256", with: "hmac-sha512")
    #expect(try Self.decide(Self.fake(.sha256, authorization: moved)) == Self.different)
    let unknown = SignedRequest.sha256.authorization.replacing("hmac-sha256", with: "hmac-md5")
    #expect(try Self.decide(Self.fake(.sha256, authorization: unknown)) == Self.unverifiable)
    let config: JSONValue = ["algorithms": ["hmac-sha384", "hmac-sha512"]]
    #expect(try Self.decide(Self.fake(.sha256), config) == Self.unverifiable)
    #expect(try Self.decide(Self.fake(.sha384), config) == "next")
  }

  @Test func namesThatNobodyHasAreRefused() throws {
    let other = SignedRequest.sha256.authorization.replacing("\"ann\"", with: "\"bob\"")
    #expect(try Self.decide(Self.fake(.sha256, authorization: other)) == Self.unverifiable)
  }

  @Test func aCredentialWithoutASecretIsAFailure() throws {
    let bare = SignedRequest.sha256.authorization.replacing("\"ann\"", with: "\"bare\"")
    #expect(throws: (any Error).self) { try Self.decide(Self.fake(.sha256, authorization: bare)) }
  }

  @Test func headersCanBeEnforced() throws {
    let both: JSONValue = ["enforce_headers": ["date", "request-line"]]
    #expect(try Self.decide(Self.fake(.line), both) == "next")
    #expect(try Self.decide(Self.fake(.sha256), both) == Self.unverifiable)
    #expect(try Self.decide(Self.fake(.sha256), ["enforce_headers": ["Date"]]) == Self.unverifiable)
  }

  @Test func theHeaderForProxiesComesFirst() throws {
    let wrong = SignedRequest.sha256.authorization.replacing("vzX", with: "wzX")
    func decide(_ proxy: String, _ own: String) throws -> String {
      let date = ("Date", SignedRequest.date)
      return try Self.decide(FakeRequest(headers: [date, ("Proxy-Authorization", proxy), ("Authorization", own)]))
    }
    #expect(try decide(SignedRequest.sha256.authorization, wrong) == "next")
    #expect(try decide(wrong, SignedRequest.sha256.authorization) == Self.different)
    #expect(try decide("Basic YTpi", SignedRequest.sha256.authorization) == "next")
    #expect(try decide("Basic YTpi", "Basic YTpi") == Self.unverifiable)
  }

  @Test func namingAHeaderOverAndOverMakesNoLongText() throws {
    let value = String(repeating: "v", count: 4000)
    let names = Array(repeating: "x", count: 200).joined(separator: " ")
    let authorization = #"hmac username="ann", algorithm="hmac-sha256", headers="\#(names)", signature="AAAA""#
    let headers = [("Date", SignedRequest.date), ("X", value), ("Authorization", authorization)]
    #expect(try Self.decide(FakeRequest(headers: headers)) == Self.unverifiable)
    let many = authorization.replacing(names, with: String(repeating: " ", count: 64))
    #expect(try Self.decide(Self.fake(.sha256, authorization: many)) == Self.unverifiable)
    let fewer = authorization.replacing(names, with: String(repeating: " ", count: 63))
    #expect(try Self.decide(Self.fake(.sha256, authorization: fewer)) == Self.different)
  }

  // MARK: Time

  @Test(arguments: [
    ("Tue, 14 Nov 2023 22:18:20 GMT", true), ("Tue, 14 Nov 2023 22:08:20 GMT", true),
    ("Tue, 14 Nov 2023 22:18:21 GMT", false), ("Tue, 14 Nov 2023 22:08:19 GMT", false), ("now", false),
  ]) func requestsAreMadeAboutNow(date: String, isTimely: Bool) throws {
    let expected = isTimely ? Self.different : Self.untimely
    #expect(try Self.decide(Self.fake(.sha256, changing: ["Date": date])) == expected)
    #expect(try Self.decide(Self.fake(.ownDate, changing: ["X-Date": date])) == expected)
  }

  /// A date beside what is signed may be anybody's: whoever has seen the request could send it for ever.
  @Test func onlyADateThatIsSignedCounts() throws {
    let old = "Tue, 14 Nov 2000 22:13:20 GMT"
    let headers = [("X-Date", old), ("Authorization", SignedRequest.sha256.authorization)]
    #expect(try Self.decide(FakeRequest(headers: headers)) == Self.untimely)
    // The signed one is right, the other does not matter.
    #expect(try Self.decide(FakeRequest(headers: headers + [("Date", SignedRequest.date)])) == "next")
    #expect(try Self.decide(Self.fake(.sha256, changing: ["Date": old]), ["clock_skew": 1e9]) == Self.different)
    #expect(try Self.decide(Self.fake(.oldDate)) == Self.untimely)
    #expect(try Self.decide(Self.fake(.oldDate), ["clock_skew": 1e9]) == "next")
    // No date is signed at all.
    #expect(try Self.decide(Self.fake(.undated)) == Self.untimely)
  }

  @Test func aHeaderThatIsSignedComesOnce() throws {
    let twice = [("Date", SignedRequest.date), ("Date", "Tue, 14 Nov 2023 22:13:21 GMT")]
    let request = try FakeRequest(headers: twice + [("Authorization", SignedRequest.sha256.authorization)])
    #expect(try Self.decide(request) == Self.unverifiable)
  }

  /// A header of a special name stands for nothing.
  @Test func theRequestLineIsTheRequests() throws {
    let forged = try FakeRequest(
      "/other",
      headers: [
        ("Date", SignedRequest.date), ("request-line", "GET /things?a=1&b=%20x HTTP/1.1"),
        ("Authorization", SignedRequest.line.authorization),
      ])
    #expect(try Self.decide(forged) == Self.different)
  }

  // MARK: Body

  @Test func theBodyIsComparedWithItsDigest() throws {
    let config: JSONValue = ["validate_request_body": true]
    #expect(try Self.decide(Self.fake(.digest), config) == "next")
    #expect(try Self.decide(Self.fake(.emptyDigest), config) == "next")
    let changed = try Self.fake(.digest)
    changed.bufferedBody = ByteBuffer(#"{"a":2}"#)
    #expect(try Self.decide(changed, config) == Self.different)
    #expect(try Self.decide(changed) == "next")
    // One that did not fit is not known.
    changed.bufferedBody = nil
    #expect(try Self.decide(changed, config) == "413 Request body too large")
    // A digest that is not signed may have come with another body.
    #expect(try Self.decide(Self.fake(.looseDigest), config) == Self.different)
    #expect(try Self.decide(Self.fake(.looseDigest)) == "next")
    // Without a digest, only an empty one.
    let plain = try Self.fake(.sha256)
    plain.bufferedBody = ByteBuffer()
    #expect(try Self.decide(plain, config) == "next")
    plain.bufferedBody = ByteBuffer("x")
    #expect(try Self.decide(plain, config) == Self.different)
  }

  @Test(arguments: ["", "SHA-256=", "SHA-512=AAAA", "sha-256=AAAA", "SHA-256=!", "AAAA"])
  func otherDigestsDoNotMatch(digest: String) { #expect(!BodyDigest.matches(digest, [])) }

  @Test func onlyValidationAsksForTheBody() throws {
    #expect(try !instance(HMACAuthPlugin.self).wantsRequestBody)
    #expect(try instance(HMACAuthPlugin.self, ["validate_request_body": true]).wantsRequestBody)
  }

  // MARK: Answers

  @Test(arguments: [
    "", "asd", "hmac", "hmac :dXNlcm5hbWU6cGFzc3dvcmQ=", "hmac username=,algorithm,headers,x",
    #"hmac username="ann", algorithm="hmac-sha256", headers="date""#,
    #"hmac algorithm="hmac-sha256", username="ann", headers="date", signature="AAAA""#,
  ]) func otherAuthorizationsAreRefused(authorization: String) throws {
    #expect(try Self.decide(Self.fake(.sha256, authorization: authorization)) == Self.unverifiable)
  }

  @Test func noAuthorizationIsRefused() throws {
    #expect(try Self.decide(FakeRequest()) == "401 Unauthorized")
    #expect(try Self.decide(FakeRequest(headers: [("Authorization", "asd")])) == Self.untimely)
  }

  @Test(arguments: [([:], "hmac"), (["realm": "my api"], #"hmac realm="my api""#)] as [(JSONValue, String)])
  func aRefusalNamesTheScheme(config: JSONValue, challenge: String) throws {
    let plugin = try instance(HMACAuthPlugin.self, config, directory: Self.directory)
    for request in [try FakeRequest(), try Self.fake(.sha256, authorization: "asd")] {
      guard case .respond(let response) = try plugin.access(request.context) else {
        Issue.record("not refused")
        return
      }
      #expect(response.status == 401 && response.headers.contains { $0 == ("WWW-Authenticate", challenge) })
    }
  }

  @Test func credentialsCanBeHidden() throws {
    for field in ["Authorization", "Proxy-Authorization"] {
      let request = try Self.fake(.sha256, field: field)
      #expect(try Self.decide(request, ["hide_credentials": true]) == "next")
      #expect(request.upstreamHeader(field).isEmpty)
    }
    let refused = try Self.fake(.sha256, authorization: "asd")
    #expect(try Self.decide(refused, ["hide_credentials": true, "anonymous": "nobody"]) == "next")
    #expect(refused.upstreamHeader("Authorization").isEmpty && refused.consumer?.username == "nobody")
  }

  @Test func anonymousStandsIn() throws {
    for request in [try FakeRequest(), try Self.fake(.sha256, target: "/", changing: ["Date": "never"])] {
      #expect(try Self.decide(request, ["anonymous": "nobody"]) == "next")
      #expect(request.consumer?.username == "nobody" && request.credential == nil)
      #expect(request.upstreamHeader("X-Anonymous-Consumer") == ["true"])
    }
    #expect(try Self.decide(FakeRequest(), ["anonymous": "ghost"]) == "500 An unexpected error occurred")
    let known = try FakeRequest()
    known.credential = Self.credential
    #expect(try Self.decide(known, ["anonymous": "ghost"]) == "next")
  }

  @Test func aCredentialThatMustBeReadFirstSuspends() throws {
    let directory = FakeDirectory("hmacauth_credentials", isPending: true)
    let request = try Self.fake(.sha256)
    #expect(try Self.decide(request, ["hide_credentials": true], directory) == "suspend")
    // It will be read again.
    #expect(request.suspensions == 1 && request.upstreamHeader("Authorization").count == 1)
  }
}
