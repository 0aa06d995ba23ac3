// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonRouting
internal import GibbonSchema
internal import GibbonStore

/// One snapshot and everything the next one can take over from it.
struct SnapshotBuild: Sendable {
  private(set) var snapshot: Snapshot
  private(set) var warnings: [String] = []
  private let configuration: DeclarativeConfiguration
  private let directory: Directory
  private let pluginEntries: [EntityID: PluginEntry]
  private let pluginEntities: [EntityID: PluginEntity]
  private var routing: RoutingTable

  /// When more than this share of the routes changed, building anew is cheaper than replacing.
  private static let rebuildShare = 4

  init(
    _ configuration: DeclarativeConfiguration, after last: SnapshotBuild?, plugins: PluginRegistry,
    flavor: GibbonRouting.RouterFlavor, nodeID: EntityID
  ) throws {
    self.configuration = configuration
    let keepsDirectory = last.map { Self.sameDirectory($0.configuration, configuration) } ?? false
    if keepsDirectory, let last {
      self.directory = last.directory
    } else {
      self.directory = Directory(
        consumers: configuration.consumers, rows: configuration.rows, schemas: plugins.schemas.flatMap(\.entities))
    }
    let enabled = configuration.plugins.filter(\.isEnabled)
    var entries: [EntityID: PluginEntry] = [:]
    for entity in enabled {
      if keepsDirectory, let last, last.pluginEntities[entity.id] == entity, let known = last.pluginEntries[entity.id] {
        entries[entity.id] = known
        continue
      }
      entries[entity.id] = try Self.entry(
        for: PluginEnvironment(plugin: entity, nodeID: nodeID, directory: self.directory), plugins)
    }
    self.pluginEntries = entries
    self.pluginEntities = Dictionary(enabled.map { ($0.id, $0) }) { first, _ in first }
    let services = ServiceTable(configuration)
    let routes = configuration.routes.filter { route in
      route.protocols.contains(where: \.isHTTP) && route.service.map { services[$0] != nil } ?? true
    }
    var routing = last?.routing ?? RoutingTable(flavor: flavor)
    let problems = routing.use(routes, rebuildShare: Self.rebuildShare)
    self.routing = routing
    let streams = configuration.routes.count { !$0.protocols.contains(where: \.isHTTP) }
    self.warnings = services.warnings + problems
    if streams > 0 {
      self.warnings.append(
        "\(streams) routes with protocols tcp, tls, udp or tls_passthrough are left out: streams are not available in "
          + "this version of Gibbon")
    }
    var precedence = PluginPrecedence(
      enabled.compactMap { entity in
        entries[entity.id].map { PluginPrecedence.Candidate(entity: entity, entry: $0) }
      })
    var runtimes = [RouteRuntime?](repeating: nil, count: routing.handleLimit)
    for route in routes {
      guard let handle = routing.handle(of: route.id) else { continue }
      let service = route.service.flatMap { services[$0] }
      runtimes[handle] = RouteRuntime(
        entity: route, service: service, chain: precedence.chain(route: route.id, service: route.service))
    }
    self.snapshot = Snapshot(
      router: routing.router, routes: runtimes, globalChain: precedence.globalChain(),
      serviceSlots: services.count, hash: configuration.hash)
  }

  private static func entry(for environment: PluginEnvironment, _ plugins: PluginRegistry) throws -> PluginEntry {
    let entity = environment.plugin
    guard let descriptor = plugins.descriptor(named: entity.name) else {
      throw ControlError("plugin '\(entity.name)' not enabled; add it to the 'plugins' configuration property")
    }
    do {
      return PluginEntry(id: entity.id, descriptor: descriptor, instance: try plugins.make(environment))
    } catch {
      throw ControlError("plugin '\(entity.name)' (\(entity.id)) cannot be configured: \(error)")
    }
  }

  /// Whether plugins that hold on to the directory may be kept.
  private static func sameDirectory(_ left: DeclarativeConfiguration, _ right: DeclarativeConfiguration) -> Bool {
    guard left.consumers == right.consumers else { return false }
    let core = Set(EntityRegistry.coreNames)
    let names = Set(left.rows.keys).union(right.rows.keys).subtracting(core)
    return names.allSatisfy { left.rows[$0] ?? [] == right.rows[$0] ?? [] }
  }
}

/// The services that can be reached, each with its place in the snapshot.
struct ServiceTable {
  private var runtimes: [EntityID: ServiceRuntime] = [:]
  private(set) var warnings: [String] = []
  private(set) var count = 0

  init(_ configuration: DeclarativeConfiguration) {
    let upstreams = Dictionary(configuration.upstreams.map { ($0.name, $0) }) { first, _ in first }
    let targets = Dictionary(grouping: configuration.targets) { $0.upstream }
    for service in configuration.services where service.isEnabled {
      if let upstream = upstreams[service.host] {
        if upstream.algorithm != .roundRobin {
          self.warnings.append(
            "upstream '\(upstream.name)': algorithm '\(upstream.algorithm.rawValue)' is not available in this version "
              + "of Gibbon; its targets are used in weighted turns")
        }
        let endpoints = (targets[upstream.id] ?? []).compactMap(Self.endpoint)
        self.add(
          ServiceRuntime(entity: service, slot: self.count, endpoints: endpoints, hostHeader: upstream.hostHeader))
      } else {
        let endpoint = UpstreamEndpoint(host: service.host, port: UInt16(clamping: service.port))
        self.add(ServiceRuntime(entity: service, slot: self.count, endpoints: [endpoint], hostHeader: nil))
      }
    }
  }

  private mutating func add(_ runtime: ServiceRuntime) {
    self.runtimes[runtime.entity.id] = runtime
    self.count += 1
  }

  subscript(id: EntityID) -> ServiceRuntime? { self.runtimes[id] }

  /// `host:port`, port 8000 when a target names none.
  private static func endpoint(_ target: Target) -> UpstreamEndpoint? {
    let text = target.target
    let closing = text.lastIndex(of: "]")
    guard let colon = text.lastIndex(of: ":"), closing.map({ colon > $0 }) ?? true else {
      return UpstreamEndpoint(host: text, port: 8000, weight: target.weight)
    }
    guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    return UpstreamEndpoint(host: String(text[..<colon]), port: port, weight: target.weight)
  }
}
