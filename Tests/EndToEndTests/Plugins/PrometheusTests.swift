// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The prometheus plugin on a running gateway: what Prometheus would read (facts: plugins.md, prometheus).
@Suite struct PrometheusTests {
  private struct Fixture {
    let origin: Origin
    let gateway: GatewayProcess
    let declarative: String

    init(plugins: String) throws {
      self.origin = try Origin { try $0.echo() }
      self.declarative = """
        _format_version: "3.0"
        services:
        - name: shop
          url: http://127.0.0.1:\(self.origin.port)
          routes:
          - {name: books, paths: [/books]}
          - {name: bücher, paths: [/odd]}
          - name: inner
            paths: [/inner]
            plugins:
            - {name: key-auth}
          - name: closed
            paths: [/closed]
            plugins:
            - {name: request-termination, config: {status_code: 418}}
        - name: broken
          url: http://127.0.0.1:1
          retries: 0
          routes:
          - {name: broken, paths: [/broken]}
        consumers:
        - {username: ann, keyauth_credentials: [{key: a}]}
        - {username: "b\\"\\\\\\n", keyauth_credentials: [{key: b}]}
        plugins:
        \(plugins)
        """
      self.gateway = try GatewayProcess(administered: nil, declarative: self.declarative)
    }

    /// The page, when so many requests have been logged: that happens after their responses.
    func page(requests: Double, onStatusAPI: Bool = false) throws -> Exposition {
      var page = try self.read(onStatusAPI)
      try Deadline.wait(for: "\(requests) requests on the page") {
        page = try self.read(onStatusAPI)
        return page.values("kong_http_requests_total").reduce(0, +) >= requests
      }
      return page
    }

    private func read(_ onStatusAPI: Bool) throws -> Exposition {
      let reply = try onStatusAPI ? self.gateway.statusAPI("GET", "/metrics") : self.gateway.admin("GET", "/metrics")
      try #require(reply.status == 200)
      #expect(reply["Content-Type"] == "text/plain; charset=UTF-8")
      return try Exposition(parsing: reply.text)
    }
  }

  private static let everything =
    "config: {per_consumer: true, status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true}"

  @Test func requestsAreCountedByRouteCodeSourceAndConsumer() throws {
    let fixture = try Fixture(plugins: "- {name: prometheus, \(Self.everything)}")
    for _ in 0..<3 { #expect(try fixture.gateway.get("/books").status == 200) }
    #expect(try fixture.gateway.get("/inner", headers: [("apikey", "a")]).status == 200)
    #expect(try fixture.gateway.get("/inner", headers: [("apikey", "b")]).status == 200)
    #expect(try fixture.gateway.get("/inner").status == 401)
    #expect(try fixture.gateway.get("/closed").status == 418)
    #expect(try fixture.gateway.get("/broken").status == 502)
    #expect(try fixture.gateway.get("/odd").status == 200)
    #expect(try fixture.gateway.get("/nowhere").status == 404)
    let expected: [(service: String, route: String, code: String, source: String, consumer: String, count: Double)] = [
      ("broken", "broken", "502", "kong", "", 1), ("shop", "books", "200", "service", "", 3),
      ("shop", "bücher", "200", "service", "", 1),
      ("shop", "closed", "418", "kong", "", 1), ("shop", "inner", "200", "service", "ann", 1),
      ("shop", "inner", "200", "service", "b\"\\\n", 1), ("shop", "inner", "401", "kong", "", 1),
    ]
    for onStatusAPI in [false, true] {
      let page = try fixture.page(requests: 9, onStatusAPI: onStatusAPI)
      let samples = try #require(page["kong_http_requests_total"]).samples
      #expect(
        samples.map { $0.labels.map(\.name) }.allSatisfy {
          $0 == ["service", "route", "code", "source", "workspace", "consumer"]
        })
      let seen = samples.map { "\($0.labels.map(\.value)) \($0.value)" }
      #expect(
        seen == expected.map { "\([$0.service, $0.route, $0.code, $0.source, "default", $0.consumer]) \($0.count)" })
      #expect(page.value("kong_nginx_metric_errors_total") == 0)
    }
  }

  @Test func bytesAndTimesAreMeasured() throws {
    let fixture = try Fixture(plugins: "- {name: prometheus, \(Self.everything)}")
    #expect(try fixture.gateway.send("POST", "/books", body: String(repeating: "x", count: 5000)).status == 200)
    #expect(try fixture.gateway.get("/closed").status == 418)
    let page = try fixture.page(requests: 2)
    func bytes(_ route: String, _ direction: String) -> Double {
      page.value("kong_bandwidth_bytes", ["route": route, "direction": direction]) ?? 0
    }
    #expect((5000...6000).contains(bytes("books", "ingress")) && bytes("books", "egress") > 100)
    #expect((20...500).contains(bytes("closed", "ingress")))
    for route in ["books", "closed"] {
      #expect(page.value("kong_kong_latency_ms_count", ["route": route]) == 1)
      #expect(page.value("kong_request_latency_ms_bucket", ["route": route, "le": "+Inf"]) == 1)
    }
    // Nothing upstream was tried for the other.
    #expect(page.value("kong_upstream_latency_ms_count", ["service": "shop"]) == 1)
    let labels = try #require(page["kong_upstream_latency_ms"]).samples.map { $0.labels.map(\.name) }
    #expect(Set(labels) == [["service", "route", "workspace", "le"], ["service", "route", "workspace"]])
  }

  @Test func consumersAreNotNamedUnlessThatIsAskedFor() throws {
    let fixture = try Fixture(plugins: "- {name: prometheus, config: {status_code_metrics: true}}")
    #expect(try fixture.gateway.get("/inner", headers: [("apikey", "a")]).status == 200)
    #expect(try fixture.gateway.get("/inner", headers: [("apikey", "b")]).status == 200)
    let page = try fixture.page(requests: 2)
    #expect(page.value("kong_http_requests_total", ["consumer": ""]) == 2)
    #expect(page["kong_bandwidth_bytes"] == nil && page["kong_kong_latency_ms"] == nil)
  }

  @Test func theNodeTellsOfItself() throws {
    let fixture = try Fixture(plugins: "- {name: correlation-id}")
    for _ in 0..<2 { #expect(try fixture.gateway.get("/books").status == 200) }
    let page = try Exposition(parsing: try fixture.gateway.admin("GET", "/metrics").text)
    let node = try #require(try fixture.gateway.admin("GET", "/").json["node_id"].string)
    // The plugin is configured nowhere.
    #expect(
      page.names == [
        "kong_datastore_reachable", "kong_memory_workers_lua_vms_bytes", "kong_nginx_connections_total",
        "kong_nginx_requests_total", "kong_node_info",
      ])
    #expect(page.value("kong_node_info", ["node_id": node, "version": "3.9.3"]) == 1)
    #expect(page.value("kong_nginx_requests_total", ["node_id": node, "subsystem": "http"]) == 2)
    #expect((page.value("kong_nginx_connections_total", ["state": "accepted"]) ?? 0) >= 2)
    #expect(
      (page.value("kong_memory_workers_lua_vms_bytes", ["pid": "\(fixture.gateway.processID)"]) ?? 0) > 1_000_000)
    #expect(page.value("kong_datastore_reachable") == 1)
  }

  /// Counts are the process's: they survive a change of what is configured.
  @Test func countsSurviveAReload() throws {
    let fixture = try Fixture(plugins: "- {name: prometheus, config: {status_code_metrics: true}}")
    #expect(try fixture.gateway.get("/books").status == 200)
    _ = try fixture.page(requests: 1)
    let changed = fixture.declarative.replacing("{name: books,", with: "{name: novels,")
      .replacing("{status_code_metrics: true}", with: "{status_code_metrics: true, per_consumer: true}")
    try fixture.gateway.rewrite(changed)
    #expect(try fixture.gateway.command("reload").exitCode == 0)
    #expect(try fixture.gateway.get("/books").status == 200)
    let page = try fixture.page(requests: 2)
    #expect(page.value("kong_http_requests_total", ["route": "books"]) == 1)
    #expect(page.value("kong_http_requests_total", ["route": "novels"]) == 1)
  }

  @Test func theAPIIsToldOfIt() throws {
    let gateway = try AdminGateway.shared()
    #expect(try gateway.admin("GET", "/endpoints").text.contains("\"/metrics\""))
    let answers = try gateway.admin("GET", "/openapi.json").json["paths"]["/metrics"]["get"]["responses"]["200"]
    #expect(answers["content"]["text/plain; charset=UTF-8"] != .missing)
    #expect(try gateway.statusAPI("HEAD", "/metrics").status == 200)
    #expect(try gateway.admin("POST", "/metrics").status == 405)
  }
}
