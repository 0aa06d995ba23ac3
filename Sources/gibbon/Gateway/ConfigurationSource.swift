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
  /// Takes over a configuration that was read anew.
  func reload(_ configuration: Configuration) throws
  func served() async -> ServedConfiguration
  /// Whether the datastore answers; nil without one.
  func isReachable() async -> Bool?
  /// Replaces all entities; only where they are declared.
  func load(_ declared: DeclarativeConfiguration) async throws
  func cached(_ key: String) -> JSONValue?
  func forgetCached(_ key: String?)
  /// Called about every second.
  func tick() async
  func stop() async
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
      store: self.store, registry: entities.registry, isReadOnly: true, inspection: entities.inspection,
      now: EntitySource.now)
  }

  func first(_ configuration: Configuration) throws -> Snapshot {
    let store = self.store
    try waiting { try await store.migrate(EntitySource.migrations) { _ in } }
    let declared = try self.entities.load(configuration)
    return try self.take(declared)
  }

  func reload(_ configuration: Configuration) throws {
    try waiting {
      try await unhurried { self.engine.use(try self.take(try self.entities.load(configuration))) }
    }
  }

  func load(_ declared: DeclarativeConfiguration) async throws {
    try await unhurried { self.engine.use(try self.take(declared)) }
  }

  /// Builds the snapshot; only when that succeeds, the Admin API shows the new entities.
  private func take(_ declared: DeclarativeConfiguration) throws -> Snapshot {
    try self.state.withLock { state in
      let built = try self.control.snapshot(of: declared)
      self.store.replaceAll(declared.rows, workspace: Workspace.defaultID)
      state = ServedConfiguration(hash: declared.hash, revision: nil, since: EntitySource.now())
      for warning in declared.warnings { self.errorLog.write(.warn, "declarative config: \(warning.summary)") }
      for warning in built.warnings { self.errorLog.write(.warn, warning) }
      return built.snapshot
    }
  }

  func served() async -> ServedConfiguration { self.state.withLock { $0 } }
  func isReachable() async -> Bool? { nil }
  func cached(_ key: String) -> JSONValue? { nil }
  func forgetCached(_ key: String?) {}
  func tick() async {}
  func stop() async {}
}
