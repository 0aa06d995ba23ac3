// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The prometheus plugin: its flags, and what it says.
@Suite struct PrometheusTests {
  private let registry = MetricRegistry()
  private let reports = Reports()

  private static let everything: JSONValue = [
    "per_consumer": true, "status_code_metrics": true, "latency_metrics": true, "bandwidth_metrics": true,
  ]

  private func plugin(_ config: JSONValue, registry: MetricRegistry? = nil) throws -> PrometheusPlugin {
    PrometheusPlugin(
      try configured(PrometheusPlugin.self, config), .testing("prometheus", config: config, host: self.reports.host),
      registry: registry ?? self.registry)
  }

  private static func request(status: UInt16 = 200) throws -> FakeRequest {
    let request = try finished(status: status)
    request.receivedBytes = 88
    request.sentBytes = 512
    request.latencies = RequestLatencies(kong: 3, proxy: 20, request: 25, receive: 2)
    request.matchedRoute = Route(name: "books")
    request.matchedService = Service(name: "shop", host: "a.test")
    request.consumer = Consumer(username: "ann")
    return request
  }

  /// The metrics of requests that there are after one.
  private func counted(_ config: JSONValue) throws -> [String] {
    let plugin = try self.plugin(config)
    try log(plugin, try Self.request())
    let all = RequestMetric.allCases.map(\.family.name)
    return try Metering.page(self.registry).names.filter { all.contains($0) }
  }

  // MARK: Flags

  @Test(
    arguments: [
      ("status_code_metrics", ["kong_http_requests_total"]), ("bandwidth_metrics", ["kong_bandwidth_bytes"]),
      ("latency_metrics", ["kong_kong_latency_ms", "kong_request_latency_ms", "kong_upstream_latency_ms"]),
      ("per_consumer", []), ("ai_metrics", []), ("upstream_health_metrics", []),
    ]) func eachFlagCountsItsOwn(flag: String, metrics: [String]) throws
  {
    #expect(try self.counted([:]) == [])
    var config = JSONObject()
    config[flag] = true
    #expect(try self.counted(.object(config)) == metrics)
  }

  @Test func consumersAreToldApartWhereThatIsAskedFor() throws {
    let apart = try self.plugin(Self.everything)
    let together = try self.plugin(["status_code_metrics": true, "bandwidth_metrics": true])
    try log(apart, try Self.request())
    try log(together, try Self.request())
    let page = try Metering.page(self.registry)
    for consumer in ["ann", ""] {
      #expect(page.value("kong_http_requests_total", ["consumer": consumer]) == 1)
      #expect(page.value("kong_bandwidth_bytes", ["consumer": consumer, "direction": "ingress"]) == 88)
      #expect(page.value("kong_bandwidth_bytes", ["consumer": consumer, "direction": "egress"]) == 512)
    }
    // Times never are.
    #expect(page.value("kong_request_latency_ms_count") == 1)
  }

  @Test func whoAnswered() throws {
    let plugin = try self.plugin(Self.everything)
    for (source, status) in [(ResponseSource.service, 500), (.exit, 401), (.error, 502)] as [(ResponseSource, UInt16)] {
      let request = try Self.request(status: status)
      request.responseSource = source
      try log(plugin, request)
    }
    let page = try Metering.page(self.registry)
    #expect(page.value("kong_http_requests_total", ["code": "500", "source": "service"]) == 1)
    #expect(page.value("kong_http_requests_total", ["code": "401", "source": "kong"]) == 1)
    #expect(page.value("kong_http_requests_total", ["code": "502", "source": "kong"]) == 1)
  }

  @Test func whatNoRouteTookIsNotCounted() throws {
    let plugin = try self.plugin(Self.everything)
    let request = try Self.request(status: 404)
    request.matchedRoute = nil
    request.matchedService = nil
    try log(plugin, request)
    #expect(try Metering.page(self.registry)["kong_http_requests_total"] == nil)
  }

  @Test func nothingSentIsNothingCounted() throws {
    let plugin = try self.plugin(Self.everything)
    let request = try Self.request()
    request.sentBytes = 0
    try log(plugin, request)
    #expect(try Metering.page(self.registry).values("kong_bandwidth_bytes") == [88])
  }

  // MARK: Instances

  @Test func instancesCountTogetherAndCountsOutliveThem() throws {
    for _ in 0..<3 { try log(try self.plugin(Self.everything), try Self.request()) }
    #expect(self.registry.readings() == nil)
    let later = try self.plugin([:])
    #expect(try Metering.page(self.registry).value("kong_http_requests_total") == 3)
    withExtendedLifetime(later) {}
  }

  // MARK: The error log

  @Test func theLimitIsSaidOnce() throws {
    let small = MetricRegistry(limits: .init(values: 1))
    let plugins = [
      try self.plugin(Self.everything, registry: small), try self.plugin(Self.everything, registry: small),
    ]
    for plugin in plugins { for _ in 0..<3 { try log(plugin, try Self.request()) } }
    #expect(self.reports.lines.count == 1)
    #expect(self.reports.has("error") && self.reports.has("limit of 1 values"))
    #expect(try Metering.page(small).value("kong_nginx_metric_errors_total") == 30)
  }

  @Test func whatIsNotMeasuredIsSaidOnce() throws {
    for _ in 0..<2 { _ = try self.plugin(["upstream_health_metrics": true, "ai_metrics": true]) }
    #expect(self.reports.lines.count == 1)
    #expect(self.reports.has("ai_metrics has no effect"))
  }

  // MARK: Configuration

  @Test func defaultsAreKongs() {
    #expect(
      outcome("prometheus", [:])
        == #"{"per_consumer":false,"status_code_metrics":false,"ai_metrics":false,"latency_metrics":false,"#
        + #""bandwidth_metrics":false,"upstream_health_metrics":false}"#)
    #expect(outcome("prometheus", ["per_consumer": "yes"]).contains("expected a boolean"))
    #expect(outcome("prometheus", ["tls": true]).contains("unknown field"))
  }

  @Test func itAcceptsStreamsAndConsumers() throws {
    #expect(throws: Never.self) { try validate("prometheus", [:], ["protocols": ["tcp", "tls_passthrough"]]).get() }
    #expect(throws: Never.self) { try configured(PrometheusPlugin.self, ["per_consumer": .null]) }
  }
}
