// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// The response-ratelimiting plugin without a gateway.
@Suite struct ResponseRatelimitingTests {
  private static func plugin(
    _ limits: JSONValue, _ others: JSONObject = [:], _ counters: LocalCounters = LocalCounters(capacity: 4096)
  ) throws -> ResponseRatelimitingPlugin {
    var config = others
    config["limits"] = limits
    return try ResponseRatelimitingPlugin(
      configuration: try configured(ResponseRatelimitingPlugin.self, .object(config)),
      environment: .testing("response-ratelimiting"), counters: counters)
  }

  /// A request that is answered by a service, which says what it used.
  ///
  /// - Returns: the status the client sees, and the request.
  @discardableResult
  private static func ask(
    _ plugin: ResponseRatelimitingPlugin, _ used: String?, header: String = "X-Kong-Limit", status: UInt16 = 200,
    _ prepare: (FakeRequest) -> Void = { _ in }
  ) throws -> (status: UInt16, request: FakeRequest) {
    let request = try FakeRequest()
    prepare(request)
    let action = try plugin.access(request.context)
    if case .respond(let response) = action {
      try plugin.headerFilter(request.context)
      try plugin.log(request.context)
      return (response.status, request)
    }
    try #require(words(action) == "next")
    try request.receive(status, headers: used.map { [(header, $0)] } ?? [])
    try plugin.headerFilter(request.context)
    try plugin.log(request.context)
    return (request.status, request)
  }

  // MARK: Configuration

  @Test(
    arguments: [
      ([:], "limits: required field missing"),
      (["limits": [:]], "length must be at least 1"),
      (["limits": ["video": [:]]], "at least one of these fields must be non-empty"),
      (["limits": ["video": ["second": 0]]], "value must be greater than 0"),
      (["limits": ["video": ["seconds": 10]]], "unknown field"),
      (["limits": ["video": 10]], "expected a record"),
      (["limits": ["a": ["second": 1], "b": ["minute": .null]]], "at least one of these fields must be non-empty"),
      (
        ["limits": ["video": ["second": 20, "hour": 10]]],
        "the limit for hour(10.0) cannot be lower than the limit for second(20.0)"
      ),
      (["limits": ["video": ["second": 1]], "policy": "redis"], "config.redis"),
      (["limits": ["video": ["second": 1]], "policy": "magic"], "expected one of: local, cluster, redis"),
      (["limits": ["video": ["second": 1]], "limit_by": "path"], "expected one of: consumer, credential, ip"),
      (["limits": ["video": ["second": 1]], "fault_tolerant": "maybe"], "fault_tolerant"),
    ] as [(JSONValue, String)])
  func aBadConfigurationIsRefused(config: JSONValue, message: String) {
    let text = outcome("response-ratelimiting", config)
    #expect(text.contains(message), "\(text)")
  }

  @Test func theDefaultsAreKongs() throws {
    let config = try #require(
      try validate("response-ratelimiting", ["limits": ["a_B": ["second": 1.5]]]).get()["config"])
    #expect(config["header_name"] == "x-kong-limit" && config["limit_by"] == "consumer" && config["policy"] == "local")
    #expect(config["fault_tolerant"] == true && config["block_on_first_violation"] == false)
    #expect(config["hide_client_headers"] == false)
    #expect(config["limits"]?["a_B"]?["second"] == 1.5)
  }

  @Test func oldNamesOfTheRedisSettingsStandForTheNew() throws {
    let object = try validate(
      "response-ratelimiting",
      ["limits": ["video": ["minute": 5]], "policy": "redis", "redis_host": "localhost", "redis_timeout": 7]
    ).get()
    #expect(object["config"]?["redis"]?["host"] == "localhost" && object["config"]?["redis"]?["timeout"] == 7)
  }

  @Test func theClusterPolicyNeedsADatabase() throws {
    #expect(throws: CountingFailure.self) { try Self.plugin(["video": ["minute": 1]], ["policy": "cluster"]) }
  }

  // MARK: Counting

  @Test func whatResponsesUseIsToldAndLimited() throws {
    let plugin = try Self.plugin(["video": ["minute": 5, "hour": 10], "image": ["day": 1.5]])
    let first = try Self.ask(plugin, "video=2, image=1")
    #expect(first.status == 200)
    let response = first.request.context.response
    #expect(response.header("X-Kong-Limit") == nil)
    #expect(response.header("X-RateLimit-Limit-video-minute") == "5")
    #expect(response.header("X-RateLimit-Remaining-video-minute") == "3")
    #expect(response.header("X-RateLimit-Remaining-video-hour") == "8")
    #expect(response.header("X-RateLimit-Limit-image-day") == "1.5")
    #expect(response.header("X-RateLimit-Remaining-image-day") == "0.5")
    // What was left before it, as Kong 3.9 says; the service is told the same.
    #expect(response.header("X-RateLimit-Remaining-video") == "5")
    #expect(first.request.upstreamHeader("X-RateLimit-Remaining-video") == ["5"])
    #expect(first.request.upstreamHeader("X-RateLimit-Remaining-image") == ["1.5"])
    #expect(try Self.ask(plugin, "video=9").status == 200)
    let third = try Self.ask(plugin, "video=1")
    #expect(third.status == 429 && third.request.isBodyDropped)
    #expect(third.request.context.response.header("X-RateLimit-Remaining-video-minute") == "0")
    #expect(third.request.upstreamHeader("X-RateLimit-Remaining-video") == ["-6"])
    // What uses nothing goes through, and so does what uses something else.
    #expect(try Self.ask(plugin, nil).status == 200)
    #expect(try Self.ask(plugin, "video=0").status == 200)
    #expect(try Self.ask(plugin, "image=1").status == 200)
    #expect(try Self.ask(plugin, "image=1").status == 429)
  }

  @Test func aRefusedResponseCountsNothing() throws {
    let plugin = try Self.plugin(["video": ["minute": 1], "image": ["minute": 9]])
    try Self.ask(plugin, "video=1")
    for _ in 0..<3 { #expect(try Self.ask(plugin, "video=1,image=3").status == 429) }
    let last = try Self.ask(plugin, nil)
    #expect(last.request.context.response.header("X-RateLimit-Remaining-image-minute") == "9")
  }

  @Test func theFirstLimitThatIsUsedUpCanBlock() throws {
    let plugin = try Self.plugin(
      ["video": ["minute": 9], "image": ["minute": 2]], ["block_on_first_violation": true])
    // More than there was: Kong would then go on.
    try Self.ask(plugin, "image=3")
    let request = try FakeRequest()
    #expect(words(try plugin.access(request.context)) == "429 API rate limit exceeded for 'image'")
    let blocked = try Self.ask(plugin, "video=1")
    #expect(blocked.status == 429 && !blocked.request.isBodyDropped)
    #expect(blocked.request.context.response.header("X-RateLimit-Limit-video-minute") == nil)
  }

  @Test func clientHeadersCanBeHidden() throws {
    let plugin = try Self.plugin(["video": ["minute": 1]], ["hide_client_headers": true, "header_name": "X-Used"])
    let first = try Self.ask(plugin, "video=1", header: "x-used")
    #expect(first.request.context.response.header("X-Used") == nil)
    #expect(first.request.context.response.header("X-RateLimit-Limit-video-minute") == nil)
    #expect(first.request.context.response.header("X-RateLimit-Remaining-video") == nil)
    #expect(first.request.upstreamHeader("X-RateLimit-Remaining-video") == ["1"])
    #expect(try Self.ask(plugin, "video=1", header: "x-used").status == 429)
  }

  @Test func clientsAreToldApart() throws {
    let plugin = try Self.plugin(["video": ["minute": 1]])
    let ann = Consumer(username: "ann")
    #expect(try Self.ask(plugin, "video=1") { $0.consumer = ann }.status == 200)
    #expect(try Self.ask(plugin, "video=1") { $0.consumer = ann }.status == 429)
    #expect(try Self.ask(plugin, "video=1").status == 200)
    #expect(try Self.ask(plugin, "video=1") { $0.clientAddress = IPAddress("192.0.2.1") }.status == 200)
    #expect(try Self.ask(plugin, "video=1").status == 429)
    let byAddress = try Self.plugin(["video": ["minute": 1]], ["limit_by": "ip"])
    #expect(try Self.ask(byAddress, "video=1") { $0.consumer = ann }.status == 200)
    #expect(try Self.ask(byAddress, "video=1").status == 429)
  }

  @Test func whatIsGivenBackIsNoCredit() throws {
    let plugin = try Self.plugin(["video": ["minute": 5]])
    try Self.ask(plugin, "video=4")
    try Self.ask(plugin, "video=-2")
    let third = try Self.ask(plugin, "video=-100")
    #expect(third.request.upstreamHeader("X-RateLimit-Remaining-video") == ["3"])
    #expect(third.request.context.response.header("X-RateLimit-Remaining-video-minute") == "5")
    #expect(try Self.ask(plugin, nil).request.upstreamHeader("X-RateLimit-Remaining-video") == ["5"])
  }

  @Test(arguments: [1e308, 9e15, 0.001, 1e-300])
  func extremeLimitsAndAmountsDoNotOverflow(limit: Double) throws {
    let plugin = try Self.plugin(["video": ["second": .double(limit), "year": .double(limit)]])
    for used in ["9223372036854775807", "-9223372036854775808", "1e300", "inf", "-inf", "1"] {
      try Self.ask(plugin, "video=\(used)")
    }
  }

  @Test func aNameThatIsNoFieldNameIsCountedAndNotTold() throws {
    let plugin = try Self.plugin(["a b:\r\nX-Evil": ["minute": 1], "video": ["minute": 1]])
    let request = try Self.ask(plugin, nil).request
    #expect(request.context.response.header("X-RateLimit-Limit-video-minute") == "1")
    var written = ByteBuffer()
    request.responseEdits.write(to: &written)
    #expect(!written.string.contains("Evil"))
    let spaced = try Self.plugin(["a b": ["minute": 1]])
    #expect(try Self.ask(spaced, "a b=1").status == 200)
    #expect(try Self.ask(spaced, "a b=1").status == 429)
  }

  @Test func aTunnelIsCountedAndNotRefused() throws {
    let plugin = try Self.plugin(["video": ["minute": 1]])
    for _ in 0..<3 { #expect(try Self.ask(plugin, "video=1", status: 101).status == 101) }
  }

  /// The plugin did not see the request, or could not count it.
  @Test func theServicesWordsStayInside() throws {
    let plugin = try Self.plugin(["video": ["minute": 1]])
    let request = try FakeRequest()
    try request.receive(headers: [("X-Kong-Limit", "video=1")])
    try plugin.headerFilter(request.context)
    try plugin.log(request.context)
    #expect(request.context.response.header("X-Kong-Limit") == nil && request.status == 200)
  }

  /// A slow response belongs to the second it began in, which nobody asks for any more.
  @Test func aPeriodThatIsOverIsNotCounted() throws {
    let counters = LocalCounters(capacity: 4096)
    let plugin = try Self.plugin(["video": ["second": 1, "year": 100]], [:], counters)
    try Self.ask(plugin, "video=1") { $0.latencies.request = 5000 }
    let next = try Self.ask(plugin, "video=1")
    #expect(next.status == 200)
    #expect(next.request.context.response.header("X-RateLimit-Remaining-video-second") == "0")
    #expect(next.request.context.response.header("X-RateLimit-Remaining-video-year") == "98")
  }
}
