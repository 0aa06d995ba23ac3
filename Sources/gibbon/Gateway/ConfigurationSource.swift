// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonEngine
internal import GibbonIO
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// Where a node's entities are, and how what changes there reaches the traffic.
protocol ConfigurationSource: Sendable {
  var access: DataAccess { get }
  /// The snapshot to begin with.
  func first(_ configuration: Configuration) throws -> Snapshot
  /// Takes over a configuration that was read anew. What it has of entities counts only once `take` has returned.
  ///
  /// - Parameter take: makes the traffic served by a snapshot, nil for the one that is; called once. What it throws
  ///   leaves everything as it was.
  func reload(_ configuration: Configuration, _ take: @escaping @Sendable (Snapshot?) throws -> Void) throws
  func served() async -> ServedConfiguration
  /// In what way the datastore answers less than it should, as far as is known already; nil: in none.
  func condition() async -> String?
  /// Whether the datastore answers; nil without one.
  func isReachable() async -> Bool?
  /// Replaces all entities; only where they are declared.
  func load(_ declared: DeclarativeConfiguration) async throws
  func cached(_ key: String) -> JSONValue?
  func forgetCached(_ key: String?)
  /// Tells of what nodes are told over the datastore.
  func hearParameters(_ heard: @escaping @Sendable ([EntityChange]) async -> Void) async
  /// Called about every second.
  func tick() async
  func stop() async
}

extension ConfigurationSource {
  func hearParameters(_ heard: @escaping @Sendable ([EntityChange]) async -> Void) async {}
}

/// The engine, once there is one: what builds snapshots is made before it.
final class EngineBox: Sendable {
  private let engine = Mutex<Engine?>(nil)

  func set(_ engine: Engine) { self.engine.withLock { $0 = engine } }
  func use(_ snapshot: Snapshot) { self.engine.withLock { $0 }?.use(snapshot) }

  /// Frees what was replaced and nothing uses any more.
  func tidy() async {
    guard let engine = self.engine.withLock({ $0 }), engine.hasUnused else { return }
    try? await unhurried { engine.freeRetired() }
  }
}

/// A node without a database: entities come from a file, or whole through the Admin API, and stay in memory.
final class DeclaredSource: ConfigurationSource {
  let access: DataAccess
  private let store: MemoryStore
  private let entities: EntitySource
  private let control: ControlPlane
  private let engine: EngineBox
  private let errorLog: GibbonEngine.ErrorLog
  private let state = Mutex(ServedConfiguration(hash: "", revision: nil, since: 0))

  init(_ entities: EntitySource, _ control: ControlPlane, _ engine: EngineBox, _ errorLog: GibbonEngine.ErrorLog) {
    self.entities = entities
    self.control = control
    self.engine = engine
    self.errorLog = errorLog
    self.store = MemoryStore(registry: entities.registry, now: EntitySource.now)
    self.access = DataAccess(
      store: self.store, registry: entities.registry, isReadOnly: true, now: EntitySource.now)
  }

  func first(_ configuration: Configuration) throws -> Snapshot {
    let store = self.store
    try waiting { try await store.migrate(EntitySource.migrations) { _ in } }
    let first = Mutex<Snapshot?>(nil)
    try self.serve(try self.entities.load(configuration)) { snapshot in first.withLock { $0 = snapshot } }
    if configuration.declarative == nil { self.state.withLock { $0.hash = ServedConfiguration.emptyHash } }
    guard let snapshot = first.withLock({ $0 }) else { throw Failure("there is no configuration") }
    return snapshot
  }

  func reload(_ configuration: Configuration, _ take: @escaping @Sendable (Snapshot?) throws -> Void) throws {
    // What was given to the Admin API stays: there is nothing that would take its place.
    guard configuration.declarative != nil else { return try take(nil) }
    try waiting {
      try await unhurried { try self.serve(try self.entities.load(configuration)) { try take($0) } }
    }
  }

  func load(_ declared: DeclarativeConfiguration) async throws {
    try await unhurried { try self.serve(declared) { self.engine.use($0) } }
  }

  /// Makes everything ready, hands it to the traffic, and shows it to the Admin API once it is served. Nobody who asks
  /// meanwhile waits: locks are taken for the exchange alone. To be called for one configuration at a time.
  private func serve(_ declared: DeclarativeConfiguration, _ take: (Snapshot) throws -> Void) throws {
    let draft = try self.control.draft(of: declared)
    let contents = self.store.prepared(declared.rows, workspace: Workspace.defaultID)
    try take(draft.result.snapshot)
    self.control.keep(draft)
    self.store.replaceAll(contents)
    self.state.withLock {
      $0 = ServedConfiguration(hash: declared.hash, revision: nil, since: EntitySource.now())
    }
    for warning in declared.warnings { self.errorLog.write(.warn, "declarative config: \(warning.summary)") }
    for warning in draft.result.warnings { self.errorLog.write(.warn, warning) }
  }

  func served() async -> ServedConfiguration { self.state.withLock { $0 } }
  func isReachable() async -> Bool? { nil }
  func condition() async -> String? { nil }
  func cached(_ key: String) -> JSONValue? { nil }
  func forgetCached(_ key: String?) {}
  func tick() async {}
  func stop() async {}
}
