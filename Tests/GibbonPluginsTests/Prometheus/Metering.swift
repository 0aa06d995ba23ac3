// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// Places for tests of metrics.
enum Metering {
  static let node = NodeReport(
    nodeID: .random(), hostname: "h", kongVersion: "3.9.3", processID: 4711, activeConnections: 2,
    acceptedConnections: 5, requests: 7, isDatastoreReachable: nil, residentBytes: 1_048_576)

  /// What the registry's page says, as text.
  static func text(_ registry: MetricRegistry, _ node: NodeReport = Metering.node) -> String {
    String(decoding: MetricsPage.text(of: node, registry.readings()), as: UTF8.self)
  }

  static func page(_ registry: MetricRegistry) throws -> Exposition { try Exposition(parsing: self.text(registry)) }

  /// A registry that an instance counts in.
  static func registry(_ limits: SeriesDirectory.Limits = .init()) -> MetricRegistry {
    let registry = MetricRegistry(limits: limits)
    registry.instanceBegan()
    return registry
  }

  static func scope(_ route: String?, service: String? = "shop", consumer: String? = nil) -> RequestScope {
    RequestScope(
      names: MatchedNames(Route(name: route), service.map { Service(name: $0, host: "a.test") }),
      consumer: consumer.map { Consumer(username: $0) })
  }

  static func latencies(kong: Int, proxy: Int, request: Int) -> RequestSample {
    RequestSample(latencies: RequestLatencies(kong: kong, proxy: proxy, request: request, receive: 0))
  }

  static func status(_ code: UInt16, isFromService: Bool = true) -> RequestSample {
    RequestSample(status: .init(code: code, isFromService: isFromService))
  }
}

extension MatchedNames {
  init(_ route: Route, _ service: Service? = nil) {
    self.init(
      routeID: route.id, routeName: route.name,
      service: service.map { ServiceNames(id: $0.id, name: $0.name, host: $0.host) })
  }
}
