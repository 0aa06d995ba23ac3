// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonPluginAPI
import GibbonSchema
import Testing

@testable import GibbonPlugins

/// The rate-limiting plugin without a gateway.
@Suite struct RateLimitingTests {
  private static func plugin(_ config: JSONObject) throws -> RateLimitingPlugin {
    try RateLimitingPlugin(
      configuration: try configured(RateLimitingPlugin.self, .object(config)),
      environment: PluginEnvironment(
        plugin: PluginEntity(name: "rate-limiting"), nodeID: .random(), directory: FakeDirectory()),
      // Room in every shard: which one a client falls into is up to the random seed.
      counters: LocalCounters(capacity: 4096))
  }

  /// The status of a request, and the headers it would be answered with.
  private static func ask(
    _ plugin: RateLimitingPlugin, _ prepare: (FakeRequest) -> Void = { _ in }, target: String = "/",
    headers: [(String, String)] = []
  ) throws -> (status: UInt16, request: FakeRequest) {
    let request = try FakeRequest(target, headers: headers)
    prepare(request)
    switch try plugin.access(request.context) {
    case .next: return (200, request)
    case .respond(let response): return (response.status, request)
    case .suspend: return (0, request)
    }
  }

  // MARK: Configuration

  @Test(
    arguments: [
      ([:], "schema violation (at least one of these fields must be non-empty: 'config.second', 'config.minute'"),
      (["minute": 0], "value must be greater than 0"),
      (["minute": 5, "second": 10], "The limit for minute(5.0) cannot be lower than the limit for second(10.0)"),
      (["year": 1, "day": 1.5], "The limit for year(1.0) cannot be lower than the limit for day(1.5)"),
      (["minute": 5, "policy": "redis"], "config.redis"),
      (["minute": 5, "policy": "magic"], "expected one of: local, cluster, redis"),
      (["minute": 5, "sync_rate": 1], "sync_rate can only be used with the redis policy"),
      (
        ["minute": 5, "sync_rate": 0.01, "policy": "redis", "redis": ["host": "localhost"]],
        "sync_rate must be greater than 0.02, or -1 to disable"
      ),
      (["minute": 5, "limit_by": "header"], "config.header_name"),
      (["minute": 5, "limit_by": "path"], "config.path"),
    ] as [(JSONValue, String)])
  func aBadConfigurationIsRefused(config: JSONValue, message: String) {
    #expect(outcome("rate-limiting", config).contains(message), "\(outcome("rate-limiting", config))")
  }

  @Test func oldNamesOfTheRedisSettingsStandForTheNew() throws {
    let object = try validate(
      "rate-limiting", ["minute": 5, "policy": "redis", "redis_host": "localhost", "redis_port": 7]
    ).get()
    #expect(object["config"]?["redis"]?["host"] == "localhost" && object["config"]?["redis"]?["port"] == 7)
    #expect(object["config"]?["redis_host"] == nil)
    let shown = try #require(plugins.record(for: object)).mirroringOldNames(object)
    #expect(shown["config"]?["redis_host"] == "localhost" && shown["config"]?["redis_password"] == .null)
  }

  // MARK: Counting

  @Test func theLimitIsToldAndKept() throws {
    let plugin = try Self.plugin(["minute": 2, "hour": 10])
    let first = try Self.ask(plugin)
    #expect(first.status == 200)
    let response = first.request.context.response
    #expect(response.header("X-RateLimit-Limit-Minute") == "2")
    #expect(response.header("X-RateLimit-Remaining-Minute") == "1")
    #expect(response.header("X-RateLimit-Remaining-Hour") == "9")
    #expect(response.header("RateLimit-Limit") == "2")
    #expect(response.header("RateLimit-Remaining") == "1")
    // 1,700,000,000 is 20 s into its minute.
    #expect(response.header("RateLimit-Reset") == "40")
    #expect(response.header("Retry-After") == nil)
    _ = try Self.ask(plugin)
    let third = try Self.ask(plugin)
    #expect(third.status == 429)
    #expect(third.request.context.response.header("Retry-After") == "40")
    #expect(third.request.context.response.header("X-RateLimit-Remaining-Minute") == "0")
    // The hour did not count the refused one.
    #expect(third.request.context.response.header("X-RateLimit-Remaining-Hour") == "8")
  }

  @Test func headersCanBeHiddenAndTheRefusalChosen() throws {
    let plugin = try Self.plugin([
      "minute": 1, "hide_client_headers": true, "error_code": 503, "error_message": "later",
    ])
    #expect(try Self.ask(plugin).status == 200)
    let refused = try Self.ask(plugin)
    #expect(refused.status == 503)
    #expect(refused.request.context.response.header("RateLimit-Limit") == nil)
    #expect(refused.request.context.response.header("Retry-After") == nil)
  }

  @Test func clientsAreToldApartAsConfigured() throws {
    let byHeader = try Self.plugin(["minute": 1, "limit_by": "header", "header_name": "X-Tenant"])
    #expect(try Self.ask(byHeader, headers: [("X-Tenant", "a")]).status == 200)
    #expect(try Self.ask(byHeader, headers: [("X-Tenant", "b")]).status == 200)
    #expect(try Self.ask(byHeader, headers: [("X-Tenant", "a")]).status == 429)

    let byConsumer = try Self.plugin(["minute": 1])
    let ann = Consumer(username: "ann")
    #expect(try Self.ask(byConsumer, { $0.consumer = ann }).status == 200)
    #expect(try Self.ask(byConsumer, { $0.consumer = Consumer(username: "bob") }).status == 200)
    #expect(try Self.ask(byConsumer, { $0.consumer = ann }).status == 429)
    // Without a consumer the address counts.
    #expect(try Self.ask(byConsumer).status == 200)
    #expect(try Self.ask(byConsumer).status == 429)
    #expect(try Self.ask(byConsumer, { $0.clientAddress = IPAddress("192.0.2.1") }).status == 200)

    let byPath = try Self.plugin(["minute": 1, "limit_by": "path", "path": "/a"])
    #expect(try Self.ask(byPath, target: "/a").status == 200)
    #expect(try Self.ask(byPath, target: "/a").status == 429)
    #expect(try Self.ask(byPath, target: "/b").status == 200)
  }

  @Test func theClusterPolicyNeedsADatabase() throws {
    #expect(throws: CountingFailure.self) { try Self.plugin(["minute": 1, "policy": "cluster"]) }
  }
}
