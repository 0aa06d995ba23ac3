// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// The proxy-cache plugin without a gateway.
@Suite struct ProxyCacheTests {
  private typealias Answer = CacheBench.Answer

  // MARK: Configuration

  @Test(
    arguments: [
      ([:], "strategy"), (["strategy": "redis"], "expected one of: memory"),
      (["strategy": "memory", "response_code": [99]], "value should be between 100 and 900"),
      (["strategy": "memory", "response_code": []], "length must be at least 1"),
      (["strategy": "memory", "response_code": [123.5]], "expected an integer"),
      (["strategy": "memory", "cache_ttl": 0], "value must be greater than 0"),
      (["strategy": "memory", "request_method": ["DELETE"]], "expected one of: HEAD, GET, POST, PATCH, PUT"),
      (["strategy": "memory", "memory": ["dictionary_name": "mine"]], "missing shared dict 'mine'"),
    ] as [(JSONValue, String)])
  func aBadConfigurationIsRefused(config: JSONValue, message: String) {
    #expect(outcome("proxy-cache", config).contains(message), "\(outcome("proxy-cache", config))")
  }

  @Test func defaultsAreKongs() throws {
    let config = try validate("proxy-cache", ["strategy": "memory"]).get()["config"]
    #expect(config?["response_code"] == [200, 301, 404] && config?["request_method"] == ["GET", "HEAD"])
    #expect(config?["content_type"] == ["text/plain", "application/json"] && config?["cache_ttl"] == 300)
    #expect(config?["memory"] == ["dictionary_name": "kong_db_cache"] && config?["cache_control"] == false)
    #expect(config?["response_headers"] == ["age": true, "X-Cache-Status": true, "X-Cache-Key": true])
    #expect(outcome("proxy-cache", ["strategy": "memory"], ["protocols": ["tcp"]]).hasPrefix("{"))
  }

  // MARK: Missing and hitting

  @Test func aResponseIsRepeated() throws {
    let bench = try CacheBench()
    let headers = [
      ("Content-Type", "text/plain"), ("X-One", "1"), ("Link", "a"), ("Link", "b"), ("Vary", "X"),
      ("Connection", "close, x-gone"), ("X-Gone", "1"), ("Age", "9"), ("X-RateLimit-Remaining-Minute", "3"),
      ("Content-Length", "10"), ("Date", "then"), ("Keep-Alive", "x"), ("Proxy-Authenticate", "x"), ("Trailer", "x"),
      ("x-cache-status", "HIT"), ("Via", "1.1 other"), ("X-Kong-Upstream-Latency", "9"),
    ]
    let first = try bench.ask("/?a=1", Answer(headers: headers, parts: ["hel", "lo", "world"]))
    #expect(first.cacheStatus == "Miss" && first.body == "helloworld")
    let key = try #require(first["X-Cache-Key"])
    let second = try bench.ask("/?a=1", after: 7)
    #expect(second.request == nil && second.status == 200 && second.body == "helloworld")
    let names = second.headers.map { "\($0.name): \($0.value)" }
    #expect(
      names == [
        "Content-Type: text/plain", "X-One: 1", "Link: a", "Link: b", "Vary: X", "Date: then",
        "Via: 1.1 other", "Age: 7", "X-Cache-Status: Hit", "X-Cache-Key: \(key)",
      ])
    #expect(try bench.ask("/?a=2").cacheStatus == "Miss")
  }

  @Test func whatThePluginsBeforeSetIsRepeated() throws {
    let bench = try CacheBench()
    let request = try FakeRequest()
    request.matchedRoute = bench.route
    #expect(words(try bench.plugin.access(request.context)) == "next")
    try request.receive(headers: [("Content-Type", "text/plain"), ("X-Old", "1")])
    request.context.response.setHeader("X-New", "2")
    request.context.response.clearHeader("X-Old")
    request.context.response.setStatus(404)
    try bench.plugin.headerFilter(request.context)
    _ = try request.filter(bench.plugin, ["gone"])
    let hit = try bench.ask()
    #expect(hit.status == 404 && hit.body == "gone" && hit["X-New"] == "2" && hit["X-Old"] == nil)
  }

  @Test func headersAreShownAsConfiguredOrWhenDebugged() throws {
    let bench = try CacheBench(["response_headers": ["age": false, "X-Cache-Status": false, "X-Cache-Key": false]])
    for _ in 0..<2 {
      let quiet = try bench.ask()
      #expect(["Age", "X-Cache-Status", "X-Cache-Key"].allSatisfy { quiet[$0] == nil })
    }
    let debugged = try bench.ask(headers: [("kong-debug", "1")], after: 3)
    #expect(debugged.cacheStatus == "Hit" && debugged["Age"] == "3" && debugged["X-Cache-Key"]?.count == 64)
    #expect(try bench.ask(method: "POST", headers: [("Kong-Debug", "0")]).cacheStatus == "Bypass")
  }

  @Test func whatIsNotForTheCacheIsBypassed() throws {
    let bench = try CacheBench()
    let bypassed = try bench.ask(method: "POST")
    #expect(bypassed.cacheStatus == "Bypass" && bypassed["X-Cache-Key"] == nil)
    for answer in [
      Answer(status: 418), Answer(headers: []), Answer(headers: [("Content-Type", "")]),
      Answer(headers: [("Content-Type", "text/html")]), Answer(headers: [("Content-Type", "text/plain; charset=a")]),
    ] {
      for _ in 0..<2 { #expect(try bench.ask(answer).cacheStatus == "Bypass") }
    }
    #expect(bench.store.count == 0)
  }

  @Test func anErrorOfTheGatewayIsNotKept() throws {
    let bench = try CacheBench(["response_code": [502], "content_type": ["*/*"]])
    let request = try FakeRequest()
    _ = try bench.plugin.access(request.context)
    request.responseSource = .error
    request.status = 502
    request.localHeaders = [("Content-Type", "text/plain")]
    try bench.plugin.headerFilter(request.context)
    #expect(request.context.response.header("X-Cache-Status") == "Bypass")
    #expect(!bench.plugin.filtersBody(request.context))
  }

  @Test func bodiesAreWholeOrNotKept() throws {
    let bench = try CacheBench()
    _ = try bench.ask(Answer(isWhole: false))
    #expect(bench.store.count == 0 && bench.store.reservedBytes == 0)
    let request = try FakeRequest()
    request.matchedRoute = bench.route
    _ = try bench.plugin.access(request.context)
    try request.receive(headers: [("Content-Type", "text/plain")])
    try bench.plugin.headerFilter(request.context)
    var part = BodyPart(bytes: ByteBuffer("hello"), isLast: true)
    part.refuse()
    try bench.plugin.bodyFilter(request.context, part: &part)
    #expect(bench.store.count == 0 && bench.store.reservedBytes == 0)
    #expect(try bench.ask().cacheStatus == "Miss")
    #expect(try bench.ask().cacheStatus == "Hit")
  }

  /// As in Kong, where the phase that keeps responses does not run for those without a body.
  @Test func headIsAlwaysAMiss() throws {
    let bench = try CacheBench(["response_code": [200, 204]])
    for _ in 0..<2 { #expect(try bench.ask(method: "HEAD").cacheStatus == "Miss") }
    _ = try bench.ask()
    #expect(try bench.ask(method: "HEAD").cacheStatus == "Miss")
    for _ in 0..<2 { #expect(try bench.ask("/none", Answer(status: 204, parts: [])).cacheStatus == "Miss") }
    #expect(bench.store.count == 1)
  }

  @Test func whatIsTooLargePasses() throws {
    let bench = try CacheBench(capacityBytes: 64 << 10)
    let large = String(repeating: "x", count: 33 << 10)
    for headers in [[], [("Content-Length", "\(large.utf8.count)")]] {
      let answer = Answer(headers: [("Content-Type", "text/plain")] + headers, parts: [large, large])
      #expect(try bench.ask(answer).body == large + large)
      #expect(bench.store.count == 0 && bench.store.reservedBytes == 0)
    }
  }

  // MARK: Freshness

  @Test func aResponseIsFreshForItsTime() throws {
    let bench = try CacheBench(["cache_ttl": 10, "storage_ttl": 100])
    _ = try bench.ask()
    #expect(try bench.ask(after: 10).cacheStatus == "Hit")
    #expect(try bench.ask(after: 11).cacheStatus == "Refresh")
    let hit = try bench.ask(after: 12)
    #expect(hit.cacheStatus == "Hit" && hit["Age"] == "1")
    #expect(try bench.ask(after: 111).cacheStatus == "Miss")
  }

  @Test(arguments: [(nil, 9, 10), (0, 10, nil), (5, 4, 5), (-1, nil, 0), (1 << 53, 10, nil)] as [(Int64?, Int?, Int?)])
  func storageEndsWhenItSays(storage: Int64?, found: Int?, lost: Int?) throws {
    let bench = try CacheBench(["cache_ttl": 10, "storage_ttl": storage.map { .int($0) } ?? .null])
    _ = try bench.ask()
    if let found { #expect(try bench.ask(after: found).cacheStatus == "Hit") }
    if let lost { #expect(try bench.ask(after: lost).cacheStatus == "Miss") }
    if lost == nil { #expect(try bench.ask(after: 1 << 33).cacheStatus == (storage == 0 ? "Refresh" : "Miss")) }
  }

  /// A clock that was set back makes nothing older than new.
  @Test func agesAreNotNegative() throws {
    let bench = try CacheBench()
    _ = try bench.ask(after: 100)
    #expect(try bench.ask()["Age"] == "0")
  }

  @Test func cacheControlOfAServiceCounts() throws {
    func answer(_ text: String) -> Answer {
      Answer(headers: [("Content-Type", "text/plain"), ("Cache-Control", text)])
    }
    let bench = try CacheBench(["cache_control": true])
    for text in [
      "private", "no-store, max-age=5", "max-age=0", "no-cache", "public", "max-age=x", "s-maxage=0,max-age=5",
    ] {
      for _ in 0..<2 { #expect(try bench.ask(answer(text)).cacheStatus == "Bypass", "\(text)") }
    }
    #expect(try bench.ask(answer("max-age=5")).cacheStatus == "Miss")
    #expect(try bench.ask(after: 4).cacheStatus == "Hit")
    #expect(try bench.ask(after: 5).cacheStatus == "Bypass")
    // Without `cache_control` a lifetime does not count, nor does what clients say.
    let plain = try CacheBench()
    _ = try plain.ask(answer("max-age=0"))
    #expect(try plain.ask(headers: [("Cache-Control", "no-cache")]).cacheStatus == "Hit")
  }

  @Test func cacheControlOfAClientCounts() throws {
    let bench = try CacheBench(["cache_control": true, "storage_ttl": 1000])
    let answer = Answer(headers: [("Content-Type", "text/plain"), ("Cache-Control", "max-age=10")])
    func status(_ text: String, after seconds: Int = 0) throws -> String? {
      try bench.ask(headers: [("Cache-Control", text)], after: seconds, answer).cacheStatus
    }
    #expect(try status("no-store") == "Bypass" && status("no-cache") == "Bypass")
    let only = try bench.ask(headers: [("Cache-Control", "only-if-cached")])
    #expect(only.request == nil && only.status == 504 && only.body == nil && only["X-Cache-Key"] != nil)
    #expect(only.cacheStatus == nil)
    #expect(try status("") == "Miss" && status("only-if-cached", after: 5) == "Hit")
    #expect(try status("max-age=4", after: 5) == "Refresh")
    #expect(try status("min-fresh=6", after: 10) == "Refresh" && status("max-stale=2", after: 22) == "Hit")
    #expect(try status("", after: 22) == "Refresh")
    #expect(try bench.ask(headers: [("Authorization", "Basic x")]).cacheStatus == "Bypass")
  }

  // MARK: Conditions

  @Test(
    arguments: [
      (["If-None-Match: \"v1\""], 304), (["If-None-Match: W/\"v1\""], 304), (["If-None-Match: \"v2\""], 200),
      (["If-None-Match: \"a\",\t\"v1\" "], 304), (["If-None-Match: \"a\"", "If-None-Match: \"v1\""], 304),
      (["If-None-Match: *"], 304), (["If-None-Match: "], 200), (["If-None-Match: ,,"], 200),
      (["If-None-Match: v1"], 200),
      (["If-None-Match: \""], 200), (["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], 304),
      (["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], 304),
      (["If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT"], 200), (["If-Modified-Since: now"], 200),
      (["If-None-Match: \"v1\"", "If-Modified-Since: now"], 200),
      (["If-None-Match: \"v1\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], 304), (["If-Match: \"x\""], 200),
    ] as [([String], UInt16)]) func aClientIsNotSentWhatItHas(fields: [String], status: UInt16) throws
  {
    let bench = try CacheBench()
    let headers = [
      ("Content-Type", "text/plain"), ("etag", "W/\"v1\""), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
      ("Content-Encoding", "x"), ("X-A", "1"),
    ]
    _ = try bench.ask(CacheBench.Answer(headers: headers))
    let conditions = fields.map { field -> (String, String) in
      let parts = field.split(separator: ":", maxSplits: 1)
      return (String(parts[0]), String(parts[1].dropFirst()))
    }
    let hit = try bench.ask(headers: conditions)
    #expect(hit.status == status && hit.cacheStatus == "Hit" && hit["ETag"] != nil && hit["X-A"] == "1")
    #expect((hit.body == nil) == (status == 304))
    #expect((hit["Content-Type"] == nil) == (status == 304) && (hit["Content-Encoding"] == nil) == (status == 304))
  }

  @Test func conditionsNeedSomethingToCompare() throws {
    let bench = try CacheBench()
    _ = try bench.ask()
    #expect(try bench.ask(headers: [("If-None-Match", "\"\"")]).status == 200)
    #expect(try bench.ask(headers: [("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")]).status == 200)
    _ = try bench.ask("/none", Answer(status: 404, headers: [("Content-Type", "text/plain"), ("ETag", "\"a\"")]))
    #expect(try bench.ask("/none", headers: [("If-None-Match", "\"a\"")]).status == 404)
  }

  // MARK: What is kept

  @Test func bodiesOfRequestsAreKeptForTheLogs() throws {
    let bench = try CacheBench(["request_method": ["POST"]])
    #expect(bench.plugin.wantsRequestBody)
    #expect(try !CacheBench().plugin.wantsRequestBody)
    let request = try FakeRequest("/", method: "POST", headers: [("Content-Length", "8")], body: "question")
    request.matchedRoute = bench.route
    _ = try bench.plugin.access(request.context)
    try request.receive(headers: [("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2"), ("X-A", "3")])
    try bench.plugin.headerFilter(request.context)
    _ = try request.filter(bench.plugin, ["answer"])
    let again = try FakeRequest("/", method: "POST", headers: [("Content-Length", "8")], body: "question")
    again.matchedRoute = bench.route
    again.wallMicroseconds = request.wallMicroseconds
    #expect(words(try bench.plugin.access(again.context)) == "200 answer")
    let held = try #require(again.context.shared["proxy_cache_hit"] as? CachedResponse)
    let shown = held.shown
    #expect(shown["req_body"] == "question" && shown["body"] == "answer" && shown["body_len"] == 6)
    #expect(shown["status"] == 200 && shown["ttl"] == 300 && shown["version"] == 1)
    #expect(shown["timestamp"] == .int(Int64(request.wallMicroseconds / 1_000_000)))
    #expect(shown["headers"]?["X-A"] == ["1", "2", "3"] && shown["headers"]?["X-Cache-Status"] == "Miss")
  }
}
