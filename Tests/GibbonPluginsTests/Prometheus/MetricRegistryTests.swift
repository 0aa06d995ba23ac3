// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// What is counted, where, and up to which limit.
@Suite struct MetricRegistryTests {
  // MARK: Counting

  @Test func eventLoopsAreAddedUp() throws {
    let registry = Metering.registry()
    let scope = Metering.scope("r")
    for loop in [0, 1, 2, 63, 64, 1000, -1, Int.min, Int.max] {
      #expect(registry.add(Metering.status(200), of: scope, loop: loop))
      #expect(registry.add(Metering.latencies(kong: loop & 7, proxy: 1, request: 1), of: scope, loop: loop))
    }
    let page = try Metering.page(registry)
    #expect(page.value("kong_http_requests_total") == 9 && page.value("kong_kong_latency_ms_count") == 9)
  }

  @Test func nothingIsLostWhenManyCountAndOneReads() async throws {
    let registry = Metering.registry()
    let scopes = (0..<50).map { Metering.scope("r\($0)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for loop in 0..<4 {
        group.addTask {
          for turn in 0..<5000 {
            var sample = Metering.latencies(kong: turn % 9, proxy: turn % 99, request: turn % 99)
            sample.status = .init(code: 200, isFromService: true)
            _ = registry.add(sample, of: scopes[turn % 50], loop: loop % 3)
          }
        }
      }
      group.addTask {
        // What the parser checks holds at any moment.
        for _ in 0..<20 { _ = try Metering.page(registry) }
      }
      try await group.waitForAll()
    }
    let page = try Metering.page(registry)
    #expect(page.values("kong_http_requests_total").reduce(0, +) == 20_000)
    #expect(page.values("kong_kong_latency_ms_count").reduce(0, +) == 20_000)
    #expect(page.value("kong_nginx_metric_errors_total") == 0)
  }

  @Test func routesAreNamedAsInKong() throws {
    let registry = Metering.registry()
    let nameless = RequestScope(names: MatchedNames(Route(), Service(host: "b.test")), consumer: nil)
    _ = registry.add(Metering.status(200), of: nameless, loop: 0)
    _ = registry.add(Metering.status(503, isFromService: false), of: Metering.scope("r", service: nil), loop: 0)
    let page = try Metering.page(registry)
    #expect(
      page.value("kong_http_requests_total", ["service": "b.test", "route": "\(nameless.names.routeID)"]) == 1)
    #expect(page.value("kong_http_requests_total", ["service": "", "route": "r", "code": "503"]) == 1)
  }

  @Test func aNewNameIsANewSeriesAndTheOldOneStays() throws {
    let registry = Metering.registry()
    var route = Route(name: "old")
    func count() {
      _ = registry.add(Metering.status(200), of: RequestScope(names: MatchedNames(route), consumer: nil), loop: 0)
    }
    count()
    count()
    route.name = "new"
    count()
    // Another route with a name that was there before goes on counting.
    route = Route(name: "old")
    count()
    let page = try Metering.page(registry)
    #expect(page.value("kong_http_requests_total", ["route": "old"]) == 3)
    #expect(page.value("kong_http_requests_total", ["route": "new"]) == 1)
  }

  @Test func consumersOfNoNameAreOfNone() throws {
    let registry = Metering.registry()
    let scope = RequestScope(names: MatchedNames(Route(name: "r")), consumer: Consumer(customID: "c"))
    _ = registry.add(Metering.status(200), of: scope, loop: 0)
    #expect(try Metering.page(registry).value("kong_http_requests_total", ["consumer": ""]) == 1)
  }

  @Test func aLoopForgetsScopesButNoCounts() throws {
    let registry = Metering.registry()
    let count = ShardValues.scopeLimit + 10
    for _ in 0..<count {
      // A route that is deleted and made again has another id.
      #expect(registry.add(Metering.status(200), of: Metering.scope("r"), loop: 0))
    }
    #expect(try Metering.page(registry).value("kong_http_requests_total") == Double(count))
  }

  // MARK: Limits

  @Test func seriesOverTheLimitAreCountedAsErrors() throws {
    let registry = Metering.registry(.init(values: 3))
    for index in 0..<5 {
      let isCounted = registry.add(Metering.status(200), of: Metering.scope("r\(index)"), loop: index)
      #expect(isCounted == (index < 3))
    }
    // Those that are in go on, on every loop.
    for loop in 0..<5 { #expect(registry.add(Metering.status(200), of: Metering.scope("r0"), loop: loop)) }
    let page = try Metering.page(registry)
    #expect(page.value("kong_nginx_metric_errors_total") == 2)
    #expect(page["kong_http_requests_total"]?.samples.count == 3)
    #expect(page.value("kong_http_requests_total", ["route": "r0"]) == 6)
  }

  @Test func aHistogramNeedsRoomForAllOfIt() throws {
    let registry = Metering.registry(.init(values: 15 + 18))
    #expect(!registry.add(Metering.latencies(kong: 1, proxy: 1, request: 1), of: Metering.scope("r"), loop: 0))
    let page = try Metering.page(registry)
    // The request's and the service's need 15 each; the gateway's 19 no longer fit.
    #expect(page["kong_request_latency_ms"] != nil && page["kong_upstream_latency_ms"] != nil)
    #expect(page["kong_kong_latency_ms"] == nil && page.value("kong_nginx_metric_errors_total") == 1)
  }

  @Test func labelsHaveALimitOfTheirOwn() throws {
    let registry = Metering.registry(.init(labelBytes: 1000))
    let long = String(repeating: "x", count: 1000)
    #expect(!registry.add(Metering.status(200), of: Metering.scope("r", consumer: long), loop: 0))
    #expect(registry.add(Metering.status(200), of: Metering.scope("r", consumer: "ann"), loop: 0))
    #expect(try Metering.page(registry)["kong_http_requests_total"]?.samples.count == 1)
  }

  @Test func noLimitIsToBeReadBeyond() throws {
    let registry = Metering.registry(.init(values: 0, labelBytes: 0))
    var sample = Metering.latencies(kong: .max, proxy: .max, request: .max)
    sample.status = .init(code: 0, isFromService: false)
    sample.sentBytes = .max
    sample.receivedBytes = .max
    #expect(!registry.add(sample, of: Metering.scope("r"), loop: 0))
    #expect(try Metering.page(registry).value("kong_nginx_metric_errors_total") == 6)
  }

  // MARK: Reading

  @Test func readingsLetTheLoopInBetweenSeries() {
    let series = (0..<1000).map { SeriesDirectory.Series(metric: .kongLatency, labels: [], place: $0 * 19) }
    let cuts = MetricShard.cuts(series, valueCount: 19_000)
    #expect(cuts.last == 19_000 && cuts.count == 5)
    #expect(cuts.allSatisfy { $0 % 19 == 0 } && cuts == cuts.sorted())
    #expect(MetricShard.cuts([], valueCount: 0) == [0])
  }
}
