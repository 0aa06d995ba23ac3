// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// What a cache that many clients share may not do (RFC 9111).
@Suite struct SharedCacheTests {
  private typealias Answer = CacheBench.Answer

  private static func answer(_ headers: (String, String)..., status: UInt16 = 200, body: String = "hello") -> Answer {
    Answer(status: status, headers: [("Content-Type", "text/plain")] + headers, parts: [body])
  }

  // MARK: Vary

  @Test func eachVariantIsKeptByItself() throws {
    let bench = try CacheBench()
    func ask(_ languages: String...) throws -> CacheBench.Outcome {
      try bench.ask(
        headers: languages.map { ("Accept-Language", $0) },
        Self.answer(("Vary", "Accept-Language"), body: languages.joined(separator: "+")))
    }
    for status in ["Miss", "Hit"] {
      for languages in [[], ["da"], ["en"], [""]] as [[String]] {
        let outcome =
          try languages.isEmpty ? ask() : ask(languages[0])
        #expect(outcome.cacheStatus == status && outcome.body == languages.first ?? "", "\(languages)")
      }
    }
    // White space and the number of fields do not count.
    #expect(try ask("da, en").cacheStatus == "Miss" && ask("da", "en").cacheStatus == "Hit")
    #expect(try ask(" da ,en").cacheStatus == "Miss")
    let key = try #require(ask("da")["X-Cache-Key"])
    #expect(try ask("en")["X-Cache-Key"] == key)
  }

  @Test func theFieldsOfAllResponsesCount() throws {
    let bench = try CacheBench()
    func ask(_ headers: [(String, String)], vary: String?) throws -> String? {
      try bench.ask(headers: headers, vary.map { Self.answer(("Vary", $0)) } ?? Self.answer()).cacheStatus
    }
    #expect(try ask([], vary: nil) == "Miss" && ask([("Cookie", "a")], vary: nil) == "Hit")
    bench.store.removeAll()
    #expect(try ask([("A", "1")], vary: "A") == "Miss")
    // A response that names another field makes both count, also for those that name none.
    #expect(try ask([("A", "2"), ("B", "1")], vary: "b") == "Miss")
    #expect(try ask([("A", "2"), ("B", "2")], vary: nil) == "Miss")
    #expect(
      try ask([("A", "2"), ("B", "1")], vary: nil) == "Hit" && ask([("A", "2"), ("B", "2")], vary: nil) == "Hit")
    #expect(try ask([("A", "1")], vary: "A") == "Miss")
  }

  @Test func cookiesCountWhereTheServiceSaysSo() throws {
    let bench = try CacheBench()
    for (cookie, status) in [("s=1", "Miss"), ("s=2", "Miss"), ("s=1", "Hit"), ("s=2", "Hit")] {
      let outcome = try bench.ask(headers: [("Cookie", cookie)], Self.answer(("vary", "cookie"), body: cookie))
      #expect(outcome.cacheStatus == status && outcome.body == cookie)
    }
    #expect(try bench.ask(Self.answer(("Vary", "Cookie"))).cacheStatus == "Miss")
  }

  @Test(arguments: ["*", "Accept, *", " * ", "a b", "X-Forwarded-For", "X-Real-IP", "\u{E9}"])
  func whatCannotBeToldApartIsNotKept(vary: String) throws {
    let bench = try CacheBench()
    for _ in 0..<2 { #expect(try bench.ask(Self.answer(("Vary", vary))).cacheStatus == "Bypass", "\(vary)") }
    #expect(bench.store.count == 0)
  }

  @Test func tooManyFieldsAreNotKept() throws {
    let bench = try CacheBench()
    let many = (0...VaryFields.limit).map { "x-\($0)" }.joined(separator: ",")
    for _ in 0..<2 { #expect(try bench.ask(Self.answer(("Vary", many))).cacheStatus == "Bypass") }
  }

  /// What is purged stays away, also the variants.
  @Test func aPurgeTakesAllVariants() throws {
    let bench = try CacheBench()
    func ask(_ value: String) throws -> CacheBench.Outcome {
      try bench.ask(headers: [("A", value)], Self.answer(("Vary", "A"), body: value))
    }
    let key = try #require(ask("1")["X-Cache-Key"].flatMap { CacheKey($0) })
    _ = try ask("2")
    #expect(bench.store.response(at: key, now: CacheBench.start)?.body.string == "2")
    #expect(bench.store.remove(key, now: CacheBench.start))
    #expect(bench.store.response(at: key, now: CacheBench.start) == nil)
    #expect(try ask("1").cacheStatus == "Miss" && ask("2").cacheStatus == "Miss" && ask("1").cacheStatus == "Hit")
  }

  /// A plugin that runs later changed the field: the next request cannot be compared.
  @Test func whatIsChangedBehindTheCacheIsNotKept() throws {
    let bench = try CacheBench()
    for vary in ["X-Tier", "Other"] {
      let request = try FakeRequest("/\(vary)")
      request.matchedRoute = bench.route
      request.wallMicroseconds = UInt64(CacheBench.start) * 1_000_000
      #expect(words(try bench.plugin.access(request.context)) == "next")
      request.context.serviceRequest.setHeader("X-Tier", "gold")
      try request.receive(headers: [("Content-Type", "text/plain"), ("Vary", vary)])
      try bench.plugin.headerFilter(request.context)
      _ = try request.filter(bench.plugin, ["x"])
    }
    #expect(try bench.ask("/X-Tier", headers: [("X-Tier", "gold")]).cacheStatus == "Miss")
    #expect(try bench.ask("/Other").cacheStatus == "Hit")
  }

  // MARK: For one client

  @Test(
    arguments: [
      ("Set-Cookie", "a=1"), ("set-cookie2", "a"), ("Cache-Control", "private"), ("Cache-Control", "no-store"),
      ("Cache-Control", "no-cache"), ("Cache-Control", "max-age=9, Private=\"x\""), ("Content-Range", "bytes 0-4/9"),
    ]) func whatIsForOneClientIsNotKept(name: String, value: String) throws
  {
    for config in [[:], ["cache_control": true, "cache_ttl": 30]] as [JSONObject] {
      let bench = try CacheBench(config)
      for _ in 0..<2 { #expect(try bench.ask(Self.answer((name, value))).cacheStatus == "Bypass") }
      #expect(bench.store.count == 0)
    }
  }

  @Test(arguments: [206, 304, 400, 401, 407, 408, 412, 413, 416, 417, 429, 431] as [UInt16])
  func answersToOneClientAreNotKept(status: UInt16) throws {
    let bench = try CacheBench(["response_code": [.int(Int64(status)), 200]])
    for _ in 0..<2 { #expect(try bench.ask(Self.answer(status: status)).cacheStatus == "Bypass") }
    #expect(bench.store.count == 0)
  }

  @Test func credentialsAreNotForTheCache() throws {
    let bench = try CacheBench()
    let ann = [("Authorization", "Bearer ann")]
    for _ in 0..<2 { #expect(try bench.ask(headers: ann, Self.answer(body: "ann")).cacheStatus == "Bypass") }
    #expect(try bench.ask().cacheStatus == "Miss")
    // What others got without credentials may be another's page.
    #expect(try bench.ask(headers: ann, Self.answer(body: "ann")).body == "ann")
    #expect(try bench.ask().cacheStatus == "Hit")
  }

  @Test(arguments: ["public", "s-maxage=60", "must-revalidate"])
  func aServiceMayGiveToAllWhatOneWasAskedFor(text: String) throws {
    let bench = try CacheBench()
    let ann = [("Authorization", "Bearer ann")]
    #expect(try bench.ask(headers: ann, Self.answer(("Cache-Control", text))).cacheStatus == "Miss")
    #expect(try bench.ask(headers: [("Authorization", "bob")]).cacheStatus == "Hit")
    #expect(try bench.ask().cacheStatus == "Hit")
  }

  @Test func credentialsMayBePartOfTheKey() throws {
    let bench = try CacheBench(["vary_headers": ["authorization"]])
    for status in ["Miss", "Hit"] {
      for name in ["ann", "bob"] {
        let outcome = try bench.ask(headers: [("Authorization", name)], Self.answer(body: name))
        #expect(outcome.cacheStatus == status && outcome.body == name)
      }
    }
  }

  /// The property `proxy_cache_private`.
  @Test func kongsWayMayBeConfigured() throws {
    let bench = try CacheBench(keepsPrivate: true)
    for status in ["Miss", "Hit"] {
      #expect(
        try bench.ask(headers: [("Authorization", "a")], Self.answer(("Cache-Control", "private"))).cacheStatus
          == status)
      #expect(try bench.ask("/c", Self.answer(("Set-Cookie", "a"))).cacheStatus == "Bypass")
    }
    let controlled = try CacheBench(["cache_control": true], keepsPrivate: true)
    for _ in 0..<2 {
      #expect(
        try controlled.ask(headers: [("Authorization", "a")], Self.answer(("Cache-Control", "max-age=9"))).cacheStatus
          == "Bypass")
      #expect(try controlled.ask(Self.answer(("Cache-Control", "private, max-age=9"))).cacheStatus == "Bypass")
    }
  }

  // MARK: Requests that are not what they look like

  @Test(arguments: ["X-HTTP-Method-Override", "x-http-method", "X_Method_Override"])
  func anOverriddenMethodIsNotForTheCache(name: String) throws {
    let bench = try CacheBench()
    _ = try bench.ask()
    for _ in 0..<2 { #expect(try bench.ask(headers: [(name, "DELETE")]).cacheStatus == "Bypass") }
    #expect(try bench.ask("/?_method=DELETE").cacheStatus == "Bypass")
    #expect(try bench.ask("/?a=1;_Method=PUT").cacheStatus == "Bypass")
    #expect(try bench.ask("/?method=a").cacheStatus == "Miss")
  }

  @Test func bodiesThatTheKeyDoesNotHaveAreNotForTheCache() throws {
    let bench = try CacheBench(["request_method": ["GET", "HEAD", "POST"]])
    for method in ["GET", "HEAD"] {
      for _ in 0..<2 { #expect(try bench.ask(method: method, body: "evil").cacheStatus == "Bypass") }
    }
    let chunked = [("Transfer-Encoding", "chunked")]
    #expect(try bench.ask(headers: chunked).cacheStatus == "Bypass")
    for status in ["Miss", "Hit"] {
      for body in ["a", "b"] { #expect(try bench.ask(method: "POST", body: body).cacheStatus == status) }
    }
    // Too large to be read.
    let request = try FakeRequest("/", method: "POST", headers: [("Content-Length", "9")])
    request.matchedRoute = bench.route
    #expect(words(try bench.plugin.access(request.context)) == "next")
    #expect(request.context.response.header("X-Cache-Status") == "Bypass")
  }

  @Test func aWebSocketIsNotForTheCache() throws {
    let bench = try CacheBench()
    _ = try bench.ask()
    #expect(try bench.ask(headers: [("Upgrade", "WebSocket"), ("Connection", "upgrade")]).cacheStatus == "Bypass")
  }

  // MARK: Age

  @Test func whatIsOldWhenItComesIsOlder() throws {
    let bench = try CacheBench(["cache_control": true])
    let answer = Self.answer(("Cache-Control", "max-age=10"), ("Age", "4"))
    #expect(try bench.ask(answer).cacheStatus == "Miss")
    let hit = try bench.ask(after: 5)
    #expect(hit.cacheStatus == "Hit" && hit["Age"] == "9")
    #expect(try bench.ask(after: 6, answer).cacheStatus == "Miss")
  }

  @Test(arguments: [("Age", "10"), ("Age", "x"), ("Age", "-1"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")])
  func whatIsOverWhenItComesIsNotKept(name: String, value: String) throws {
    let bench = try CacheBench(["cache_control": true])
    let answer = Self.answer(("Cache-Control", "max-age=10"), (name, value))
    for _ in 0..<2 { #expect(try bench.ask(answer).cacheStatus == "Bypass") }
  }

  @Test func aServiceMayWantNothingOldRepeated() throws {
    let bench = try CacheBench(["cache_control": true, "storage_ttl": 100])
    let answer = Self.answer(("Cache-Control", "max-age=10, must-revalidate"))
    _ = try bench.ask(answer)
    #expect(try bench.ask(headers: [("Cache-Control", "max-stale")], after: 11, answer).cacheStatus == "Refresh")
  }

  @Test func answersOfTheGatewayAreNotKept() throws {
    let bench = try CacheBench()
    for source in [ResponseSource.exit, .error] {
      let request = try FakeRequest()
      request.matchedRoute = bench.route
      _ = try bench.plugin.access(request.context)
      request.responseSource = source
      request.status = 200
      request.localHeaders = [("Content-Type", "text/plain")]
      try bench.plugin.headerFilter(request.context)
      #expect(!bench.plugin.filtersBody(request.context))
    }
  }
}
