// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonEngine
public import GibbonModel
public import GibbonPluginAPI
public import GibbonRouting
internal import GibbonSchema
public import GibbonStore
internal import Synchronization

/// Turns entities into snapshots for the engine, sharing with the last one whatever did not change.
///
/// Thread-safe: one snapshot is built at a time, off the event loops.
public final class ControlPlane: Sendable {
  private let plugins: PluginRegistry
  private let flavor: GibbonRouting.RouterFlavor
  private let nodeID: EntityID
  private let host: PluginHost
  /// What references in plugins' configurations are resolved with.
  private let secrets: NodeSecrets
  private let state = Mutex(State())

  private struct State {
    var build: SnapshotBuild?
    var credentials = DeclaredCredentials()
  }

  /// - Parameters:
  ///   - host: the node's error log and end, for plugins; by default nobody hears them.
  ///   - secrets: the vaults that references name; by default there are none.
  public init(
    plugins: PluginRegistry, flavor: GibbonRouting.RouterFlavor, nodeID: EntityID, host: PluginHost = PluginHost(),
    secrets: NodeSecrets = NodeSecrets()
  ) {
    self.secrets = secrets
    self.plugins = plugins
    self.flavor = flavor
    self.nodeID = nodeID
    self.host = host
  }

  /// A snapshot, and what of the configuration is left out of it and why.
  public struct Result: Sendable {
    public let snapshot: Snapshot
    public let warnings: [String]
  }

  // MARK: From a declarative configuration

  /// Builds the snapshot of a configuration.
  ///
  /// - Throws: when it cannot be served; the last one stays what the next build starts from.
  public func snapshot(of configuration: DeclarativeConfiguration) throws -> Result {
    try self.state.withLock { state in
      let core = Set(EntityRegistry.coreNames)
      let credentials = DeclaredCredentials(
        consumers: configuration.consumers, rows: configuration.rows.filter { !core.contains($0.key) })
      var tables = EntityTables(configuration)
      if let last = state.build {
        tables = tables.keepingTimes(of: last.entities, agesRoutes: self.flavor == .traditional)
      }
      var next: SnapshotBuild
      // Instances hold on to the directory: a new one means new instances.
      if let last = state.build, credentials.saySame(as: state.credentials) {
        next = last
      } else {
        let directory = Directory(
          consumers: credentials.consumers, rows: credentials.rows,
          schemas: self.plugins.schemas.flatMap(\.entities))
        next = self.emptyBuild(directory, .refuse)
      }
      try next.apply(
        EntityDelta(from: next.entities, to: tables), hash: configuration.hash, vaults: self.secrets.vaults)
      state = State(build: next, credentials: credentials)
      return Result(snapshot: next.snapshot, warnings: next.warnings)
    }
  }

  /// Builds the snapshot in which these routes are added or replaced and those removed; the cost does not
  /// depend on how many others there are. nil before the first configuration.
  public func snapshot(putting routes: [Route], removing ids: [EntityID] = []) -> Result? {
    var delta = EntityDelta()
    for route in routes { delta.routes.updateValue(route, forKey: route.id) }
    for id in ids { delta.routes.updateValue(nil, forKey: id) }
    return self.state.withLock { state in
      guard let hash = state.build?.snapshot.hash else { return nil }
      return try? self.apply(delta, hash: hash, to: &state.build)
    }
  }

  // MARK: From a store

  /// Builds the snapshot of everything that traffic depends on.
  ///
  /// A plugin that cannot be configured does not hold up the rest: requests it applies to are answered with 500.
  public func snapshot(of tables: EntityTables, credentials: CredentialCache, hash: String) throws -> Result {
    try self.state.withLock { state in
      if state.build?.directory !== credentials { state.build = self.emptyBuild(credentials, .failClosed) }
      let delta = EntityDelta(from: state.build?.entities ?? EntityTables(), to: tables)
      return try self.apply(delta, hash: hash, to: &state.build)
    }
  }

  /// Builds the snapshot after a change. nil before the first configuration.
  public func snapshot(applying delta: EntityDelta, hash: String) throws -> Result? {
    try self.state.withLock { state in
      state.build == nil ? nil : try self.apply(delta, hash: hash, to: &state.build)
    }
  }

  /// The plugins that are served and whose configuration names a consumer for requests without one.
  func pluginsWithAnonymous() -> [PluginEntity] {
    self.state.withLock { state in
      state.build?.entities.plugins.values.filter { $0.anonymous != nil } ?? []
    }
  }

  private func emptyBuild(_ directory: any CredentialDirectory, _ failure: PluginFailure) -> SnapshotBuild {
    SnapshotBuild(
      plugins: PluginTable(
        self.plugins, nodeID: self.nodeID, directory: directory, host: self.host, failure: failure),
      directory: directory, flavor: self.flavor)
  }

  private func apply(_ delta: EntityDelta, hash: String, to build: inout SnapshotBuild?) throws -> Result {
    // Taken out, so that its tables are changed in place.
    guard var next = build.take() else { throw ControlError("there is no configuration to change") }
    do {
      try next.apply(delta, hash: hash, vaults: self.secrets.vaults)
    } catch {
      build = next
      throw error
    }
    defer { build = next }
    return Result(snapshot: next.snapshot, warnings: next.warnings)
  }
}

extension PluginEntity {
  /// The consumer, by id or username, that requests without a credential count as.
  var anonymous: String? { self.config["anonymous"]?.stringValue }
}
