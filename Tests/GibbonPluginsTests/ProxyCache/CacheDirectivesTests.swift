// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// What is read out of `Cache-Control`, however odd it is.
@Suite struct CacheDirectivesTests {
  private static let now = 784_111_777

  @Test func directivesAreReadWithoutCaseAndSpace() {
    let directives = CacheDirectives(["Max-Age=60 ,\tNO-STORE", "s-maxage=\"5\""])
    #expect(directives.seconds("max-age") == 60 && directives.seconds("s-maxage") == 5)
    #expect(directives.has("no-store") && directives.refusesCache && directives.forbidsStoring)
    #expect(!directives.has("no-cache") && !directives.has("store"))
  }

  @Test func ofSeveralTheLeastTrustingCounts() {
    #expect(CacheDirectives(["max-age=3, max-age=2", "max-age=4"]).seconds("max-age") == 2)
    #expect(CacheDirectives(["max-age=3, max-age=x"]).seconds("max-age") == nil)
    #expect(CacheDirectives(["max-age=3", "max-age"]).lifetimeSeconds(expires: [], date: 0) == 0)
    #expect(!CacheDirectives(["min-fresh=1, min-fresh=30"]).accept(ageSeconds: 10, ttlSeconds: 30))
    #expect(!CacheDirectives(["max-stale, max-stale=1"]).accept(ageSeconds: 40, ttlSeconds: 30))
  }

  /// Some services write them so, and mean it.
  @Test func semicolonsSeparateToo() {
    let directives = CacheDirectives(["private; max-age=60"])
    #expect(directives.forbidsStoring && directives.seconds("max-age") == 60)
    #expect(CacheDirectives(["\"no-store\""]).forbidsStoring)
  }

  @Test func aServiceMaySayThatNothingOldIsRepeated() {
    for text in ["must-revalidate", "proxy-revalidate", "s-maxage=30"] {
      #expect(CacheDirectives(["max-age=30, \(text)"]).mustBeFresh, "\(text)")
    }
    let patient = CacheDirectives(["max-stale"])
    #expect(
      patient.accept(ageSeconds: 40, ttlSeconds: 30)
        && !patient.accept(ageSeconds: 40, ttlSeconds: 30, mustBeFresh: true))
  }

  @Test(arguments: [
    ("max-age=0", 0), ("max-age=7", 7), ("max-age=2147483648", 1 << 31),
    ("max-age=99999999999999999999999999", 1 << 31),
    ("max-age=9223372036854775807", 1 << 31), ("max-age", nil), ("max-age=", nil), ("max-age=-1", nil),
    ("max-age=+1", nil), ("max-age=1e9", nil), ("max-age=1.5", nil), ("max-age=0x10", nil), ("max-age=nan", nil),
    ("max-age=٣", nil), ("max-age=\"", nil), ("max-age=\"\"", nil), ("max-age= 5 ", 5), ("max-age = 5", 5),
    ("max-age=5 5", nil), ("=5", nil), ("", nil), (",,,=,", nil), ("max-age=5;", 5), ("\u{0}max-age=5", nil),
  ]) func secondsAreDigits(text: String, seconds: Int?) {
    #expect(CacheDirectives([text]).seconds("max-age") == seconds)
  }

  @Test func aLongFieldIsReadInItsTime() {
    let text = String(repeating: "a=\",", count: 8000)
    #expect(CacheDirectives([text, "max-age=1"]).seconds("max-age") == 1)
  }

  // MARK: Of a response

  @Test(
    arguments: [
      (["max-age=60"], nil, 60), (["max-age=60, s-maxage=5"], nil, 5), (["s-maxage=x, max-age=60"], nil, 0),
      (["max-age"], nil, 0), (["max-age=-5"], nil, 0), ([], nil, 0), (["public"], nil, 0),
      ([], "Sun, 06 Nov 1994 08:50:37 GMT", 60), ([], "Sun, 06 Nov 1994 08:48:37 GMT", 0), ([], "0", 0), ([], "", 0),
      (["max-age=9"], "Sun, 06 Nov 1994 08:50:37 GMT", 9), ([], "Fri, 31 Dec 9999 23:59:59 GMT", 1 << 31),
      ([], "Fri, 99 Dec 9999 99:99:99 GMT", 0),
    ] as [([String], String?, Int)])
  func aLifetimeIsNeverGuessed(fields: [String], expires: String?, seconds: Int) {
    #expect(CacheDirectives(fields).lifetimeSeconds(expires: expires.map { [$0] } ?? [], date: Self.now) == seconds)
  }

  @Test(arguments: ["private", "no-store", "no-cache", "private=\"set-cookie\"", "max-age=5, private ,x", "NO-CACHE"])
  func somePartsForbidStoring(text: String) {
    #expect(CacheDirectives([text]).forbidsStoring)
  }

  // MARK: Of a request

  /// Age 10 of 30 seconds, or 40 of 30.
  @Test(arguments: [
    ("", true, false), ("max-age=10", true, false), ("max-age=9", false, false), ("max-age=40", true, false),
    ("max-age=x", false, false), ("max-age", false, false), ("max-stale", true, true), ("max-stale=10", true, true),
    ("max-stale=9", true, false), ("max-stale=x", true, false), ("min-fresh=20", true, false),
    ("min-fresh=21", false, false), ("min-fresh", false, false), ("min-fresh=x", false, false),
    ("max-stale, max-age=10", true, false), ("max-stale=99999999999999999999", true, true),
    ("min-fresh=99999999999999999999", false, false),
  ]) func aClientSaysHowOldAResponseMayBe(text: String, fresh: Bool, stale: Bool) {
    let directives = CacheDirectives([text])
    #expect(directives.accept(ageSeconds: 10, ttlSeconds: 30) == fresh)
    #expect(directives.accept(ageSeconds: 40, ttlSeconds: 30) == stale)
  }
}
