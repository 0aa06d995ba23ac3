// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// What is said of fields that are on their way out, in Kong's words.
@Suite struct DeprecationTests {
  private static func messages(_ plugin: String, _ config: JSONObject) -> [String] {
    plugins.deprecations(in: ["name": .string(plugin), "config": .object(config)])
  }

  @Test func oldNamesOfRedis() {
    #expect(
      Self.messages("rate-limiting", ["redis_host": "a", "redis_port": 1, "redis_password": .null]) == [
        "rate-limiting: config.redis_host is deprecated, please use config.redis.host instead (deprecated after 4.0)",
        "rate-limiting: config.redis_port is deprecated, please use config.redis.port instead (deprecated after 4.0)",
      ])
    #expect(
      Self.messages("response-ratelimiting", ["redis_ssl": true]) == [
        "response-ratelimiting: config.redis_ssl is deprecated, please use config.redis.ssl instead "
          + "(deprecated after 4.0)"
      ])
    #expect(Self.messages("rate-limiting", ["redis": ["host": "a"]]).isEmpty)
  }

  @Test(arguments: ["http-log", "statsd"]) func oldParametersOfQueues(plugin: String) {
    #expect(
      Self.messages(plugin, ["retry_count": 5, "queue_size": 3, "flush_timeout": 4]) == [
        "\(plugin): config.retry_count no longer works, please use config.queue.max_retry_time instead "
          + "(deprecated after 4.0)",
        "\(plugin): config.queue_size is deprecated, please use config.queue.max_batch_size instead "
          + "(deprecated after 4.0)",
        "\(plugin): config.flush_timeout is deprecated, please use config.queue.max_coalescing_delay instead "
          + "(deprecated after 4.0)",
      ])
    // What was their default says nothing.
    #expect(Self.messages(plugin, ["retry_count": 10, "queue_size": 1, "flush_timeout": 2]).isEmpty)
  }

  @Test func whatHasNoneIsQuiet() {
    #expect(Self.messages("no-such-plugin", ["a": 1]).isEmpty)
    #expect(Self.messages("key-auth", ["key_names": ["a"]]).isEmpty)
  }
}
