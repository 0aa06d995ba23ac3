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
  private let state = Mutex(State())

  private struct State {
    var build: SnapshotBuild?
    var credentials = DeclaredCredentials()
  }

  /// - Parameter host: the node's error log and end, for plugins; by default nobody hears them.
  public init(
    plugins: PluginRegistry, flavor: GibbonRouting.RouterFlavor, nodeID: EntityID, host: PluginHost = PluginHost()
  ) {
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

  /// A snapshot that is not served yet. The next build starts from it once it was given to `keep`.
  public struct Draft: Sendable {
    public let result: Result
    fileprivate let build: SnapshotBuild
    fileprivate let credentials: DeclaredCredentials
  }

  /// Builds the snapshot of a configuration; nothing is changed. To be kept before another is made.
  ///
  /// - Throws: when it cannot be served.
  public func draft(of configuration: DeclarativeConfiguration) throws -> Draft {
    // A value: what is built from it leaves it as it is, and nobody waits for the lock meanwhile.
    let (build, former) = self.state.withLock { ($0.build, $0.credentials) }
    let core = Set(EntityRegistry.coreNames)
    let credentials = DeclaredCredentials(
      consumers: configuration.consumers, rows: configuration.rows.filter { !core.contains($0.key) })
    var tables = EntityTables(configuration)
    if let build {
      tables = tables.keepingTimes(of: build.entities, agesRoutes: self.flavor == .traditional)
    }
    var next: SnapshotBuild
    // Instances hold on to the directory: a new one means new instances.
    if let build, credentials.saySame(as: former) {
      next = build
    } else {
      let directory = Directory(
        consumers: credentials.consumers, rows: credentials.rows,
        schemas: self.plugins.schemas.flatMap(\.entities))
      next = self.emptyBuild(directory, .refuse)
    }
    try next.apply(EntityDelta(from: next.entities, to: tables), hash: configuration.hash)
    return Draft(
      result: Result(snapshot: next.snapshot, warnings: next.warnings), build: next, credentials: credentials)
  }

  /// What was drafted is served.
  public func keep(_ draft: Draft) {
    self.state.withLock { $0 = State(build: draft.build, credentials: draft.credentials) }
  }

  /// Builds the snapshot of a configuration that will be served in any case.
  ///
  /// - Throws: when it cannot be; the last one stays what the next build starts from.
  public func snapshot(of configuration: DeclarativeConfiguration) throws -> Result {
    let draft = try self.draft(of: configuration)
    self.keep(draft)
    return draft.result
  }

  /// Builds the snapshot in which these routes are added or replaced and those removed; the cost does not
  /// depend on how many others there are. nil before the first configuration.
  public func snapshot(putting routes: [Route], removing ids: [EntityID] = []) -> Result? {
    var delta = EntityDelta()
    for route in routes { delta.routes.updateValue(route, forKey: route.id) }
    for id in ids { delta.routes.updateValue(nil, forKey: id) }
    return self.state.withLock { state in
      guard let hash = state.build?.snapshot.hash else { return nil }
      return try? Self.apply(delta, hash: hash, to: &state.build)
    }
  }

  // MARK: From a store

  /// Builds the snapshot of everything that traffic depends on; nothing is changed.
  ///
  /// A plugin that cannot be configured does not hold up the rest: requests it applies to are answered with 500.
  public func draft(of tables: EntityTables, credentials: CredentialCache, hash: String) throws -> Draft {
    let (build, declared) = self.state.withLock { ($0.build, $0.credentials) }
    var next = build.flatMap { $0.directory === credentials ? $0 : nil } ?? self.emptyBuild(credentials, .failClosed)
    try next.apply(EntityDelta(from: next.entities, to: tables), hash: hash)
    return Draft(
      result: Result(snapshot: next.snapshot, warnings: next.warnings), build: next, credentials: declared)
  }

  /// The same where it will be served in any case.
  public func snapshot(of tables: EntityTables, credentials: CredentialCache, hash: String) throws -> Result {
    let draft = try self.draft(of: tables, credentials: credentials, hash: hash)
    self.keep(draft)
    return draft.result
  }

  /// Builds the snapshot after a change. nil before the first configuration.
  public func snapshot(applying delta: EntityDelta, hash: String) throws -> Result? {
    try self.state.withLock { state in
      state.build == nil ? nil : try Self.apply(delta, hash: hash, to: &state.build)
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

  private static func apply(_ delta: EntityDelta, hash: String, to build: inout SnapshotBuild?) throws -> Result {
    // Taken out, so that its tables are changed in place.
    guard var next = build.take() else { throw ControlError("there is no configuration to change") }
    do {
      try next.apply(delta, hash: hash)
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
