// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonRouting
internal import GibbonStore

/// One snapshot and everything the next one can take over from it.
struct SnapshotBuild: Sendable {
  private(set) var snapshot: Snapshot
  private let services: ServiceTable
  private var plugins: PluginTable
  private var routing: RoutingTable
  private let streamRoutes: Int

  init(
    _ configuration: DeclarativeConfiguration, after last: SnapshotBuild?, registry: PluginRegistry,
    flavor: GibbonRouting.RouterFlavor, nodeID: EntityID
  ) throws {
    var plugins = try PluginTable(configuration, after: last?.plugins, registry: registry, nodeID: nodeID)
    let services = ServiceTable(configuration)
    let routes = configuration.routes.filter { Self.isServed($0, services) }
    var routing = last?.routing ?? RoutingTable(flavor: flavor)
    routing.use(routes)
    var runtimes = RouteTable()
    runtimes.set(
      routes.compactMap { route in
        routing.handle(of: route.id).map { ($0, Self.runtime(route, services, &plugins.precedence)) }
      })
    self.services = services
    self.plugins = plugins
    self.routing = routing
    self.streamRoutes = configuration.routes.count { !$0.protocols.contains(where: \.isHTTP) }
    self.snapshot = Snapshot(
      router: routing.router, routes: runtimes, globalChain: plugins.precedence.globalChain(),
      serviceSlots: services.count, hash: configuration.hash)
  }

  /// Changes some routes. Costs what the changed ones cost, and a copy of the table of pointers.
  mutating func change(put: [Route], remove: [EntityID]) {
    let served = put.filter { Self.isServed($0, self.services) }
    let unserved = put.filter { !Self.isServed($0, self.services) }.map(\.id)
    var runtimes = self.snapshot.routes
    runtimes.set((remove + unserved).compactMap { id in self.routing.handle(of: id).map { ($0, nil) } })
    self.routing.change(put: served, remove: remove + unserved)
    for route in served {
      guard let handle = self.routing.handle(of: route.id) else { continue }
      runtimes.set([(handle, Self.runtime(route, self.services, &self.plugins.precedence))])
    }
    self.snapshot = Snapshot(
      router: self.routing.router, routes: runtimes, globalChain: self.snapshot.globalChain,
      serviceSlots: self.snapshot.serviceSlots, hash: self.snapshot.hash)
  }

  /// What is left out, and why.
  var warnings: [String] {
    var warnings = self.services.warnings + self.routing.problems
    if self.streamRoutes > 0 {
      warnings.append(
        "\(self.streamRoutes) routes with protocols tcp, tls, udp or tls_passthrough are left out: streams are not "
          + "available in this version of Gibbon")
    }
    return warnings
  }

  /// Routes of a disabled service do not match.
  private static func isServed(_ route: Route, _ services: ServiceTable) -> Bool {
    route.protocols.contains(where: \.isHTTP) && route.service.map { services[$0] != nil } ?? true
  }

  private static func runtime(
    _ route: Route, _ services: ServiceTable, _ precedence: inout PluginPrecedence
  ) -> RouteRuntime {
    RouteRuntime(
      entity: route, service: route.service.flatMap { services[$0] },
      chain: precedence.chain(route: route.id, service: route.service))
  }
}
