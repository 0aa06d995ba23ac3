// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI

/// `prometheus`: counts requests, their bytes and their times, and shows that as a page that Prometheus reads.
public final class PrometheusPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var perConsumer: Bool?
    var statusCodeMetrics: Bool?
    var aiMetrics: Bool?
    var latencyMetrics: Bool?
    var bandwidthMetrics: Bool?
    var upstreamHealthMetrics: Bool?
  }

  /// The page, on the Admin and Status APIs.
  public static var endpoints: [PluginEndpoint] {
    [
      PluginEndpoint(
        "GET", "/metrics", summary: "The metrics of this node, in the text format of Prometheus",
        contentType: MetricsPage.contentType, onStatusAPI: true
      ) { request in
        PluginEndpoint.Response(
          contentType: MetricsPage.contentType,
          body: MetricsPage.text(of: request.node, MetricRegistry.node.readings()))
      }
    ]
  }

  private let isPerConsumer: Bool
  private let countsStatuses: Bool
  private let countsBytes: Bool
  private let measuresTimes: Bool
  private let showsTargets: Bool
  private let registry: MetricRegistry
  private let environment: PluginEnvironment

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.init(configuration, environment, registry: .node)
  }

  init(_ configuration: Configuration, _ environment: PluginEnvironment, registry: MetricRegistry) {
    self.isPerConsumer = configuration.perConsumer == true
    self.countsStatuses = configuration.statusCodeMetrics == true
    self.countsBytes = configuration.bandwidthMetrics == true
    self.measuresTimes = configuration.latencyMetrics == true
    self.registry = registry
    self.environment = environment
    self.showsTargets = configuration.upstreamHealthMetrics == true
    registry.instanceBegan()
    if self.showsTargets { registry.healthInstanceBegan() }
    self.sayWhatIsMissing(configuration)
  }

  deinit {
    self.registry.instanceEnded()
    if self.showsTargets { self.registry.healthInstanceEnded() }
  }

  public func log(_ context: RequestContext) throws {
    // As in Kong, what no route took is not counted.
    guard let names = context.matchedNames else { return }
    let consumer = self.isPerConsumer ? context.client.consumer : nil
    let outcome = context.outcome
    var sample = RequestSample()
    if self.countsBytes {
      sample.receivedBytes = outcome.requestSize
      sample.sentBytes = outcome.responseSize
    }
    if self.countsStatuses {
      sample.status = RequestSample.Status(
        code: context.response.status, isFromService: outcome.source == .upstream)
    }
    if self.measuresTimes { sample.latencies = outcome.latencies }
    let scope = RequestScope(names: names, consumer: consumer)
    if !self.registry.add(sample, of: scope, loop: context.loopNumber) { self.sayWhatIsLost() }
  }

  // MARK: The error log

  /// Once for all instances: they come and go with the configuration.
  private func sayWhatIsMissing(_ configuration: Configuration) {
    if configuration.aiMetrics == true, self.registry.isFirst(.noAI) {
      self.environment.report(.warn, "ai_metrics has no effect: this version does not measure that")
    }
  }

  private func sayWhatIsLost() {
    guard self.registry.isFirst(.limitReached) else { return }
    let limits = self.registry.limits
    self.environment.report(
      .error,
      "metrics have reached their limit of \(limits.values) values or \(limits.labelBytes) bytes of labels: "
        + "requests with other labels are not counted from now on, except in kong_nginx_metric_errors_total")
  }
}
