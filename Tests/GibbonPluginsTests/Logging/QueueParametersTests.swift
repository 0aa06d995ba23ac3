// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPluginAPI

/// The parameters of queues, and what stood in their place before.
@Suite struct QueueParametersTests {
  private static func config(_ queue: JSONValue) -> JSONValue { ["http_endpoint": "http://a.test/", "queue": queue] }

  @Test func defaultsAreKongs() throws {
    let object = try validate("http-log", ["http_endpoint": "http://a.test/"]).get()
    let queue = try #require(object["config"]?["queue"])
    #expect(
      queue == [
        "max_batch_size": 1, "max_coalescing_delay": 1, "max_entries": 10000, "max_bytes": .null, "max_retry_time": 60,
        "initial_retry_delay": 0.01, "max_retry_delay": 60, "concurrency_limit": 1,
      ])
    #expect(try ValueDecoder().decode(QueueParameters.self, from: queue) == QueueParameters())
  }

  @Test func whatIsNullHasItsDefault() throws {
    let null: JSONValue = ["max_batch_size": .null, "max_retry_time": .null, "concurrency_limit": .null]
    #expect(try ValueDecoder().decode(QueueParameters.self, from: null) == QueueParameters())
  }

  @Test(
    arguments: [
      ("max_batch_size", 1, 1_000_000, 0), ("max_entries", 1, 1_000_000, 1_000_001),
      ("max_coalescing_delay", 0, 3600, 3601), ("initial_retry_delay", 0.001, 1_000_000, 0),
      ("max_retry_delay", 0.001, 1_000_000, 0), ("concurrency_limit", -1, 1, 2), ("max_retry_time", -1, 1e9, "x"),
      ("max_bytes", 1, 1_000_000_000, 1.5),
    ] as [(String, JSONValue, JSONValue, JSONValue)])
  func bounds(name: String, least: JSONValue, most: JSONValue, bad: JSONValue) {
    func isValid(_ value: JSONValue) -> Bool {
      if case .success = validate("http-log", Self.config([name: value].asObject)) { true } else { false }
    }
    #expect(isValid(least) && isValid(most) && !isValid(bad), "\(name)")
  }

  @Test func oldFieldsCountWhenTheyDifferFromTheirDefaults() {
    func applied(_ retry: Int?, _ size: Int?, _ flush: Double?) -> (QueueParameters, Int) {
      let legacy = LegacyQueueParameters(retryCount: retry, queueSize: size, flushTimeout: flush)
      return (legacy.applied(to: QueueParameters()), legacy.warnings.count)
    }
    #expect(applied(nil, nil, nil) == (QueueParameters(), 0))
    #expect(applied(10, 1, 2) == (QueueParameters(), 0))
    let (changed, warnings) = applied(23, 46, 92)
    #expect(changed.maxBatchSize == 46 && changed.maxCoalescingDelay == 92 && warnings == 3)
    let (odd, _) = applied(nil, -4, -1)
    #expect(odd.maxBatchSize == 1 && odd.maxCoalescingDelay == 0)
  }
}

extension [String: JSONValue] {
  fileprivate var asObject: JSONValue { .object(JSONObject(self.map { ($0.key, $0.value) })) }
}
