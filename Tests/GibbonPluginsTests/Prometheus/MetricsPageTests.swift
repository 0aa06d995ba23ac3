// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The page of metrics: its names, labels and order.
@Suite struct MetricsPageTests {
  private let registry = Metering.registry()

  private func lines(of name: String) -> [String] {
    Metering.text(self.registry).split(separator: "\n").map(String.init).filter { $0.hasPrefix(name) }
  }

  @Test func withoutAnInstanceThereIsTheNodeAlone() {
    let id = "\(Metering.node.nodeID)"
    #expect(
      Metering.text(MetricRegistry()) == """
        # HELP kong_datastore_reachable Datastore reachable from Kong, 0 is unreachable
        # TYPE kong_datastore_reachable gauge
        kong_datastore_reachable 1
        # HELP kong_memory_workers_lua_vms_bytes Allocated bytes in worker Lua VM
        # TYPE kong_memory_workers_lua_vms_bytes gauge
        kong_memory_workers_lua_vms_bytes{node_id="\(id)",pid="4711",kong_subsystem="http"} 1048576
        # HELP kong_nginx_connections_total Number of connections by subsystem
        # TYPE kong_nginx_connections_total gauge
        kong_nginx_connections_total{node_id="\(id)",subsystem="http",state="accepted"} 5
        kong_nginx_connections_total{node_id="\(id)",subsystem="http",state="active"} 2
        kong_nginx_connections_total{node_id="\(id)",subsystem="http",state="handled"} 5
        kong_nginx_connections_total{node_id="\(id)",subsystem="http",state="total"} 7
        # HELP kong_nginx_requests_total Number of requests total
        # TYPE kong_nginx_requests_total gauge
        kong_nginx_requests_total{node_id="\(id)",subsystem="http"} 7
        # HELP kong_node_info Kong Node metadata information
        # TYPE kong_node_info gauge
        kong_node_info{node_id="\(id)",version="3.9.3"} 1

        """)
  }

  @Test(arguments: [(nil, 1), (true, 1), (false, 0)] as [(Bool?, Int)])
  func theDatastore(isReachable: Bool?, value: Int) {
    let node = NodeReport(
      nodeID: .random(), hostname: "h", kongVersion: "3.9.3", processID: 1, activeConnections: 0,
      acceptedConnections: 0, requests: 0, isDatastoreReachable: isReachable, residentBytes: 0)
    #expect(Metering.text(self.registry, node).contains("\nkong_datastore_reachable \(value)\n"))
  }

  @Test func metricsAreInTheOrderOfTheirNames() throws {
    var sample = Metering.latencies(kong: 1, proxy: 2, request: 3)
    sample.status = .init(code: 200, isFromService: true)
    sample.receivedBytes = 10
    sample.sentBytes = 20
    #expect(self.registry.add(sample, of: Metering.scope("books"), loop: 0))
    #expect(
      try Metering.page(self.registry).names == [
        "kong_bandwidth_bytes", "kong_datastore_reachable", "kong_http_requests_total", "kong_kong_latency_ms",
        "kong_memory_workers_lua_vms_bytes", "kong_nginx_connections_total", "kong_nginx_metric_errors_total",
        "kong_nginx_requests_total", "kong_node_info", "kong_request_latency_ms", "kong_upstream_latency_ms",
      ])
  }

  @Test func countersHaveKongsLabels() {
    let scope = Metering.scope("books", consumer: "ann")
    _ = self.registry.add(Metering.status(200), of: scope, loop: 0)
    _ = self.registry.add(Metering.status(200), of: scope, loop: 0)
    _ = self.registry.add(Metering.status(401, isFromService: false), of: Metering.scope("books"), loop: 0)
    _ = self.registry.add(RequestSample(receivedBytes: 70, sentBytes: 900), of: scope, loop: 0)
    let shop = #"service="shop",route="books""#
    #expect(
      self.lines(of: "kong_http_requests_total") == [
        "kong_http_requests_total{\(shop),"
          + #"code="200",source="service",workspace="default",consumer="ann"} 2"#,
        "kong_http_requests_total{\(shop),"
          + #"code="401",source="kong",workspace="default",consumer=""} 1"#,
      ])
    #expect(
      self.lines(of: "kong_bandwidth_bytes") == [
        "kong_bandwidth_bytes{\(shop)," + #"direction="egress",workspace="default",consumer="ann"} 900"#,
        "kong_bandwidth_bytes{\(shop)," + #"direction="ingress",workspace="default",consumer="ann"} 70"#,
      ])
  }

  @Test func seriesAreInTheOrderOfTheirLabels() {
    for route in ["b", "a", "a b", "ä", "a-b"] {
      _ = self.registry.add(Metering.status(200), of: Metering.scope(route), loop: 0)
    }
    let routes = self.lines(of: "kong_http_requests_total").map { $0.split(separator: "\"")[3] }
    #expect(routes == ["a b", "a", "a-b", "b", "ä"])
  }

  @Test func bucketsAreKongs() {
    _ = self.registry.add(Metering.latencies(kong: 0, proxy: 0, request: 0), of: Metering.scope("r"), loop: 0)
    func bounds(_ name: String) -> [String] {
      self.lines(of: "\(name)_bucket").compactMap { $0.split(separator: "le=\"").last?.split(separator: "\"").first }
        .map(String.init)
    }
    let upstream = [
      "25", "50", "80", "100", "250", "400", "700", "1000", "2000", "5000", "10000", "30000", "60000", "+Inf",
    ]
    #expect(bounds("kong_upstream_latency_ms") == upstream && bounds("kong_request_latency_ms") == upstream)
    #expect(
      bounds("kong_kong_latency_ms") == [
        "1", "2", "5", "7", "10", "15", "20", "30", "50", "75", "100", "200", "500", "750", "1000", "3000", "6000",
        "+Inf",
      ])
  }

  @Test func bucketsHoldWhatIsNotAboveThem() throws {
    let scope = Metering.scope("r")
    for time in [0, 1, 2, 3, 6000, 6001, Int.max] {
      _ = self.registry.add(Metering.latencies(kong: time, proxy: -1, request: 25), of: scope, loop: 0)
    }
    let page = try Metering.page(self.registry)
    func bucket(_ bound: String) -> Double? { page.value("kong_kong_latency_ms_bucket", ["le": bound]) }
    #expect(bucket("1") == 2 && bucket("2") == 3 && bucket("5") == 4 && bucket("3000") == 4)
    #expect(bucket("6000") == 5 && bucket("+Inf") == 7 && page.value("kong_kong_latency_ms_count") == 7)
    #expect(page.value("kong_request_latency_ms_bucket", ["le": "25"]) == 7)
    #expect(page.value("kong_request_latency_ms_sum") == 175)
    // Nothing was tried.
    #expect(page["kong_upstream_latency_ms"] == nil)
  }

  @Test func aHistogramsLines() {
    _ = self.registry.add(Metering.latencies(kong: 6, proxy: -1, request: 6), of: Metering.scope("r"), loop: 0)
    let lines = self.lines(of: "kong_kong_latency_ms")
    let labels = #"service="shop",route="r",workspace="default""#
    #expect(lines.first == "kong_kong_latency_ms_bucket{\(labels),le=\"1\"} 0")
    #expect(
      lines.suffix(3) == [
        "kong_kong_latency_ms_bucket{\(labels),le=\"+Inf\"} 1", "kong_kong_latency_ms_count{\(labels)} 1",
        "kong_kong_latency_ms_sum{\(labels)} 6",
      ])
  }

  @Test(arguments: ["a\"b", "a\\", "\\n", "a\nb 1\nforged{} 2", "} 1", "ü\u{0}\r\t", "", "a,b=\"c\""])
  func valuesCannotLeaveTheirLabel(name: String) throws {
    _ = self.registry.add(Metering.status(200), of: Metering.scope(name, service: name, consumer: name), loop: 0)
    let page = try Metering.page(self.registry)
    #expect(page.value("kong_http_requests_total", ["service": name, "route": name, "consumer": name]) == 1)
    #expect(page["forged"] == nil)
  }
}
