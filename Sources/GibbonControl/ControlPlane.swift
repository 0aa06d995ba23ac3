// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
public import GibbonRouting
public import GibbonStore
internal import Synchronization

/// Turns entities into snapshots for the engine, sharing with the last one whatever did not change.
///
/// Thread-safe: one snapshot is built at a time, off the event loops.
public final class ControlPlane: Sendable {
  private let plugins: PluginRegistry
  private let flavor: GibbonRouting.RouterFlavor
  private let nodeID: EntityID
  private let build = Mutex<SnapshotBuild?>(nil)

  public init(plugins: PluginRegistry, flavor: GibbonRouting.RouterFlavor, nodeID: EntityID) {
    self.plugins = plugins
    self.flavor = flavor
    self.nodeID = nodeID
  }

  /// A snapshot, and what of the configuration is left out of it and why.
  public struct Result: Sendable {
    public let snapshot: Snapshot
    public let warnings: [String]
  }

  /// Builds the snapshot of a configuration.
  ///
  /// - Throws: when it cannot be served; the last one stays what the next build starts from.
  public func snapshot(of configuration: DeclarativeConfiguration) throws -> Result {
    try self.build.withLock { last in
      let next = try SnapshotBuild(
        configuration, after: last, plugins: self.plugins, flavor: self.flavor, nodeID: self.nodeID)
      last = next
      return Result(snapshot: next.snapshot, warnings: next.warnings)
    }
  }
}
