// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonRouting
internal import GibbonSchema

/// One snapshot and everything the next one can take over from it. A change costs what it touches, whatever else
/// there is.
struct SnapshotBuild: Sendable {
  private(set) var snapshot: Snapshot
  private(set) var entities = EntityTables()
  private var upstreams = UpstreamTable()
  private var services = ServiceTable()
  private var certificates = CertificateTable()
  private var plugins: PluginTable
  private var routing: RoutingTable
  /// Routes whose service is disabled: no request gets there, but `explain` tells of them.
  private var disabled: RoutingTable
  private var runtimes = RouteTable()
  /// Routes of streams, which are left out.
  private var streamCount = 0
  private var unavailable = UnavailableParts()
  let directory: any CredentialDirectory

  /// An empty configuration.
  init(plugins: PluginTable, directory: any CredentialDirectory, flavor: GibbonRouting.RouterFlavor) {
    self.plugins = plugins
    self.directory = directory
    self.routing = RoutingTable(flavor: flavor)
    self.disabled = RoutingTable(flavor: flavor)
    self.snapshot = Snapshot(
      router: self.routing.router, routes: self.runtimes, globalChain: .empty, serviceSlots: 0, hash: "")
  }

  /// - Throws: `ControlError` when a plugin refuses its configuration and that refuses all; nothing is changed then.
  ///
  /// - Parameter vaults: those that references may name, without entities.
  mutating func apply(_ delta: EntityDelta, hash: String, vaults: Vaults) throws {
    let vaults = vaults.adding(self.entities.vaults.applying(delta.vaults).values)
    let prepared = try self.plugins.prepared(delta.plugins, vaults)
    // Nothing may hold on to the tables from here: they are changed in place, not copied.
    self.streamCount -= Self.streams(of: delta, in: self.entities)
    let formerNames = CertificateTable.names(of: delta, in: self.entities)
    self.entities.apply(delta)
    self.unavailable.apply(delta)
    self.streamCount += Self.streams(of: delta, in: self.entities)
    let names = self.upstreams.apply(delta, after: self.entities)
    let changedServices = self.services.apply(
      delta, self.upstreams, upstreamNames: names, after: self.entities)
    self.certificates.apply(delta, formerNames, after: self.entities, vaults)
    let reach = self.plugins.apply(prepared)
    self.changeRoutes(Set(delta.routes.keys), changedServices, reach)
    self.snapshot = Snapshot(
      router: self.routing.router, routes: self.runtimes, globalChain: self.plugins.precedence.globalChain(),
      serviceSlots: self.services.slotLimit, upstreams: self.upstreams.runtimes,
      certificates: self.certificates.index, hash: hash, disabled: self.disabled.router)
  }

  private mutating func changeRoutes(
    _ changed: Set<EntityID>, _ changedServices: Set<EntityID>, _ reach: PluginPrecedence.Reach
  ) {
    let reached = changedServices.union(reach.services)
    var touched = changed.union(reach.routes)
    if reach.isEverything || !reached.isEmpty {
      for route in self.entities.routes.values
      where reach.isEverything || route.service.map(reached.contains) == true {
        touched.insert(route.id)
      }
    }
    self.changeDisabled(touched)
    var put: [Route] = []
    var remove: [EntityID] = []
    for id in touched {
      guard let route = self.entities.routes[id], Self.isServed(route, self.services) else {
        if self.routing.handle(of: id) != nil { remove.append(id) }
        continue
      }
      // A route whose rules did not change keeps its place in the router.
      if changed.contains(id) || self.routing.handle(of: id) == nil { put.append(route) }
    }
    var changes = remove.compactMap { id in self.routing.handle(of: id).map { ($0, RouteRuntime?.none) } }
    let (routes, services) = (self.entities.routes, self.services)
    self.routing.change(put: put, remove: remove) { routes.values.filter { Self.isServed($0, services) } }
    for id in touched {
      guard let route = self.entities.routes[id], let handle = self.routing.handle(of: id) else { continue }
      changes.append((handle, self.runtime(route)))
    }
    self.runtimes.set(changes)
  }

  /// Keeps the routes apart that would match if their service were enabled.
  private mutating func changeDisabled(_ touched: Set<EntityID>) {
    let (routes, services) = (self.entities.routes, self.entities.services)
    func isDisabled(_ route: Route) -> Bool {
      route.protocols.contains(where: \.isHTTP) && route.service.flatMap { services[$0] }?.isEnabled == false
    }
    var put: [Route] = []
    var remove: [EntityID] = []
    for id in touched {
      if let route = routes[id], isDisabled(route) {
        put.append(route)
      } else if self.disabled.handle(of: id) != nil {
        remove.append(id)
      }
    }
    self.disabled.change(put: put, remove: remove) { routes.values.filter(isDisabled) }
  }

  /// What is left out, and why.
  var warnings: [String] {
    var warnings = self.entities.damaged.values.map(\.reason).sorted()
    warnings += self.upstreams.warnings + self.certificates.warnings + self.unavailable.warnings
    warnings += self.routing.problems + self.plugins.warnings
    if self.streamCount > 0 {
      warnings.append(
        "\(self.streamCount) routes with protocols tcp, tls, udp or tls_passthrough are left out: streams are not "
          + "available in this version of Gibbon")
    }
    return warnings
  }

  /// How many of the routes that a change names are for streams.
  private static func streams(of delta: EntityDelta, in tables: EntityTables) -> Int {
    delta.routes.keys.count { tables.routes[$0].map { !$0.protocols.contains(where: \.isHTTP) } ?? false }
  }

  /// Routes of a disabled service do not match.
  private static func isServed(_ route: Route, _ services: ServiceTable) -> Bool {
    route.protocols.contains(where: \.isHTTP) && route.service.map { services[$0] != nil } ?? true
  }

  private mutating func runtime(_ route: Route) -> RouteRuntime {
    if let damage = self.entities.damaged[route.id] {
      let entry = FailedPlugin.entry(for: PluginEntity(id: route.id, name: "damaged:route"), nil, reason: damage.reason)
      return RouteRuntime(entity: route, service: nil, chain: PluginChain(slots: [PluginSlot(fallback: entry)]))
    }
    return RouteRuntime(
      entity: route, service: route.service.flatMap { self.services[$0] },
      chain: self.plugins.precedence.chain(route: route.id, service: route.service),
      pathHandling: self.routing.honorsPathHandling ? route.pathHandling : .v0)
  }
}
