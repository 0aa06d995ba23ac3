// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is counted of requests, with Kong's names.
///
/// A series of it, which is one combination of labels, has one value if it is a counter. A histogram's has one for each
/// bucket, one for what is beyond them, and the sum.
enum RequestMetric: Int, Sendable, CaseIterable {
  case bandwidth, requests, kongLatency, requestLatency, upstreamLatency

  var family: MetricFamily {
    switch self {
    case .bandwidth: .bandwidth
    case .requests: .requests
    case .kongLatency: .kongLatency
    case .requestLatency: .requestLatency
    case .upstreamLatency: .upstreamLatency
    }
  }

  /// The upper bounds of its buckets in milliseconds, ascending; none for a counter.
  var bounds: [Int] {
    switch self {
    case .bandwidth, .requests: []
    case .kongLatency: Self.kongBounds
    case .requestLatency, .upstreamLatency: Self.upstreamBounds
    }
  }

  var valueCount: Int {
    let bounds = self.bounds.count
    return bounds == 0 ? 1 : bounds + 2
  }

  private static let kongBounds = [1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000, 3000, 6000]
  private static let upstreamBounds = [25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10000, 30000, 60000]
}

/// What the page says of a metric before its values.
struct MetricFamily: Sendable {
  let name: String
  let type: Kind
  let help: String

  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  static let bandwidth = MetricFamily(
    name: "kong_bandwidth_bytes", type: .counter, help: "Total bandwidth (ingress/egress) throughput in bytes")
  static let requests = MetricFamily(
    name: "kong_http_requests_total", type: .counter, help: "HTTP status codes per consumer/service/route in Kong")
  static let kongLatency = MetricFamily(
    name: "kong_kong_latency_ms", type: .histogram,
    help: "Latency added by Kong and enabled plugins for each service/route in Kong")
  static let requestLatency = MetricFamily(
    name: "kong_request_latency_ms", type: .histogram,
    help: "Total latency incurred during requests for each service/route in Kong")
  static let upstreamLatency = MetricFamily(
    name: "kong_upstream_latency_ms", type: .histogram,
    help: "Latency added by upstream response for each service/route in Kong")

  static let targetHealth = MetricFamily(
    name: "kong_upstream_target_health", type: .gauge,
    help: "Health status of targets of upstream. States = healthchecks_off|healthy|unhealthy|dns_error, "
      + "value is 1 when state is populated.")

  static let datastore = MetricFamily(
    name: "kong_datastore_reachable", type: .gauge, help: "Datastore reachable from Kong, 0 is unreachable")
  static let memory = MetricFamily(
    name: "kong_memory_workers_lua_vms_bytes", type: .gauge, help: "Allocated bytes in worker Lua VM")
  static let connections = MetricFamily(
    name: "kong_nginx_connections_total", type: .gauge, help: "Number of connections by subsystem")
  static let errors = MetricFamily(
    name: "kong_nginx_metric_errors_total", type: .counter, help: "Number of nginx-lua-prometheus errors")
  static let allRequests = MetricFamily(
    name: "kong_nginx_requests_total", type: .gauge, help: "Number of requests total")
  static let node = MetricFamily(name: "kong_node_info", type: .gauge, help: "Kong Node metadata information")
}
