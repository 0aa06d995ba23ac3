// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonEngine
public import GibbonModel
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
        configuration, after: last, registry: self.plugins, flavor: self.flavor, nodeID: self.nodeID)
      last = next
      return Result(snapshot: next.snapshot, warnings: next.warnings)
    }
  }

  /// Builds the snapshot in which these routes are added or replaced and those removed; the cost does not
  /// depend on how many others there are. nil before the first configuration.
  public func snapshot(putting routes: [Route], removing ids: [EntityID] = []) -> Result? {
    self.build.withLock { last in
      // Taken out, so that its tables are changed in place.
      guard var next = last.take() else { return nil }
      next.change(put: routes, remove: ids)
      defer { last = next }
      return Result(snapshot: next.snapshot, warnings: next.warnings)
    }
  }
}
